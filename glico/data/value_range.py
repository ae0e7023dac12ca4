"""The values of images beyond 8 bits that are black and white: one range for a whole data set.

Cameras write 10 to 14 bits into 16, scanners signed numbers, programs floats of any scale. Taken at their word, most of
these are black, so the range is taken from the data set as a whole, and brightness stays comparable between images.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.data.preparation import Range
from glico.words import percent

Values = NDArray[Any]  # (H, W) or (H, W, 3), any real type
INTEGERS: Range = (0.0, 65535.0)  # as stored: black and white of 16 bits,
FLOATS: Range = (0.0, 1.0)  # of floats,
BYTES: Range = (0.0, 255.0)  # and of floats that hold 8 bits
BAND = 2**22  # values that are mapped at once
FULL_SHARE = 0.5  # if the values cover this share of the files' range, the range is kept as stored
CLIPPED = 0.005  # of the values at each end that percentiles leave out
MANY = 0.03  # of the values beyond one end of a range, which the person should know about
NARROW = 1 / 8  # of the range: what images should use at least
KEPT = 4096  # values of an image that the quantiles are taken from


@dataclass(frozen=True)
class ImageValues:
    """The values of one image beyond 8 bits: extremes, and evenly spaced quantiles of some (q,)."""

    low: float
    high: float
    quantiles: NDArray[np.float64]
    is_float: bool


@dataclass(frozen=True)
class FoundRange:
    """The values of the ``count`` images of one kind, whole numbers or floats: their ``extremes``, the ``percentiles``
    that leave out CLIPPED at each end, those that leave out MANY (``most``), and what their files are ``stored`` in."""

    extremes: Range
    percentiles: Range
    most: Range
    stored: Range
    count: int

    def range_for(self, choice: str) -> Range:
        """Return the range by the configuration's word: auto, stored, percentiles or LOW:HIGH."""
        if (given := given_range(choice)) is not None:
            return given
        low, high = self.stored
        is_within = low <= self.extremes[0] and self.extremes[1] <= high
        is_full = is_within and self.extremes[1] - self.extremes[0] >= FULL_SHARE * (high - low)
        if choice == "stored" or (choice == "auto" and is_full):
            return self.stored
        return _wide(self.percentiles if choice == "percentiles" else self.extremes)

    def note(self, chosen: Range) -> str:
        """Return a sentence about the range that is used."""
        low, high = map(_number, chosen)
        least, most = map(_number, self.extremes)
        images = f"{self.count} image{'s'[: self.count > 1]} beyond 8 bits"
        return f"{images} with values from {least} to {most}: {low} is black and {high} is white in all of them."

    def cautions(self, chosen: Range) -> list[str]:
        """Return sentences with the reasons against a range."""
        sentences = []
        used = (min(self.percentiles[1], chosen[1]) - max(self.percentiles[0], chosen[0])) / (chosen[1] - chosen[0])
        if used <= NARROW and self.extremes[0] < self.extremes[1]:
            sentences.append(
                f"Nearly all of these values use {percent(max(used, 0), 1)} of that range, so that the images "
                "have hardly any contrast: choose another range (--value-range percentiles)."
            )
        if self.most[0] < chosen[0] or self.most[1] > chosen[1]:
            sentences.append(
                f"More than {percent(MANY)} of these values are outside that range and are clipped: choose another "
                "range (--value-range auto)."
            )
        return sentences


@dataclass(frozen=True)
class Ranges:
    """The values of black and white in images beyond 8 bits, one pair for whole numbers and one for floats.

    ``written`` is the choice as the configuration writes it, ``notes`` and ``cautions`` are sentences for the person.
    ``choices`` writes every word of the configuration as LOW:HIGH, if one range fits all images beyond 8 bits.
    """

    integers: Range
    floats: Range
    written: str
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)

    def range_for(self, values: Values) -> Range:
        """Return the range of an image."""
        return self.floats if values.dtype.kind == "f" else self.integers


