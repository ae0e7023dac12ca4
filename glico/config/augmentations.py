"""The augmentation methods, one entry each. To add a method, add an entry.

A new step also needs a function in a module of glico.augmentation, and a new option a field of ClassifyConfig.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class Method:
    """An augmentation method: the steps applied to a batch, and the colour on the pages.

    ``steps`` are applied in order. "erasing:cutout" names the function ``cutout`` of ``glico.augmentation.erasing``,
    which is imported when the step is first used. ``options`` are the fields of ClassifyConfig that the method uses.
    ``colour`` identifies the method on every page. A ``generative`` method needs the checkpoint's generator.
    """

    steps: tuple[str, ...]
    colour: str
    options: tuple[str, ...] = ()
    generative: bool = False


STANDARD = "standard:crop_and_flip"  # "in all the experiments" (section IV-C), so also applied to generated images
JOINED = ("replace_probability", "interpolation_factors", "drawn_from")
LATENT = (*JOINED, "path", "least_confidence")

AUGMENTATIONS: dict[str, Method] = {
    "none": Method((), "#b9ac70"),
    "standard": Method((STANDARD,), "#94a4a2"),
    "cutout": Method((STANDARD, "erasing:cutout"), "#3f90da", ("replace_probability", "cutout_side")),
    "random-erasing": Method((STANDARD, "erasing:random_erasing"), "#ffa90e", ("replace_probability",)),
    "mixup": Method((STANDARD, "mixing:mixup"), "#bd1f01", ("replace_probability", "mix_alpha")),
    "cutmix": Method((STANDARD, "mixing:cutmix"), "#832db6", ("replace_probability", "mix_alpha")),
    "autoaugment": Method((STANDARD, "policies:autoaugment"), "#a96b59", ("replace_probability",)),
    "randaugment": Method((STANDARD, "policies:randaugment"), "#e76300", ("replace_probability",)),
    "trivialaugment": Method((STANDARD, "policies:trivialaugment"), "#92dadd", ("replace_probability",)),
    "class-mix": Method(("controls:class_mix", STANDARD), "#5c7a29", JOINED),
    "class-mix+autoaugment": Method(("controls:class_mix", STANDARD, "policies:autoaugment"), "#b5cf6b", JOINED),
    "class-patch": Method(("controls:class_patch", STANDARD), "#c77fb4", JOINED),
    "reconstruction": Method(
        ("between:reconstructions", STANDARD),
        "#5b6ee1",
        ("replace_probability", "drawn_from", "least_confidence"),
        generative=True,
    ),
    "glico": Method(("between:between_codes", STANDARD), "#12988c", LATENT, generative=True),
    "glico+detail": Method(("between:with_detail", STANDARD), "#0d5c63", LATENT, generative=True),
    "glico+autoaugment": Method(
        ("between:between_codes", STANDARD, "policies:autoaugment"), "#717581", LATENT, generative=True
    ),
    "glico+detail+autoaugment": Method(
        ("between:with_detail", STANDARD, "policies:autoaugment"), "#d98cb3", LATENT, generative=True
    ),
}
GENERATIVE = tuple(name for name, method in AUGMENTATIONS.items() if method.generative)
DETAILED = tuple(name for name, method in AUGMENTATIONS.items() if "between:with_detail" in method.steps)
"""The methods whose generated images keep the detail of the real ones."""

if TYPE_CHECKING:
    AugmentationName = str
else:
    AugmentationName = Literal[tuple(AUGMENTATIONS)]


def using(option: str) -> dict[str, Sequence[str]]:
    """Return the condition of a field that only some methods use."""
    return {"augmentation": tuple(name for name, method in AUGMENTATIONS.items() if option in method.options)}
