"""Tables for a laptop: the configurations' defaults, a small CNN and a short training. Never the paper's protocol."""

from typing import Any

from glico.experiments.methods import (
    ALL_THREE,
    AUTOAUGMENT,
    BOTH,
    CLASS_MIX,
    CLASS_MIX_AUTOAUGMENT,
    CLASS_MORPH,
    CLASS_MORPH_AUTOAUGMENT,
    CLASS_PATCH,
    CLASS_WARP_AUTOAUGMENT,
    CONTROLS,
    CUTOUT,
    DETAIL,
    DETAIL_OF_AUGMENTED,
    ERASING,
    GLICO,
    GLICO_PERCEPTUAL,
    GLO,
    GLO_PERCEPTUAL,
    LERP,
    MIXUP,
    MORPH_BOTH,
    PERCEPTUAL_STEPS,
    RANDAUGMENT_UNIFORM,
    RESIZEMIX,
    STANDARD,
    TRIVIAL,
    composed,
    versus,
)
from glico.experiments.table import Search, Table


def _scaled_down(**settings: Any) -> dict[str, Any]:
    note = "small CNN, a short training, Laplacian pyramid loss unless said otherwise"
    return {"protocol": "scaled-down", "note": note, "seeds": (0, 1, 2, 3, 4), **settings}


_DIGITS = _scaled_down(datasets=("digits",))
# Scored once: 5,000 test images take a sixth of a run's time. A batch is no larger than the sample of 100 images.
_CIFAR = _scaled_down(
    datasets=(), samples_per_class=(10,), seeds=tuple(range(10)), classify={"evaluations": 1, "batch_size": 64}
)

# A fifth of 10 images per class is 20 images, so one holdout alone would say little.
_SPLITS = (0, 1, 2)
_SEARCH = Search({"learning_rate": (0.1, 0.03), "weight_decay": (5e-4, 5e-3)}, _SPLITS)
_DRAWN = Search(
    {"replace_probability": (0.5, 0.8), "interpolation_factors": ((0.1, 0.2, 0.3, 0.4), (0.3, 0.4, 0.5))}, _SPLITS
)
_TUNED = "rate and weight decay chosen for every method on holdouts of the sample, which its generator has not seen"
_COSINE = {**_CIFAR["classify"], "schedule": "cosine"}
_LENGTHS = (300, 1_000, 3_000, 10_000)
_MOVED = (CLASS_MORPH_AUTOAUGMENT, CLASS_WARP_AUTOAUGMENT)
_WITH_AUTOAUGMENT = (CLASS_MIX_AUTOAUGMENT, *_MOVED, BOTH, MORPH_BOTH, ALL_THREE)
_CLOSE = (STANDARD, AUTOAUGMENT, TRIVIAL, CLASS_MIX, CLASS_PATCH, CLASS_MORPH, GLO, GLICO, DETAIL, *_WITH_AUTOAUGMENT)
_COMPARED = (
    *versus(STANDARD, *_CLOSE[1:]),
    *((GLICO.name, other.name) for other in (CLASS_MIX, CLASS_PATCH, GLO)),
    *((DETAIL.name, other.name) for other in (CLASS_MIX, GLICO)),
    *versus(AUTOAUGMENT, *_WITH_AUTOAUGMENT),
    *versus(CLASS_MIX, CLASS_MORPH),
    *versus(CLASS_MIX_AUTOAUGMENT, *_MOVED, BOTH, MORPH_BOTH, ALL_THREE),
    *versus(CLASS_WARP_AUTOAUGMENT, CLASS_MORPH_AUTOAUGMENT),
    *versus(BOTH, MORPH_BOTH, ALL_THREE),
)


def _regime(classifier: str) -> Table:
    """Return the table of a network that is large for a laptop and trained until it overfits, so that data is
    scarce."""
    name = classifier.replace("wideresnet", "WideResNet")
    return Table(
        title=f"CIFAR, {name}: the gain by training length",
        methods=_CLOSE,
        comparisons=_COMPARED,
        lengths=_LENGTHS,
        **{
            **_CIFAR,
            "note": f"{name}, cosine schedule; generators by the default settings",
            "classify": {**_COSINE, "classifier": classifier},
        },
    )


_UNIFORM_MIXUP, _UNIFORM_RESIZEMIX = (composed(RANDAUGMENT_UNIFORM, other) for other in (MIXUP, RESIZEMIX))
_CLASS_MIX_MIXUP, _AUGMENTED_MIX = composed(CLASS_MIX, MIXUP), composed(AUTOAUGMENT, CLASS_MIX)
_SOURCES_FIRST = (_AUGMENTED_MIX, DETAIL_OF_AUGMENTED)
_STRONGEST = (
    STANDARD,
    AUTOAUGMENT,
    TRIVIAL,
    RANDAUGMENT_UNIFORM,
    _UNIFORM_MIXUP,
    _UNIFORM_RESIZEMIX,
    CLASS_MIX,
    _CLASS_MIX_MIXUP,
    CLASS_MIX_AUTOAUGMENT,
    *_SOURCES_FIRST,
    CLASS_MORPH_AUTOAUGMENT,
    BOTH,
    ALL_THREE,
)


