"""The paper's tables and the figures that compare accuracies, with every number as it is printed."""

from collections.abc import Mapping, Sequence
from typing import Any

from glico.experiments.methods import (
    ADDITIVE_NOISE,
    AUTOAUGMENT,
    BOTH,
    CUTOUT,
    CUTOUT_8,
    ERASING,
    GLICO,
    GLO,
    HYPERCUBE,
    LATENT_CLASSIFIER,
    LERP,
    NO_NOISE,
    STANDARD,
    TRANSDUCTIVE,
    UNLABELLED_1K,
    UNLABELLED_35K,
    versus,
)
from glico.experiments.table import Figure, Key, Method, Table

EPOCHS = 200  # section IV-C, for the generator; the authors' code's, for the classifier
BATCH = 128
IMAGES_PER_EPOCH = {"cifar10": 5_000, "cifar100": 50_000}  # after oversampling by 500 / k, the authors' code's


def _paper(dataset: str, **train: Any) -> dict[str, Any]:
    """The paper's protocol: 200 epochs of the oversampled sample (section IV-C), for generator and classifier."""
    steps = EPOCHS * IMAGES_PER_EPOCH[dataset] // BATCH
    return {
        "protocol": "paper",
        "note": "WideResNet-28-10, 200 epochs after oversampling, VGG perceptual loss",
        "datasets": (dataset,),
        "seeds": (0, 1, 2),
        "train": {"reconstruction": "perceptual", "steps": steps, "batch_size": BATCH, **train},
        "classify": {"classifier": "wideresnet-28-10", "steps": steps, "batch_size": BATCH},
    }


def _grid(dataset: str, methods: Sequence[Method], rows: Mapping[int, Sequence[str]]) -> dict[Key, Figure]:
    """Top-1 figures as printed: for each number of samples a class, one a method."""
    return {
        (dataset, count, method.name): Figure.printed(words)
        for count, row in rows.items()
        for method, words in zip(methods, row, strict=True)
    }


def _column(dataset: str, count: int, rows: Sequence[tuple[Method, *tuple[str, ...]]]) -> dict[Key, Figure]:
    """Figures as printed at one number of samples a class: top-1, and top-5 where it is printed."""
    return {(dataset, count, method.name): Figure.printed(*words) for method, *words in rows}


_LABELLED_ONLY = (STANDARD, GLICO, CUTOUT_8, ERASING)

PAPER = {
    "cifar10": Table(
        title="Fig. 6: CIFAR-10, labelled data only",
        samples_per_class=(10, 25, 50, 100, 250),
        methods=(STANDARD, GLICO, CUTOUT, ERASING),
        comparisons=versus(STANDARD, GLICO, CUTOUT, ERASING),
        **_paper("cifar10"),
    ),
    "cifar100": Table(
        title="Table I: CIFAR-100, labelled data only",
        samples_per_class=(10, 25, 50, 100),
        methods=_LABELLED_ONLY,
        comparisons=versus(*_LABELLED_ONLY),
        **_paper("cifar100"),
        figures=_grid("cifar100", _LABELLED_ONLY, {
            10: ("22.89±0.09", "28.55±0.40", "23.43±0.24", "23.26±0.27"),
            25: ("38.39±0.10", "43.84±0.25", "39.11±0.59", "37.45±0.15"),
            50: ("47.82±0.11", "52.95±0.20", "52.11±0.28", "50.50±0.41"),
            100: ("61.37±0.13", "64.27±0.04", "64.49±0.10", "64.03±0.22"),
        }),
    ),
    "ablation": Table(
        title="Table II: ablation study, CIFAR-100",
        samples_per_class=(25,),
        methods=(GLICO, STANDARD, GLO, NO_NOISE, LERP, TRANSDUCTIVE),
        comparisons=(*versus(STANDARD, GLICO), *versus(GLICO, GLO, NO_NOISE, LERP, TRANSDUCTIVE)),
        **_paper("cifar100"),
        figures=_column("cifar100", 25, [
            (GLICO, "43.84±0.25", "70.73±0.07"),
            (STANDARD, "38.39±0.18", "67.77±0.18"),
            (GLO, "41.57±0.54", "69.55±0.11"),
            (NO_NOISE, "43.31±0.02", "70.05±0.02"),
            (LERP, "43.01±0.06", "70.51±0.03"),
            (TRANSDUCTIVE, "44.79±0.12", "71.28±0.09"),
        ]),
    ),
    "choices": Table(
        title="Table III: additional design choices, CIFAR-100",
        samples_per_class=(25,),
        methods=(GLICO, LATENT_CLASSIFIER, HYPERCUBE, ADDITIVE_NOISE),
        comparisons=versus(GLICO, LATENT_CLASSIFIER, HYPERCUBE, ADDITIVE_NOISE),
        **_paper("cifar100"),
        figures=_column("cifar100", 25, [
            (LATENT_CLASSIFIER, "43.08±0.06", "70.22±0.05"),
            (HYPERCUBE, "44.21±0.61", "70.89±0.46"),
            (ADDITIVE_NOISE, "41.02±0.43", "68.10±0.11"),
        ]),
    ),
    "autoaugment": Table(
        title="Table IV: GLICO and AutoAugment, CIFAR-100, transductive",
        samples_per_class=(50,),
        methods=(STANDARD, GLICO, AUTOAUGMENT, BOTH),
        comparisons=(*versus(STANDARD, GLICO, AUTOAUGMENT, BOTH), *versus(AUTOAUGMENT, BOTH)),
        **_paper("cifar100", unlabelled="test"),
        figures=_column("cifar100", 50, [
            (STANDARD, "50.37±0.05", "75.61±0.01"),
            (GLICO, "53.35±0.23", "77.60±0.12"),
            (AUTOAUGMENT, "53.80±0.10", "79.18±0.13"),
            (BOTH, "56.31±0.02", "80.66±0.04"),
        ]),
    ),
    "unlabelled": Table(
        title="Table V: unlabelled images, CIFAR-100",
        samples_per_class=(25,),
        methods=(STANDARD, GLICO, UNLABELLED_1K, UNLABELLED_35K),
        comparisons=(*versus(STANDARD, GLICO), *versus(GLICO, UNLABELLED_1K, UNLABELLED_35K)),
        **_paper("cifar100"),
        figures=_column("cifar100", 25, [
            (STANDARD, "38.39±0.18"),
            (GLICO, "43.84±0.25"),
            (UNLABELLED_1K, "44.52±0.12"),
            (UNLABELLED_35K, "44.73±0.07"),
        ]),
    ),
}  # fmt: skip
"""By the name that the command line takes."""
