"""The augmentation methods. A method is one augmentation or several, the one then the other: "class-mix+autoaugment".

Any augmentations of PARTS can be composed. Before one that makes images from two of the sample, an augmentation of
images changes these two ("autoaugment+class-mix": augmented, then mixed); after it, or alone, it changes the cropped
images of the batch.

To add an augmentation, add an entry to PARTS; to offer it, or a composition, on the pages, add its name to COLOURS. A
new step also needs a function in a module of glico.augmentation, and a new option a field of ClassifyConfig.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, overload

from pydantic import AfterValidator

Kind = Literal["image", "label", "pair", "detail", "code"]


@dataclass(frozen=True)
class Part:
    """One augmentation. "erasing:cutout" names the function ``cutout`` of ``glico.augmentation.erasing``, which is
    imported when the ``step`` is first used.

    ``options`` are the fields of ClassifyConfig that it uses. ``kind`` says what it changes or is made of: each
    ``image`` by itself; images and their ``label``; a ``pair`` of images of a class; a pair of codes and the ``detail``
    of their images; or codes alone (``code``).
    """

    step: str
    options: tuple[str, ...]
    kind: Kind = "image"

    @property
    def generative(self) -> bool:
        """Whether it needs the checkpoint's generator."""
        return self.kind in ("detail", "code")

    @property
    def of_pairs(self) -> bool:
        """Whether it makes images from the sample, before these are cropped."""
        return self.kind in ("pair", "detail", "code")


@dataclass(frozen=True)
class Stage:
    """A step of a method, and the steps of the augmentations that change its sources first."""

    step: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """An augmentation method: the stages applied to a batch in order, and the ``colour`` that identifies it on every
    page. ``options`` and ``generative`` are those of its parts; with ``detail``, generated images keep that of the real
    ones."""

    stages: tuple[Stage, ...]
    colour: str
    options: tuple[str, ...] = ()
    generative: bool = False
    detail: bool = False


STANDARD = "standard:crop_and_flip"  # "in all the experiments" (section IV-C), so also applied to generated images
REPLACED = ("replace_probability",)
MIXED = (*REPLACED, "mix_alpha")
JOINED = (*REPLACED, "interpolation_factors", "drawn_from")
LATENT = (*JOINED, "path", "least_confidence")
UNMOVED = (*REPLACED, "drawn_from", "least_confidence")