def _strongest(classifier: str) -> Table:
    """Return the table of the strongest compositions of augmentations that learn from the small sample alone."""
    name = classifier.replace("wideresnet", "WideResNet")
    return Table(
        title=f"CIFAR-10, {name}: composed augmentations",
        methods=_STRONGEST,
        comparisons=(
            *versus(STANDARD, *_STRONGEST[1:]),
            *versus(AUTOAUGMENT, *_STRONGEST[3:]),
            *versus(CLASS_MIX_AUTOAUGMENT, *_SOURCES_FIRST, CLASS_MORPH_AUTOAUGMENT, BOTH, ALL_THREE),
            *versus(ALL_THREE, DETAIL_OF_AUGMENTED),
        ),
        **{
            **_CIFAR,
            "seeds": (0, 1, 2, 3, 4),
            "note": f"{name}, 1,000 steps, cosine schedule; generators by the default settings",
            "classify": {**_COSINE, "classifier": classifier, "steps": 1_000},
        },
    )


_OTHERS = (CUTOUT, ERASING, MIXUP, AUTOAUGMENT)

SCALED_DOWN = {
    "digits": Table(
        title="Digits: what GLICO adds, and what of it matters",
        samples_per_class=(5, 10),
        methods=(STANDARD, *CONTROLS, GLICO, GLO, LERP, DETAIL),
        comparisons=(
            *versus(STANDARD, *CONTROLS, GLICO, GLO, LERP, DETAIL),
            *((GLICO.name, other.name) for other in (*CONTROLS, GLO, LERP)),
            *((DETAIL.name, other.name) for other in (CLASS_MIX, GLICO)),
        ),
        **_DIGITS,
    ),
    "cifar10-small": Table(
        title="CIFAR-10 for a laptop",
        methods=(STANDARD, *_OTHERS, *CONTROLS, GLO, GLICO, LERP, DETAIL, BOTH, ALL_THREE),
        comparisons=(
            *versus(STANDARD, *_OTHERS, *CONTROLS, GLO, GLICO, LERP, DETAIL, BOTH, ALL_THREE),
            *((GLICO.name, other.name) for other in (*CONTROLS, GLO, LERP)),
            *((DETAIL.name, other.name) for other in (CLASS_MIX, GLICO, MIXUP)),
            *versus(AUTOAUGMENT, BOTH, ALL_THREE),
            *versus(BOTH, ALL_THREE),
        ),
        **_CIFAR,
    ),
    # Shares its runs of 300 steps with the table above.
    "length-small": Table(
        title="CIFAR-10 for a laptop: the gain by training length",
        methods=(STANDARD, AUTOAUGMENT, CLASS_MIX, GLICO, DETAIL),
        comparisons=(
            *versus(STANDARD, AUTOAUGMENT, CLASS_MIX, GLICO, DETAIL),
            (GLICO.name, CLASS_MIX.name),
            *((DETAIL.name, other.name) for other in (CLASS_MIX, GLICO)),
        ),
        lengths=(300, 1_000, 3_000),
        **{**_CIFAR, "note": "small CNN, Laplacian pyramid loss"},
    ),
    # Shares all but the perceptual runs with cifar10-small.
    "cifar10-perceptual": Table(
        title="CIFAR-10 for a laptop: perceptual loss or Laplacian pyramid",
        methods=(STANDARD, GLO, GLO_PERCEPTUAL, GLICO, GLICO_PERCEPTUAL),
        comparisons=(
            *versus(STANDARD, GLO, GLO_PERCEPTUAL, GLICO, GLICO_PERCEPTUAL),
            *versus(GLO, GLO_PERCEPTUAL),
            *versus(GLICO, GLICO_PERCEPTUAL),
            *versus(GLO_PERCEPTUAL, GLICO_PERCEPTUAL),
        ),
        **{
            **_CIFAR,
            "note": f"{_CIFAR['note']}, for {PERCEPTUAL_STEPS} steps with the perceptual loss; VGG's weights come with "
            "--vgg-weights FILE or --download",
        },
    ),
    "wrn-16-1": _regime("wideresnet-16-1"),
    "wrn-16-2": _regime("wideresnet-16-2"),
    "length": Table(
        title="CIFAR, WideResNet-16-1, tuned: the gain by training length",
        methods=_CLOSE,
        comparisons=_COMPARED,
        lengths=_LENGTHS,
        search=_SEARCH,
        **{**_CIFAR, "note": f"WideResNet-16-1, {_TUNED}", "classify": {**_COSINE, "classifier": "wideresnet-16-1"}},
    ),
    "strongest-small": _strongest("small-cnn"),
    "strongest-wrn-16-1": _strongest("wideresnet-16-1"),
    "cifar10-chosen": Table(
        title="CIFAR-10 for a laptop: share of mixed images and t chosen",
        methods=(STANDARD, CLASS_MIX, GLICO, DETAIL),
        comparisons=(
            *versus(STANDARD, CLASS_MIX, GLICO, DETAIL),
            *((method.name, CLASS_MIX.name) for method in (GLICO, DETAIL)),
        ),
        search=_DRAWN,
        **{**_CIFAR, "classify": _COSINE},
    ),
    "cifar10-tuned": Table(
        title="CIFAR-10 for a laptop: rate and weight decay chosen",
        methods=(STANDARD, AUTOAUGMENT, CLASS_MIX, GLICO, DETAIL),
        comparisons=(
            *versus(STANDARD, AUTOAUGMENT, CLASS_MIX, GLICO, DETAIL),
            *((method.name, CLASS_MIX.name) for method in (GLICO, DETAIL)),
        ),
        search=_SEARCH,
        **{
            **_CIFAR,
            "note": f"small CNN, a short training, Laplacian pyramid loss; {_TUNED}",
            "classify": _COSINE,
        },
    ),
}
"""By the name that the command line takes."""
