"""Tables for a laptop: the configurations' defaults, a small CNN and a short training. Never the paper's protocol."""

from typing import Any

from glico.experiments.methods import (
    AUTOAUGMENT,
    BOTH,
    CUTOUT,
    ERASING,
    GLICO,
    GLICO_PERCEPTUAL,
    GLO,
    GLO_PERCEPTUAL,
    LERP,
    MIXUP,
    PERCEPTUAL_STEPS,
    STANDARD,
    versus,
)
from glico.experiments.table import Search, Table


def _scaled_down(**settings: Any) -> dict[str, Any]:
    note = "small CNN, a short training, Laplacian pyramid loss unless said otherwise"
    return {"protocol": "scaled-down", "note": note, "seeds": (0, 1, 2, 3, 4), **settings}


# Thousands of test images cost a small CNN as much as its training, were they scored as often as by default.
# With the default gamma, GLICO's photographs stay class means in so few steps; with 0.05 they are sharp and their codes
# still form classes (README has the figures).
_CIFAR = _scaled_down(datasets=(), samples_per_class=(10,), train={"gamma": 0.05}, classify={"evaluations": 4})

SCALED_DOWN = {
    "digits": Table(
        title="Digits: what GLICO adds, and what of it matters",
        samples_per_class=(5, 10),
        methods=(STANDARD, GLICO, GLO, LERP),
        comparisons=(*versus(STANDARD, GLICO, GLO, LERP), *versus(GLO, GLICO), *versus(LERP, GLICO)),
        **_scaled_down(datasets=("digits",)),
    ),
    "cifar10-small": Table(
        title="CIFAR-10 for a laptop",
        methods=(STANDARD, CUTOUT, ERASING, MIXUP, AUTOAUGMENT, GLO, GLICO, LERP, BOTH),
        comparisons=(
            *versus(STANDARD, CUTOUT, ERASING, MIXUP, AUTOAUGMENT, GLO, GLICO, LERP, BOTH),
            *versus(GLO, GLICO),
            *versus(LERP, GLICO),
            *versus(AUTOAUGMENT, BOTH),
        ),
        **_CIFAR,
    ),
    # Shares all but the perceptual runs with the table above.
    "cifar10-perceptual": Table(
        title=f"CIFAR-10 for a laptop: perceptual loss ({PERCEPTUAL_STEPS} steps) against Laplacian pyramid",
        methods=(STANDARD, GLO, GLO_PERCEPTUAL, GLICO, GLICO_PERCEPTUAL),
        comparisons=(
            *versus(STANDARD, GLO, GLO_PERCEPTUAL, GLICO, GLICO_PERCEPTUAL),
            *versus(GLO, GLO_PERCEPTUAL),
            *versus(GLICO, GLICO_PERCEPTUAL),
            *versus(GLO_PERCEPTUAL, GLICO_PERCEPTUAL),
        ),
        **{**_CIFAR, "note": f"{_CIFAR['note']}; VGG's weights come with --vgg-weights FILE or --download"},
    ),
    "cifar10-tuned": Table(
        title="CIFAR-10 for a laptop: learning rate and weight decay chosen on the small sample",
        methods=(STANDARD, GLICO),
        comparisons=versus(STANDARD, GLICO),
        # A fifth of 10 a class are 20 images: one held-out part alone would tell little.
        search=Search({"learning_rate": (0.1, 0.03), "weight_decay": (5e-4, 5e-3)}, splits=(0, 1, 2)),
        **{**_CIFAR, "classify": {**_CIFAR["classify"], "schedule": "cosine"}},
    ),
}
"""By the name that the command line takes."""
