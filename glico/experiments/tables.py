"""The tables: the paper's, and scaled-down ones for a laptop. Cells whose method is not here are not declared."""

from typing import Any

from glico.experiments.table import Figure, Key, Method, Table

EPOCHS = 200  # section IV-C, for the generator; the authors' code's, for the classifier
BATCH = 128
IMAGES_PER_EPOCH = {"cifar10": 5_000, "cifar100": 50_000}  # after oversampling by 500 / k, the authors' code's

STANDARD = Method("standard", classify={"augmentation": "standard"})
GLICO = Method("GLICO", classify={"augmentation": "glico"})
GLO = Method("GLO", {"objective": "glo"}, {"augmentation": "glico"})
LERP = Method("GLICO, lerp", classify={"augmentation": "glico", "path": "lerp"})
CUTOUT = Method("Cutout", classify={"augmentation": "cutout"})
CUTOUT_8 = Method("Cutout", classify={"augmentation": "cutout", "cutout_side": 0.25})  # [12]: 8 of 32 on CIFAR-100
ERASING = Method("Random Erasing", classify={"augmentation": "random-erasing"})
MIXUP = Method("Mixup", classify={"augmentation": "mixup"})
AUTOAUGMENT = Method("AutoAugment", classify={"augmentation": "autoaugment"})
BOTH = Method("GLICO + AutoAugment", classify={"augmentation": "glico+autoaugment"})
NO_NOISE = Method("no noise", {"noise": "none"}, GLICO.classify)
TRANSDUCTIVE = Method("transductive", {"unlabelled": "test"}, GLICO.classify)
LATENT_CLASSIFIER = Method("latent classifier", {"classifier_input": "code"}, GLICO.classify)
HYPERCUBE = Method("hypercube initialisation", {"initialisation": "hypercube"}, GLICO.classify)
ADDITIVE_NOISE = Method("additive noise", {"noise": "add"}, GLICO.classify)


def _with_unlabelled(count: int) -> Method:
    train = {"unlabelled": "training", "unlabelled_limit": count}
    return Method(f"GLICO, {count} unlabelled", train, GLICO.classify)


UNLABELLED_1K = _with_unlabelled(1_000)
UNLABELLED_35K = _with_unlabelled(35_000)


def _versus(baseline: Method, *methods: Method) -> tuple[tuple[str, str], ...]:
    return tuple((method.name, baseline.name) for method in methods)


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


def _scaled_down(**settings: Any) -> dict[str, Any]:
    """The protocol for a laptop: the configuration's defaults."""
    note = "small CNN, a short training, Laplacian pyramid loss unless said otherwise"
    return {"protocol": "scaled-down", "note": note, "seeds": (0, 1, 2, 3, 4), **settings}


def _figures(dataset: str, count: int, rows: list[tuple[Method, *tuple[float, ...]]]) -> dict[Key, Figure]:
    return {(dataset, count, method.name): Figure(*numbers) for method, *numbers in rows}