UNCOMPOSED = ("none", "standard")
PARTS: dict[str, Part] = {
    "cutout": Part("erasing:cutout", (*REPLACED, "cutout_side")),
    "random-erasing": Part("erasing:random_erasing", REPLACED),
    "autoaugment": Part("policies:autoaugment", REPLACED),
    "randaugment": Part("policies:randaugment", REPLACED),
    "randaugment-uniform": Part("policies:randaugment_uniform", REPLACED),
    "trivialaugment": Part("policies:trivialaugment", REPLACED),
    "mixup": Part("mixing:mixup", MIXED, "label"),
    "cutmix": Part("mixing:cutmix", MIXED, "label"),
    "resizemix": Part("mixing:resizemix", REPLACED, "label"),
    "class-mix": Part("controls:class_mix", JOINED, "pair"),
    "class-patch": Part("controls:class_patch", JOINED, "pair"),
    "class-morph": Part("morphing:class_morph", JOINED, "pair"),
    "class-warp": Part("morphing:class_warp", JOINED, "pair"),
    "reconstruction": Part("between:reconstructions", UNMOVED, "code"),
    "glico": Part("between:between_codes", LATENT, "code"),
    "glico+detail": Part("between:with_detail", LATENT, "detail"),
}
COLOURS = {
    "none": "#b9ac70",
    "standard": "#94a4a2",
    "cutout": "#3f90da",
    "random-erasing": "#ffa90e",
    "mixup": "#bd1f01",
    "cutmix": "#832db6",
    "resizemix": "#e9967a",
    "autoaugment": "#a96b59",
    "randaugment": "#e76300",
    "randaugment-uniform": "#ffc27a",
    "trivialaugment": "#92dadd",
    "randaugment-uniform+mixup": "#6a1b4d",
    "randaugment-uniform+resizemix": "#d1495b",
    "class-mix": "#5c7a29",
    "class-mix+mixup": "#2f4b1c",
    "class-mix+autoaugment": "#b5cf6b",
    "autoaugment+class-mix": "#8aa83a",
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
MOST_PARTS = 4  # more make the names of runs too long for some file systems
OFFERED = tuple(COLOURS)
"""The methods that the pages offer, in their order."""


def parts_of(name: str) -> tuple[str, ...]:
    """Return the names of the augmentations that a method is composed of: none for "none" and "standard".

    Raises ValueError if a part is unknown or repeated, or cannot come before another.
    """
    if name in UNCOMPOSED:
        return ()
    parts = _split(name)
    if len(parts) > MOST_PARTS or len(set(parts)) < len(parts):
        raise ValueError(f"must have at most {MOST_PARTS} parts, each once")
    for place, part in enumerate(parts):
        before = [other for other in parts[:place] if not PARTS[other].of_pairs] if PARTS[part].of_pairs else []
        if mixed := next((other for other in before if PARTS[other].kind == "label"), None):
            raise ValueError(f"must be {_with_later(parts, mixed, part)} ({mixed} changes labels)")
        if before and PARTS[part].kind == "code":
            named = _with_later(parts, before[0], part)
            raise ValueError(f"must be {named} ({part} is made of codes, which {before[0]} cannot change)")
    return parts


def _with_later(parts: Sequence[str], early: str, part: str) -> str:
    """Return the name of the method with the part ``early`` right after another."""
    others = [other for other in parts if other != early]
    at = others.index(part) + 1
    return "+".join((*others[:at], early, *others[at:]))


def _split(name: str) -> tuple[str, ...]:
    """Return the parts of a name, one more than allowed at most; the longest that fits counts, so that "glico+detail"
    is one."""
    parts: list[str] = []
    rest = f"{name}+"
    while rest and len(parts) <= MOST_PARTS:
        fitting = [part for part in PARTS if rest.startswith(f"{part}+")]
        if not fitting:
            raise ValueError(f"must be none, standard, or some of {', '.join(PARTS)}, joined by +")
        parts.append(max(fitting, key=len))
        rest = rest[len(parts[-1]) + 1 :]
    return tuple(parts)


@cache
def augmentation_method(name: str) -> Method:
    """Return the method of this name. Raises ValueError as :func:`parts_of` does."""
    names = parts_of(name)
    parts = [PARTS[part] for part in names]
    before: list[Stage] = []
    waiting: list[str] = []  # steps of images: they change the sources of the next pair, or else the cropped batch
    for part in parts:
        if part.of_pairs:
            before.append(Stage(part.step, tuple(waiting)))
            waiting = []
        else:
            waiting.append(part.step)
    cropped = [] if name == "none" else [Stage(STANDARD)]
    options = tuple(dict.fromkeys(option for part in parts for option in part.options))
    return Method(
        (*before, *cropped, *map(Stage, waiting)),
        COLOURS.get(name) or COLOURS[names[0]],  # of its first part, if it has none of its own
        options,
        any(part.generative for part in parts),
        any(part.kind == "detail" for part in parts),
    )


def _is_method(name: str) -> str:
    augmentation_method(name)
    return name


AugmentationName = Annotated[str, AfterValidator(_is_method)]


class Using(Sequence[str]):
    """The methods that use an option: as a sequence those that the pages offer; any other composition is tested."""

    def __init__(self, option: str) -> None:
        self.option = option

    def __contains__(self, name: object) -> bool:
        try:
            return self.option in augmentation_method(str(name)).options
        except ValueError:
            return False

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        return tuple(self)[at]

    def __iter__(self) -> Iterator[str]:
        return (name for name in OFFERED if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def using(option: str) -> dict[str, Sequence[str]]:
    """Return the condition of a field that only some methods use."""
    return {"augmentation": Using(option)}
