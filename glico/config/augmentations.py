"""The augmentation methods. A method is one augmentation or several, the one then the other: "class-mix+autoaugment".

To add an augmentation, add an entry to PARTS; to offer it, or a composition, add its name to COLOURS. A new step also
needs a function in a module of glico.augmentation, and a new option a field of ClassifyConfig.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class Part:
    """One augmentation. "erasing:cutout" names the function ``cutout`` of ``glico.augmentation.erasing``, which is
    imported when the ``step`` is first used.

    ``options`` are the fields of ClassifyConfig that it uses. One ``of_pairs`` makes images from two of the sample,
    before these are cropped; any other changes the cropped images. A ``generative`` one needs the checkpoint's
    generator.
    """

    step: str
    options: tuple[str, ...]
    of_pairs: bool = False
    generative: bool = False


@dataclass(frozen=True)
class Method:
    """An augmentation method: the steps applied to a batch in order, and the ``colour`` that identifies it on every
    page. ``options`` and ``generative`` are those of its parts."""

    steps: tuple[str, ...]
    colour: str
    options: tuple[str, ...] = ()
    generative: bool = False


STANDARD = "standard:crop_and_flip"  # "in all the experiments" (section IV-C), so also applied to generated images
REPLACED = ("replace_probability",)
JOINED = (*REPLACED, "interpolation_factors", "drawn_from")
LATENT = (*JOINED, "path", "least_confidence")
UNMOVED = (*REPLACED, "drawn_from", "least_confidence")

PARTS: dict[str, Part] = {
    "cutout": Part("erasing:cutout", (*REPLACED, "cutout_side")),
    "random-erasing": Part("erasing:random_erasing", REPLACED),
    "mixup": Part("mixing:mixup", (*REPLACED, "mix_alpha")),
    "cutmix": Part("mixing:cutmix", (*REPLACED, "mix_alpha")),
    "autoaugment": Part("policies:autoaugment", REPLACED),
    "randaugment": Part("policies:randaugment", REPLACED),
    "trivialaugment": Part("policies:trivialaugment", REPLACED),
    "class-mix": Part("controls:class_mix", JOINED, of_pairs=True),
    "class-patch": Part("controls:class_patch", JOINED, of_pairs=True),
    "class-morph": Part("morphing:class_morph", JOINED, of_pairs=True),
    "class-warp": Part("morphing:class_warp", JOINED, of_pairs=True),
    "reconstruction": Part("between:reconstructions", UNMOVED, of_pairs=True, generative=True),
    "glico": Part("between:between_codes", LATENT, of_pairs=True, generative=True),
    "glico+detail": Part("between:with_detail", LATENT, of_pairs=True, generative=True),
}
COLOURS = {
    "none": "#b9ac70",
    "standard": "#94a4a2",
    "cutout": "#3f90da",
    "random-erasing": "#ffa90e",
    "mixup": "#bd1f01",
    "cutmix": "#832db6",
    "autoaugment": "#a96b59",
    "randaugment": "#e76300",
    "trivialaugment": "#92dadd",
    "class-mix": "#5c7a29",
    "class-mix+autoaugment": "#b5cf6b",
    "class-patch": "#c77fb4",
    "class-morph": "#1f4e9c",
    "class-morph+autoaugment": "#8fa8ff",
    "class-warp": "#7a5c00",
    "class-warp+autoaugment": "#d9c36a",
    "reconstruction": "#5b6ee1",
    "glico": "#12988c",
    "glico+detail": "#0d5c63",
    "glico+autoaugment": "#717581",
    "glico+detail+autoaugment": "#d98cb3",
}


def parts_of(name: str) -> tuple[str, ...]:
    """Return the names of the augmentations that a method is composed of: none for "none" and "standard"."""
    if name in ("none", "standard"):
        return ()
    first = max((part for part in PARTS if f"{name}+".startswith(f"{part}+")), key=len)
    return (first, *(parts_of(name[len(first) + 1 :]) if name != first else ()))


def _method(name: str, colour: str) -> Method:
    parts = [PARTS[part] for part in parts_of(name)]
    cropped = () if name == "none" else (STANDARD,)
    before, after = ([part.step for part in parts if part.of_pairs is of_pairs] for of_pairs in (True, False))
    options = tuple(dict.fromkeys(option for part in parts for option in part.options))
    return Method((*before, *cropped, *after), colour, options, any(part.generative for part in parts))


AUGMENTATIONS = {name: _method(name, colour) for name, colour in COLOURS.items()}
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