TABLES = {
    "digits": Table(
        title="Digits: what GLICO adds, and what of it matters",
        samples_per_class=(5, 10),
        methods=(STANDARD, GLICO, GLO, LERP),
        comparisons=(*_versus(STANDARD, GLICO, GLO, LERP), *_versus(GLO, GLICO), *_versus(LERP, GLICO)),
        **_scaled_down(datasets=("digits",)),
    ),
    "cifar10-small": Table(
        title="CIFAR-10 for a laptop",
        samples_per_class=(10,),
        methods=(STANDARD, CUTOUT, ERASING, MIXUP, AUTOAUGMENT, GLO, GLICO, LERP, BOTH),
        comparisons=(
            *_versus(STANDARD, CUTOUT, ERASING, MIXUP, AUTOAUGMENT, GLO, GLICO, LERP, BOTH),
            *_versus(GLO, GLICO),
            *_versus(LERP, GLICO),
            *_versus(AUTOAUGMENT, BOTH),
        ),
        # Thousands of test images cost a small CNN as much as its training, were they scored as often as by default.
        **_scaled_down(datasets=(), classify={"evaluations": 4}),
    ),
    "cifar10": Table(
        title="Fig. 6: CIFAR-10, labelled data only",
        samples_per_class=(10, 25, 50, 100, 250),
        methods=(STANDARD, GLICO, CUTOUT, ERASING),
        comparisons=_versus(STANDARD, GLICO, CUTOUT, ERASING),
        **_paper("cifar10"),
    ),
    "cifar100": Table(
        title="Table I: CIFAR-100, labelled data only",
        samples_per_class=(10, 25, 50, 100),
        methods=(STANDARD, GLICO, CUTOUT_8, ERASING),
        comparisons=_versus(STANDARD, GLICO, CUTOUT_8, ERASING),
        **_paper("cifar100"),
        figures={
            **_figures(
                "cifar100",
                10,
                [(STANDARD, 22.89, 0.09), (GLICO, 28.55, 0.40), (CUTOUT_8, 23.43, 0.24), (ERASING, 23.26, 0.27)],
            ),
            **_figures(
                "cifar100",
                25,
                [(STANDARD, 38.39, 0.10), (GLICO, 43.84, 0.25), (CUTOUT_8, 39.11, 0.59), (ERASING, 37.45, 0.15)],
            ),
            **_figures(
                "cifar100",
                50,
                [(STANDARD, 47.82, 0.11), (GLICO, 52.95, 0.20), (CUTOUT_8, 52.11, 0.28), (ERASING, 50.50, 0.41)],
            ),
            **_figures(
                "cifar100",
                100,
                [(STANDARD, 61.37, 0.13), (GLICO, 64.27, 0.04), (CUTOUT_8, 64.49, 0.10), (ERASING, 64.03, 0.22)],
            ),
        },
    ),
    "ablation": Table(
        title="Table II: ablation study, CIFAR-100",
        samples_per_class=(25,),
        methods=(STANDARD, GLICO, GLO, NO_NOISE, LERP, TRANSDUCTIVE),
        comparisons=(*_versus(STANDARD, GLICO), *_versus(GLICO, GLO, NO_NOISE, LERP, TRANSDUCTIVE)),
        **_paper("cifar100"),
        figures=_figures(
            "cifar100",
            25,
            [
                (STANDARD, 38.39, 0.18, 67.77, 0.18),
                (GLICO, 43.84, 0.25, 70.73, 0.07),
                (GLO, 41.57, 0.54, 69.55, 0.11),
                (NO_NOISE, 43.31, 0.02, 70.05, 0.02),
                (LERP, 43.01, 0.06, 70.51, 0.03),
                (TRANSDUCTIVE, 44.79, 0.12, 71.28, 0.09),
            ],
        ),
    ),
    "choices": Table(
        title="Table III: additional design choices, CIFAR-100",
        samples_per_class=(25,),
        methods=(GLICO, LATENT_CLASSIFIER, HYPERCUBE, ADDITIVE_NOISE),
        comparisons=_versus(GLICO, LATENT_CLASSIFIER, HYPERCUBE, ADDITIVE_NOISE),
        **_paper("cifar100"),
        figures=_figures(
            "cifar100",
            25,
            [
                (LATENT_CLASSIFIER, 43.08, 0.06, 70.22, 0.05),
                (HYPERCUBE, 44.21, 0.61, 70.89, 0.46),
                (ADDITIVE_NOISE, 41.02, 0.43, 68.10, 0.11),
            ],
        ),
    ),
    "autoaugment": Table(
        title="Table IV: GLICO and AutoAugment, CIFAR-100, transductive",
        samples_per_class=(50,),
        methods=(STANDARD, GLICO, AUTOAUGMENT, BOTH),
        comparisons=(*_versus(STANDARD, GLICO, AUTOAUGMENT, BOTH), *_versus(AUTOAUGMENT, BOTH)),
        **_paper("cifar100", unlabelled="test"),
        figures=_figures(
            "cifar100",
            50,
            [
                (STANDARD, 50.37, 0.05, 75.61, 0.01),
                (GLICO, 53.35, 0.23, 77.60, 0.12),
                (AUTOAUGMENT, 53.80, 0.10, 79.18, 0.13),
                (BOTH, 56.31, 0.02, 80.66, 0.04),
            ],
        ),
    ),
    "unlabelled": Table(
        title="Table V: unlabelled images, CIFAR-100",
        samples_per_class=(25,),
        methods=(STANDARD, GLICO, UNLABELLED_1K, UNLABELLED_35K),
        comparisons=(
            *_versus(STANDARD, GLICO),
            *_versus(GLICO, UNLABELLED_1K, UNLABELLED_35K),
        ),
        **_paper("cifar100"),
        figures=_figures(
            "cifar100",
            25,
            [
                (STANDARD, 38.39, 0.18),
                (GLICO, 43.84, 0.25),
                (UNLABELLED_1K, 44.52, 0.12),
                (UNLABELLED_35K, 44.73, 0.07),
            ],
        ),
    ),
}
"""By the name that the command line takes."""
