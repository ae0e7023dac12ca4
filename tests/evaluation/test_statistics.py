"""Means, errors and paired differences against scipy."""

import numpy as np
import pytest
from scipy import stats

from glico.errors import GlicoError
from glico.evaluation.statistics import (
    Hits,
    estimate,
    image_differences,
    in_words,
    paired_difference,
    seeds_needed,
    weight_of_one,
    with_error,
)

VALUES = np.random.default_rng(0).normal(0.8, 0.02, (2, 7))


def test_the_standard_error_is_scipys() -> None:
    result = estimate(list(VALUES[0]))
    assert result.mean == pytest.approx(VALUES[0].mean())
    assert result.standard_error == pytest.approx(stats.sem(VALUES[0]))
    assert result.count == 7


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_paired_interval_is_scipys(confidence: float) -> None:
    result = paired_difference(list(VALUES[0]), list(VALUES[1]), confidence=confidence)
    interval = stats.ttest_rel(*VALUES).confidence_interval(confidence)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high))
    assert result.mean == pytest.approx((VALUES[0] - VALUES[1]).mean())


def test_agreeing_seeds_have_the_sign_of_the_mean() -> None:
    assert paired_difference([0.5, 0.6, 0.7, 0.7], [0.4, 0.5, 0.75, 0.7]).agreeing == 2
    assert paired_difference([0.4, 0.4], [0.5, 0.5]).agreeing == 2
    assert paired_difference([0.1, 0.6, 0.3], [0.2, 0.4, 0.4]).agreeing is None  # no sign to agree with


@pytest.mark.parametrize("count", [1, 2])
def test_below_three_seeds_there_is_no_error_and_no_interval(count: int) -> None:
    assert np.isnan(estimate([0.5] * count).standard_error)
    few = paired_difference([0.5] * count, [0.4] * count, np.full((count, 10), 0.1))
    assert few.mean == pytest.approx(0.1)
    assert np.isnan([few.standard_error, few.low, few.high]).all()
    assert in_words(few, 100) == ["+10.00", "–", "cannot tell", "2 of 2" if count == 2 else "–"]


def crossed(rng: np.random.Generator, n: int, m: int, of_seeds: float, of_images: float) -> np.ndarray:
    """Differences (n, m) around zero: a seed's effect, an image's own, and the rest."""
    rows, columns = rng.normal(0, of_seeds, (n, 1)), rng.normal(0, of_images, (1, m))
    return rows + columns + rng.normal(0, 0.5, (n, m))


@pytest.mark.parametrize(("of_seeds", "of_images"), [(0.02, 0.0), (0.0, 0.5), (0.02, 0.5)])
def test_interval_covers_chance_of_seeds_and_test_images(of_seeds: float, of_images: float) -> None:
    rng = np.random.default_rng(1)
    hits, tries = 0, 400
    for _ in range(tries):
        images = crossed(rng, 5, 300, of_seeds, of_images)
        result = paired_difference(list(images.mean(axis=1)), [0.0] * 5, images)
        alone = paired_difference(list(images.mean(axis=1)), [0.0] * 5)
        hits += result.low <= 0 <= result.high
        assert result.low <= alone.low, "never narrower than the seeds' alone"
    assert 0.925 <= hits / tries <= 0.999


def test_seeds_that_agree_by_chance_leave_the_test_images() -> None:
    images = np.zeros((3, 599))
    images[:, :3] = 1  # the same three images in every seed, as two digits runs had it
    result = paired_difference([3 / 599] * 3, [0.0] * 3, images)
    assert result.low < 0 < result.high
    assert result.verdict == "cannot tell"


def differences_of(count: int, deviation: float) -> np.ndarray:
    """``count`` differences around 0.01 with exactly this standard deviation."""
    noise = np.random.default_rng(count).normal(size=count)
    return 0.01 + deviation * (noise - noise.mean()) / noise.std(ddof=1)


