"""Estimates as people read them: two decimals, the standard error beside the mean, and what a difference shows."""

import math
from collections.abc import Collection

from glico.evaluation.statistics import LEAST_SEEDS, PairedDifference

MISSING = "–"
VERDICTS = ("helps", "hurts")
COMPARED = ("95 % interval", "shown", "seeds that agree")
"""The columns after the difference itself that :func:`in_words` fills."""
INTERVALS = (
    "Intervals hold what both the seeds and the choice of test images leave to chance; one that includes zero cannot "
    f"tell, and below {LEAST_SEEDS} seeds there is none."
)


def with_error(mean: float | None, error: float | None, signed: bool = False) -> str:
    """``mean ± error``; what is None or nan is left out."""
    if mean is None or math.isnan(mean):
        return MISSING
    rounded = round(mean, 2) + 0.0  # which makes no -0.00 of what is nearly none
    number = f"{rounded:+.2f}" if signed else f"{rounded:.2f}"
    return number if error is None or math.isnan(error) else f"{number} ± {error:.2f}"


def in_words(found: PairedDifference, scale: float = 1.0, verdicts: tuple[str, str] = VERDICTS) -> list[str]:
    """The difference, its interval, what it shows, and how many seeds agree on its sign; in units of 1 / ``scale``.

    ``verdicts`` are what a higher and a lower value is called.
    """
    low, high = (with_error(scale * end, None, signed=True) for end in (found.low, found.high))
    return [
        with_error(scale * found.mean, scale * found.standard_error, signed=True),
        MISSING if MISSING in (low, high) else f"{low} to {high}",
        {"higher": verdicts[0], "lower": verdicts[1]}.get(found.verdict, found.verdict),
        MISSING if found.agreeing is None else f"{found.agreeing} of {found.count}",
    ]


def weight_of_one(counts: Collection[int]) -> str:
    """How much a single test image weighs: "599 images: one is 0.17 points"; of several counts the range."""
    few, many = min(counts), max(counts)
    weight = f"one is {100 / few:.2g} points"
    return f"{few:,} images: {weight}" if few == many else f"{few:,} to {many:,} images: {weight} or less"
