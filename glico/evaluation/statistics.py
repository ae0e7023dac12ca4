"""Statistics over seeds: mean and standard error, a paired difference with its interval, and both in words.

A difference between methods has two sources of chance: the seeds, which determine sample and training, and the images
of the test split. An interval includes both. With n seeds tested on the same m images a difference
is a two-way layout with crossed random factors, one value d_si a seed s and image i: the seeds' variance of the mean
is that of the means over images, s^2 / n, and the images' own is that of the means over seeds less what these share
with the seeds', s_i^2 / m - s_e^2 / (n m). Their margins, Student's t of each, add in quadrature (Zou and Donner,
Statistics in Medicine 27, 2008), so that the interval is never narrower than the seeds' alone.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from glico.arrays import read_predictions
from glico.errors import GlicoError

LEAST_SEEDS = 3
"""With fewer seeds there is neither a standard error nor an interval: two seeds sometimes agree to a hundredth by
chance."""
MOST_SEEDS = 1_000_000
"""More seeds than this are out of reach."""

Key = TypeVar("Key")


class Hits(NamedTuple):
    """The correct predictions of a classifier: ``right`` (m,) bool for the images ``indices`` (m,) of a ``split``."""

    split: str
    indices: NDArray[np.int64]
    right: NDArray[np.bool_]


def read_hits(predictions: Path) -> Hits | None:
    """Return a finished run's correct predictions from its predictions.npz; None if that is missing or damaged."""
    try:
        return _read_hits(predictions, predictions.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _read_hits(path: Path, time: int) -> Hits | None:
    """Read the file, again if its ``time`` has changed."""
    arrays = read_predictions(path)
    if arrays is None:
        return None
    right = arrays["logits"].argmax(axis=1) == arrays["labels"]
    return Hits(str(arrays["part"]), arrays["indices"], right)


@dataclass(frozen=True)
class Estimate:
    """Mean over ``count`` seeds and its standard error (the paper's STE; nan below LEAST_SEEDS)."""

    mean: float
    standard_error: float
    count: int


@dataclass(frozen=True)
class PairedDifference:
    """Mean of method - baseline over shared seeds, its standard error over them and the interval (``low``, ``high``).

    ``agreeing`` of the ``count`` seeds have a difference with the sign of the mean, None if that is 0. Below
    LEAST_SEEDS the error and the interval are nan.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    agreeing: int | None
    count: int

    @property
    def verdict(self) -> Literal["higher", "lower", "cannot tell"]:
        """Return whether the interval excludes zero."""
        if self.low > 0:
            return "higher"
        return "lower" if self.high < 0 else "cannot tell"

    @property
    def margin(self) -> float:
        """Half the width of the interval: a mean farther from 0 would have been shown."""
        return self.high - self.mean


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and standard error s / sqrt(n), with s the sample's standard deviation (n - 1)."""
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        raise GlicoError("A mean over seeds needs at least one finished seed.")
    error = float(x.std(ddof=1) / np.sqrt(x.size)) if x.size >= LEAST_SEEDS else float("nan")
    return Estimate(float(x.mean()), error, x.size)


def paired_difference(
    method: Sequence[float],
    baseline: Sequence[float],
    images: NDArray[np.float64] | None = None,
    confidence: float = 0.95,
) -> PairedDifference:
    """Return the mean of ``method`` - ``baseline``, paired by seed, with its interval.

    ``images`` (n, m) are the differences seed by seed and image by image, whose rows have the differences of the
    values as their means (see :func:`image_differences`). Without them the interval is Student's over the seeds, which
    is right if every seed has test images
    of its own.
    """
    if len(method) != len(baseline):
        raise GlicoError(
            f"A paired difference needs the same seeds on both sides, not {len(method)} and {len(baseline)}."
        )
    from scipy.stats import t

    difference = np.asarray(method, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    d = estimate(list(difference))
    margin = float("nan")
    if d.count >= LEAST_SEEDS:
        margin = float(t.ppf((1 + confidence) / 2, d.count - 1)) * d.standard_error
        if images is not None and images.shape[1] > 1:
            chance = float(t.ppf((1 + confidence) / 2, images.shape[1] - 1)) * _error_of_images(images)
            margin = float(np.hypot(margin, chance))
    none = bool(np.isclose(d.mean, 0, atol=1e-12))  # differences of accuracies are not exact
    agreeing = None if none else int((np.sign(difference) == np.sign(d.mean)).sum())
    return PairedDifference(d.mean, d.standard_error, d.mean - margin, d.mean + margin, agreeing, d.count)


def seeds_needed(difference: PairedDifference, margin: float, confidence: float = 0.95) -> int | None:
    """Return the least number of seeds whose interval is expected to have at most this ``margin``.

    The standard deviation over seeds is taken to stay as it is in ``found``, and ``confidence`` to be that of its
    interval. The test images stay the same, so their part of the margin does not shrink: None if that part alone is
    too large, or if ``found`` has no interval.
    """
    if math.isnan(difference.margin):
        return None
    from scipy.stats import t

    def of_seeds(count: int) -> float:
        return float(t.ppf((1 + confidence) / 2, count - 1)) * deviation / math.sqrt(count)

    deviation = difference.standard_error * math.sqrt(difference.count)
    of_images = max(difference.margin**2 - of_seeds(difference.count) ** 2, 0.0)
    allowed = math.sqrt(max(margin**2 - of_images, 0.0)) + 1e-12
    if of_images > margin**2 or of_seeds(MOST_SEEDS) > allowed:
        return None
    low, high = LEAST_SEEDS - 1, MOST_SEEDS  # too few, and enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if of_seeds(middle) <= allowed else (middle, high)
    return high


def image_differences(
    method: Mapping[Key, Hits], baseline: Mapping[Key, Hits], seeds: Sequence[Key]
) -> NDArray[np.float64] | None:
    """(n, m) right (1) or wrong (0) of ``method`` less that of ``baseline``, seed by seed and image by image.

    None if the seeds were not all tested on the same images, or some do not say on which.
    """
    if not seeds or not all(seed in method and seed in baseline for seed in seeds):
        return None
    first = method[seeds[0]]
    for one in (results[seed] for seed in seeds for results in (method, baseline)):
        if one.split != first.split or not np.array_equal(one.indices, first.indices):
            return None
    return np.stack([method[seed].right.astype(np.float64) - baseline[seed].right for seed in seeds])


def _error_of_images(values: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of ``values`` (n, m) that comes from the images alone."""
    n, m = values.shape
    of_seeds, of_images = values.mean(axis=1), values.mean(axis=0)
    rest = values - of_seeds[:, None] - of_images + values.mean()
    variance = of_images.var(ddof=1) / m - (rest**2).sum() / ((n - 1) * (m - 1)) / (n * m)
    return float(np.sqrt(max(variance, 0.0)))


MISSING = "–"
VERDICTS = ("helps", "hurts")
VERDICT = "shown"
COMPARED = ("95 % interval", VERDICT, "seeds that agree")
"""The columns after the difference itself that :func:`in_words` fills."""
INTERVALS = (
    "Intervals hold what both the seeds and the choice of test images leave to chance; one that includes zero cannot "
    f"tell, and below {LEAST_SEEDS} seeds there is none."
)


def with_error(mean: float | None, error: float | None, signed: bool = False) -> str:
    """``mean ± error``; None and nan are left out."""
    if mean is None or math.isnan(mean):
        return MISSING
    rounded = round(mean, 2) + 0.0  # so that a tiny negative number is not -0.00
    number = (f"{rounded:+.2f}" if signed else f"{rounded:.2f}").replace("-", "−")
    return number if error is None or math.isnan(error) else f"{number} ± {error:.2f}"


def in_words(difference: PairedDifference, scale: float = 1.0, verdicts: tuple[str, str] = VERDICTS) -> list[str]:
    """Return the difference, its interval, its verdict and the seeds that agree on its sign, in units of 1 / ``scale``.

    ``verdicts`` are the words for a higher and for a lower value. One seed alone agrees with nothing.
    """
    low, high = (with_error(scale * end, None, signed=True) for end in (difference.low, difference.high))
    return [
        with_error(scale * difference.mean, scale * difference.standard_error, signed=True),
        MISSING if MISSING in (low, high) else f"{low} to {high}",
        {"higher": verdicts[0], "lower": verdicts[1]}.get(difference.verdict, difference.verdict),
        MISSING
        if difference.agreeing is None or difference.count < 2
        else f"{difference.agreeing} of {difference.count}",
    ]


def weight_of_one(counts: Collection[int]) -> str:
    """Return the weight of a single test image: "599 images: one is 0.17 points"; for several counts the range."""
    few, many = min(counts), max(counts)
    weight = f"one is {100 / few:.2g} points"
    return f"{few:,} images: {weight}" if few == many else f"{few:,} to {many:,} images: {weight} or less"