@pytest.mark.parametrize("deviation", [0.004, 0.01, 0.03])
@pytest.mark.parametrize("count", [3, 8])
def test_seeds_needed_are_the_fewest_by_scipys_interval(count: int, deviation: float) -> None:
    """scipy's interval of so many seeds with the same standard deviation fits into the margin; of one seed less, not"""
    d = differences_of(count, deviation)
    needed = seeds_needed(paired_difference(list(d), [0.0] * count), 0.005)
    assert needed is not None

    def margin(n: int) -> float:
        interval = stats.ttest_rel(differences_of(n, deviation), np.zeros(n)).confidence_interval(0.95)
        return float(interval.high - interval.low) / 2

    assert margin(needed) <= 0.005
    assert needed == 3 or margin(needed - 1) > 0.005


def test_seeds_needed_reach_the_margin_in_a_simulation() -> None:
    """Margins of as many new seeds as are needed are, in the mean square, those of the wanted width."""
    rng = np.random.default_rng(3)
    needed = seeds_needed(paired_difference(list(differences_of(20, 0.01)), [0.0] * 20), 0.005)
    assert needed == 18
    margins = [paired_difference(list(rng.normal(0, 0.01, needed)), [0.0] * needed).margin for _ in range(2000)]
    assert np.sqrt(np.mean(np.square(margins))) == pytest.approx(0.005, rel=0.03)


def test_no_seeds_suffice_if_test_images_leave_more_to_chance() -> None:
    images = crossed(np.random.default_rng(1), 5, 300, 0.02, 0.5)
    result = paired_difference(list(images.mean(axis=1)), [0.0] * 5, images)
    alone = paired_difference(list(images.mean(axis=1)), [0.0] * 5)
    of_images = np.sqrt(result.margin**2 - alone.margin**2)
    assert seeds_needed(result, 0.9 * of_images) is None
    more, fewer = seeds_needed(result, 1.2 * of_images), seeds_needed(alone, 1.2 * of_images)
    assert more is not None
    assert fewer is not None
    assert more > fewer
    assert seeds_needed(paired_difference([0.5, 0.5], [0.4, 0.4]), 0.005) is None  # no interval yet
    assert seeds_needed(paired_difference([0.5] * 3, [0.5] * 3), 0.005) == 3


def test_images_are_compared_where_all_seeds_have_the_same() -> None:
    rng = np.random.default_rng(0)
    right = rng.random((4, 50)) < 0.6
    method, baseline = ({seed: Hits("test", np.arange(50), right[2 * seed + k]) for seed in (0, 1)} for k in (0, 1))
    result = image_differences(method, baseline, [0, 1])
    assert result is not None
    assert result.mean(axis=1) == pytest.approx(right[::2].mean(axis=1) - right[1::2].mean(axis=1))
    assert image_differences(method, baseline, [0, 2]) is None
    moved = baseline | {1: Hits("test", np.arange(1, 51), right[3])}
    assert image_differences(method, moved, [0, 1]) is None


def test_a_difference_is_said_in_words() -> None:
    better = paired_difference([0.6, 0.62, 0.61], [0.5, 0.51, 0.5])
    assert in_words(better)[2] == "helps"
    assert in_words(paired_difference([0.5, 0.51, 0.5], [0.6, 0.62, 0.61]))[2] == "hurts"
    assert in_words(better, verdicts=("farther", "closer"))[2] == "farther"
    assert with_error(-0.5, 0.25, signed=True) == "−0.50 ± 0.25"
    assert weight_of_one({599}) == "599 images: one is 0.17 points"
    assert weight_of_one({29}) == "29 images: one is 3.4 points"


def test_seeds_that_do_not_match_are_refused() -> None:
    with pytest.raises(GlicoError, match="same seeds"):
        paired_difference([0.5], [0.4, 0.5])
    with pytest.raises(GlicoError, match="at least one"):
        estimate([])
