"""Classifiers on a model's small sample, with and without augmentation, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from glico.api.arrays import positions_of, uint8_images
from glico.api.estimator import GLICO
from glico.api.measures import Model, checkpoint_of
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.relocation import relocated, source_of
from glico.config import ClassifyConfig
from glico.data import Dataset, load_configured
from glico.data.images import resize_images
from glico.data.preparation import Preparation
from glico.errors import GlicoError
from glico.evaluation.statistics import Hits, PairedDifference, estimate, image_differences, paired_difference
from glico.machine import reproducible
from glico.runs.launch import Watch
from glico.runs.launch import classify as classify_in_a_run
from glico.training.build import build_classification, scored_split
from glico.types import Progress

Test = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True)
class ClassifierResult:
    """The accuracy of classifiers that were trained with one augmentation method, one classifier per seed.

    Attributes:
        augmentation: the method.
        seeds: (s,) the seeds.
        accuracies: (s,) the share of test images that each classifier gets right.
        per_class: (K,) the mean accuracy on the images of each class; NaN for a class without test images.
        classes: (K,) the classes.
        test_images: how many images the classifiers were tested on.
        configs: the configuration of each run.
    """

    augmentation: str
    seeds: tuple[int, ...]
    accuracies: NDArray[np.float64]
    per_class: NDArray[np.float64]
    classes: NDArray[Any]
    test_images: int
    configs: tuple[ClassifyConfig, ...]
    _hits: Mapping[int, Hits] = field(repr=False)

    @property
    def accuracy(self) -> float:
        """The mean over the seeds."""
        return estimate(self.accuracies.tolist()).mean

    @property
    def standard_error(self) -> float:
        """The standard error of the mean over the seeds; NaN for fewer than three."""
        return estimate(self.accuracies.tolist()).standard_error

    def difference(self, baseline: "ClassifierResult") -> PairedDifference:
        """Return the accuracy of this method minus that of ``baseline``, paired over the seeds, with its 95 % interval.

        Raises GlicoError if the two have other seeds.
        """
        if set(self.seeds) != set(baseline.seeds):
            raise GlicoError(f"Cannot compare: the seeds are {self.seeds} and {baseline.seeds}. Use the same ones.")
        other = dict(zip(baseline.seeds, baseline.accuracies.tolist(), strict=True))
        images = image_differences(self._hits, baseline._hits, self.seeds)
        return paired_difference(self.accuracies.tolist(), [other[seed] for seed in self.seeds], images)

    def __str__(self) -> str:
        """Return the mean accuracy in percent, with its standard error if there is one."""
        error = "" if np.isnan(self.standard_error) else f" ± {100 * self.standard_error:.2f}"
        seeds = f"{len(self.seeds)} seed{'s' if len(self.seeds) > 1 else ''}"
        return f"{self.augmentation}: {100 * self.accuracy:.2f}{error} % of {self.test_images} test images, {seeds}"


@overload
def classify(
    model: Model,
    test: Test | None = None,
    *,
    augmentation: str = ...,
    seeds: Sequence[int] = ...,
    steps: int | None = ...,
    options: Mapping[str, Any] | None = ...,
    progress: Progress | None = ...,
) -> ClassifierResult: ...


@overload
def classify(model: ClassifyConfig, *, restart: bool = ..., progress: Watch | None = ...) -> dict[str, Any]: ...


def classify(model: Any, test: Test | None = None, **arguments: Any) -> ClassifierResult | dict[str, Any]:
    """Train classifiers on the small sample of a fitted ``model``, one per seed, and score them on test images.

    Args:
        model: a fitted :class:`glico.GLICO`, or a :class:`glico.Checkpoint`.
        test: images (m, H, W, C) uint8 and labels (m,), values of ``classes_``. None takes the test split of the data
            set that the model was fitted on, so it is needed for a model that was fitted on arrays.

    Keyword Args:
        augmentation (str): "none", "standard" (flip and crop), "glico", "glico+detail", "class-mix" and the
            other methods of ``glico classify --help``.
        seeds (Sequence[int]): one classifier for each.
        steps (int | None): of each classifier; None takes the default of :class:`glico.ClassifyConfig`.
        options (Mapping[str, Any] | None): further fields of that class by name, such as
            ``{"classifier": "wideresnet-16-1"}``, or ``{"dataset": "birds/"}`` for the data set of a loaded model.
        progress (Progress | None): called with the finished fraction in [0, 1] and the name of the stage.

    Returns:
        A :class:`glico.ClassifierResult`. For a :class:`glico.ClassifyConfig` in place of the model, the run's
        result.json as a dict: such a run has its own process and leaves a run folder, and takes ``restart``
        and a ``progress`` that is called with the run's state.

    Raises:
        GlicoError: if there is no test image, the test images do not fit the model, or an argument is wrong.

    Examples:
        >>> import glico
        >>> model = glico.load("checkpoints/digits-glico.safetensors")
        >>> result = glico.classify(model, augmentation="glico+detail", steps=2, seeds=[0])
        >>> result.augmentation, result.seeds, result.test_images
        ('glico+detail', (0,), 599)
    """
    if isinstance(model, ClassifyConfig):
        return classify_in_a_run(model, **arguments)
    return _classify(model, test, **arguments)


def _classify(
    model: Model,
    test: Test | None,
    augmentation: str = "glico",
    seeds: Sequence[int] = (0,),
    steps: int | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ClassifierResult:
    """See :func:`classify`."""
    checkpoint = checkpoint_of(model)
    if not len(seeds) or len(set(seeds)) < len(seeds):
        raise GlicoError("seeds must be one or more different whole numbers.")
    values = {"checkpoint": "", "augmentation": augmentation, **(options or {})}
    if steps is not None:
        values["steps"] = steps
    configs = tuple(ClassifyConfig.from_values({**values, "seed": seed}) for seed in seeds)
    if test is None:
        own = source_of(checkpoint.config, checkpoint.image_shape, download=False, dataset=configs[0].dataset)
        dataset = load_configured(own, progress)
        checkpoint = relocated(checkpoint, dataset)
    else:
        dataset = _tested_on(checkpoint, model, test)
        checkpoint = replace(checkpoint, indices=torch.arange(len(checkpoint.indices)))
    results, hits = [], {}
    for index, config in enumerate(configs):
        training = build_classification(config, checkpoint, dataset)
        with reproducible(training.device):
            for _ in training:
                if progress is not None:
                    share = (index + training.step / training.total_steps) / len(configs)
                    progress(share, f"training classifier {index + 1} of {len(configs)}")
            result = training.result()
        split, indices = scored_split(config, checkpoint, dataset)
        hits[config.seed] = Hits(split, indices, result.logits.argmax(axis=1) == result.labels)
        results.append(result.scores)
    return ClassifierResult(
        augmentation=augmentation,
        seeds=tuple(seeds),
        accuracies=np.array([scores.accuracy for scores in results]),
        per_class=np.mean([scores.per_class for scores in results], axis=0),
        classes=model.classes_ if isinstance(model, GLICO) else np.array(checkpoint.class_names),
        test_images=len(hits[seeds[0]].right),
        configs=configs,
        _hits=hits,
    )


def _tested_on(checkpoint: Checkpoint, model: Model, test: Test) -> Dataset:
    """Return the model's own images as a data set, with ``test`` as its test split."""
    images, labels = test
    pixels = uint8_images(images, "test images")
    classes = model.classes_ if isinstance(model, GLICO) else np.array(checkpoint.class_names)
    positions = positions_of(labels, classes, len(pixels), "test labels")
    prepared = resize_images(pixels, Preparation.from_config(checkpoint.config, checkpoint.image_shape))
    if prepared.shape[1:] != checkpoint.image_shape:
        raise GlicoError("The test images are grey and the model's are in colour: give images with three channels.")
    own = checkpoint.stored_images("train a classifier").numpy()
    return Dataset("The images", own, checkpoint.labels.numpy(), prepared, positions, checkpoint.class_names)
