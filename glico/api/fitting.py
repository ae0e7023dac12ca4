"""The training of a model in this process, and the classes as they were given to it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data import Sample
from glico.data.catalogue import settled_config
from glico.data.dataset import Dataset
from glico.data.sample import training_sample
from glico.machine import reproducible
from glico.training.latent_optimisation import LatentOptimisation
from glico.training.result import checkpoint_of
from glico.types import Progress

if TYPE_CHECKING:
    from glico.training.loop import Record

CLASSES = "classes"  # in a checkpoint's summary: the classes as passed to fit, if they are not texts


def learn(
    config: TrainConfig, dataset: Dataset, classes: NDArray[Any], verbose: bool, progress: Progress | None
) -> "tuple[Checkpoint, list[Record]]":
    """Train on ``dataset``, whose classes were given as ``classes`` (K,).

    Return the checkpoint, and the losses on the way. ``verbose`` shows a progress bar.
    """
    sample = training_sample(dataset, config)
    config = settled_config(config, dataset)
    if config.per_class == "all":
        sample = _in_order(sample)
    checkpoint, history = _train(config, sample, verbose, progress)
    if classes.dtype.kind not in "US":
        checkpoint.summary[CLASSES] = classes.tolist()
    return checkpoint, history


def classes_of(checkpoint: Checkpoint) -> NDArray[Any]:
    """Return the classes as they were given to :meth:`GLICO.fit`, else their names."""
    names = np.array(checkpoint.class_names)
    stored = checkpoint.summary.get(CLASSES)
    if not isinstance(stored, list) or [str(value) for value in stored] != names.tolist():
        return names
    return np.array(stored) if all(isinstance(value, bool | int) for value in stored) else names


def _in_order(sample: Sample) -> Sample:
    """Return the sample in the order of its data, the unlabelled images last."""
    order = np.lexsort((sample.indices, sample.labels < 0))
    return Sample(sample.images[order], sample.labels[order], sample.indices[order], sample.class_names)


def _train(
    config: TrainConfig, sample: Sample, verbose: bool, progress: Progress | None
) -> "tuple[Checkpoint, list[Record]]":
    """Return the checkpoint of the training, and the losses on the way."""
    history: list[Record] = []
    training = LatentOptimisation(config, sample)
    with reproducible(training.device), tqdm(total=training.total_steps, disable=not verbose, unit="step") as bar:
        for record in training:
            bar.update()
            if record is not None:
                history.append(record)
                bar.set_postfix(loss=f"{record['loss']:.4f}")
            if progress is not None:
                progress(training.step / training.total_steps, "training")
        return checkpoint_of(training, sample, config, history[-1]), history