def given_range(choice: str) -> Range | None:
    """Return the range that is written as LOW:HIGH; None for a word."""
    low, colon, high = choice.partition(":")
    return (float(low), float(high)) if colon else None


def decide(images: Iterable[ImageValues], choice: str) -> Ranges:
    """Return one range for a data set, from the values of its images beyond 8 bits, by the configuration's ``choice``.

    If some are whole numbers and others floats, no single range fits, and both are used as they are stored.
    """
    measured = list(images)
    kinds = {is_float: [image for image in measured if image.is_float == is_float] for is_float in (False, True)}
    by_kind = {is_float: _found(own, is_float) for is_float, own in kinds.items() if own}
    is_mixed = len(by_kind) == 2 and given_range(choice) is None
    word = "stored" if is_mixed else choice
    chosen = {is_float: one.range_for(word) for is_float, one in by_kind.items()}
    notes = [one.note(chosen[is_float]) for is_float, one in by_kind.items()]
    cautions = [words for is_float, one in by_kind.items() for words in one.cautions(chosen[is_float])]
    if is_mixed and choice != "stored":
        notes.append("Whole numbers and floats have no range in common, so both are taken as they are stored.")
    default = given_range(choice)
    integers, floats = chosen.get(False, default or INTEGERS), chosen.get(True, default or FLOATS)
    written, choices = choice, {}
    if by_kind:
        written = "stored" if is_mixed else _written(next(iter(chosen.values())))
    if len(by_kind) == 1:
        (one,) = by_kind.values()
        choices = {word: _written(one.range_for(word)) for word in ("auto", "stored", "percentiles")}
    return Ranges(integers, floats, written, tuple(notes), tuple(cautions), choices)


def _found(images: list[ImageValues], is_float: bool) -> FoundRange:
    """Return the range of images of one kind.

    Whole numbers are stored in 16 bits; floats go from 0 to 1, or to 255 if the data set has one larger than 1.
    """
    extremes = min(image.low for image in images), max(image.high for image in images)
    every = np.concatenate([image.quantiles for image in images])
    low, least, most, high = np.quantile(every, (CLIPPED, MANY, 1 - MANY, 1 - CLIPPED)).tolist()
    stored = INTEGERS if not is_float else FLOATS if extremes[1] <= 1 else BYTES
    return FoundRange(extremes, (low, high), (least, most), stored, len(images))


def measure(values: Values) -> ImageValues:
    """Return the extremes and quantiles of an image's finite values; those of an image without any are 0."""
    flat = values.reshape(-1)
    is_float = values.dtype.kind == "f"
    if is_float:
        flat = flat[np.isfinite(flat)]
    if not flat.size:
        return ImageValues(0.0, 0.0, np.zeros(101), is_float)
    some = flat[:: max(1, flat.size // KEPT)].astype(np.float64)
    return ImageValues(float(flat.min()), float(flat.max()), np.quantile(some, np.linspace(0, 1, 201)), is_float)


def to_eight_bits(values: Values, value_range: Range) -> NDArray[np.uint8]:
    """Values (H, W) or (H, W, 3) -> uint8 of the same shape: the range to 0..255, and values outside it to its ends.

    Values that are not numbers become black. Colours of 16 bits as stored keep their upper 8, as Pillow has it.
    """
    if values.ndim == 3 and values.dtype == np.uint16 and value_range == INTEGERS:
        return (values >> 8).astype(np.uint8)
    low, high = value_range
    out = np.empty(values.shape, dtype=np.uint8)
    rows = max(1, BAND // max(1, int(np.prod(values.shape[1:]))))
    for top in range(0, len(values), rows):
        band = np.nan_to_num(values[top : top + rows].astype(np.float64), nan=low, posinf=high, neginf=low)
        out[top : top + rows] = np.rint((band.clip(low, high) - low) * (255 / (high - low)))
    return out


def _written(range_: Range) -> str:
    """Return a range as the configuration has it."""
    return "{:.9g}:{:.9g}".format(*range_)


def _wide(range_: Range) -> Range:
    """Return the range, or one around it if all values are equal."""
    low, high = range_
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _number(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
