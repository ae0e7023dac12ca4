"""What several seeds say together: mean and standard error, and a paired difference with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glico.errors import GlicoError


@dataclass(frozen=True)
class Estimate:
    """Mean over ``count`` seeds and its standard error (the paper's STE; nan for a single seed)."""

    mean: float
    standard_error: float
    count: int


@dataclass(frozen=True)
class PairedDifference:
    """Mean of method - baseline over shared seeds, its standard error and the t interval (``low``, ``high``).

    ``agreeing`` of the ``count`` seeds have a difference with the sign of the mean, None where that is 0. With a
    single seed the error and the interval are nan.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    agreeing: int | None
    count: int


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and standard error s / sqrt(n), with s the sample's standard deviation (n - 1)."""
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        raise GlicoError("A mean over seeds needs at least one finished seed.")
    error = float(x.std(ddof=1) / np.sqrt(x.size)) if x.size > 1 else float("nan")
    return Estimate(float(x.mean()), error, x.size)


def paired_difference(method: Sequence[float], baseline: Sequence[float], confidence: float = 0.95) -> PairedDifference:
    """Student's t interval of the mean of ``method`` - ``baseline``, value by value of the same seeds."""
    if len(method) != len(baseline):
        raise GlicoError(
            f"A paired difference needs the same seeds on both sides, not {len(method)} and {len(baseline)}."
        )
    from scipy.stats import t

    difference = np.asarray(method, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    d = estimate(list(difference))
    margin = float(t.ppf((1 + confidence) / 2, d.count - 1)) * d.standard_error if d.count > 1 else float("nan")
    none = bool(np.isclose(d.mean, 0, atol=1e-12))  # the differences of accuracies are no exact numbers
    agreeing = None if none else int((np.sign(difference) == np.sign(d.mean)).sum())
    return PairedDifference(d.mean, d.standard_error, d.mean - margin, d.mean + margin, agreeing, d.count)
