"""Estimates as people read them: two decimals, the standard error beside the mean."""

import math

from glico.evaluation.statistics import PairedDifference

MISSING = "–"


def with_error(mean: float | None, error: float | None, signed: bool = False) -> str:
    """``mean ± error``; what is None or nan is left out."""
    if mean is None or math.isnan(mean):
        return MISSING
    rounded = round(mean, 2) + 0.0  # which makes no -0.00 of what is nearly none
    number = f"{rounded:+.2f}" if signed else f"{rounded:.2f}"
    return number if error is None or math.isnan(error) else f"{number} ± {error:.2f}"


def in_words(found: PairedDifference, scale: float = 1.0) -> list[str]:
    """The difference, its interval, and how many seeds agree on its sign; in units of 1 / ``scale``."""
    low, high = (with_error(scale * end, None, signed=True) for end in (found.low, found.high))
    return [
        with_error(scale * found.mean, scale * found.standard_error, signed=True),
        MISSING if MISSING in (low, high) else f"{low} to {high}",
        MISSING if found.agreeing is None else f"{found.agreeing} of {found.count}",
    ]
