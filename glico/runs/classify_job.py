"""A classifier run as a job: leaves result.json, predictions.npz and classifier.safetensors."""

from dataclasses import asdict

import numpy as np
from safetensors.torch import save

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.relocation import relocated, source_of
from glico.config import ClassifyConfig
from glico.config.data import PREPARATION
from glico.data.dataset import Dataset
from glico.formats import json_text
from glico.pixels import to_uint8
from glico.runs.job import Arrays, Job
from glico.runs.kinds import KINDS
from glico.runs.shared import load_shared
from glico.runs.writing import RunWriter
from glico.training.build import build_classification, scored_split
from glico.training.classification import Classification
from glico.types import Progress

SHOWN = 32  # images of a preview
ABOUT = ("classifier", "pretrained", "learning", "scored_on")  # settings that every result repeats


def build(config: ClassifyConfig, progress: Progress) -> Job:
    """Return a classifier on the checkpoint's small sample, tested on the data set that the sample was drawn from."""
    checkpoint = Checkpoint.load(config.checkpoint)
    dataset = load_shared(
        source_of(checkpoint.config, checkpoint.image_shape, config.download, config.dataset), progress
    )
    checkpoint = relocated(checkpoint, dataset)
    training = build_classification(config, checkpoint, dataset)
    return Job(
        training,
        lambda writer: _finish(writer, training, checkpoint, dataset),
        preview=lambda: _preview(training),
    )


def _finish(writer: RunWriter, training: Classification, checkpoint: Checkpoint, dataset: Dataset) -> None:
    config, result = training.config, training.result()
    split, indices = scored_split(config, checkpoint, dataset)
    predictions: Arrays = {
        "labels": result.labels,
        "logits": result.logits,
        "indices": indices,
        "part": np.array(split),
    }
    writer.write_arrays(KINDS["classify"].output, predictions)

    if config.store_classifier:
        _save_classifier(writer, training, checkpoint)
    about = {name: getattr(config, name) for name in ABOUT} | {"class_names": checkpoint.class_names}
    scores = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(result.scores).items()
    }
    writer.write_result(scores | about)


def _save_classifier(writer: RunWriter, training: Classification, checkpoint: Checkpoint) -> None:
    about: dict[str, object] = {
        "image_shape": checkpoint.image_shape,
        "side": training.scored.side,
        "class_names": checkpoint.class_names,
    }
    about["preparation"] = {name: getattr(checkpoint.config, name) for name in PREPARATION}
    header = {"classifier": training.config.classifier} | {name: json_text(value) for name, value in about.items()}
    state = {name: tensor.cpu().contiguous() for name, tensor in training.scored.state_dict().items()}
    writer.write_file("classifier.safetensors", save(state, header))


def _preview(training: Classification) -> Arrays | None:
    """Return ``images`` (32, H, W, C) uint8 of the last batch, and ``generated``, ``refused``, ``labels`` (32,)."""
    if not hasattr(training, "batch"):
        return None
    batch = training.batch
    return {
        "images": to_uint8(batch.images[:SHOWN]),
        "generated": batch.generated[:SHOWN].cpu().numpy(),
        "refused": batch.refused[:SHOWN].cpu().numpy(),
        "labels": batch.targets[:SHOWN].argmax(dim=1).cpu().numpy(),
        "step": np.array(training.step),
    }
