"""Means, errors and paired differences against scipy."""

import numpy as np
import pytest
from scipy import stats

from glico.errors import GlicoError
from glico.evaluation.statistics import estimate, paired_difference

VALUES = np.random.default_rng(0).normal(0.8, 0.02, (2, 7))


def test_the_standard_error_is_scipys() -> None:
    found = estimate(list(VALUES[0]))
    assert found.mean == pytest.approx(VALUES[0].mean())
    assert found.standard_error == pytest.approx(stats.sem(VALUES[0]))
    assert found.count == 7


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_paired_interval_is_scipys(confidence: float) -> None:
    found = paired_difference(list(VALUES[0]), list(VALUES[1]), confidence)
    interval = stats.ttest_rel(*VALUES).confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.mean == pytest.approx((VALUES[0] - VALUES[1]).mean())


def test_seeds_agree_where_the_difference_has_the_sign_of_the_mean() -> None:
    assert paired_difference([0.5, 0.6, 0.7, 0.7], [0.4, 0.5, 0.75, 0.7]).agreeing == 2
    assert paired_difference([0.4, 0.4], [0.5, 0.5]).agreeing == 2
    assert paired_difference([0.1, 0.6, 0.3], [0.2, 0.4, 0.4]).agreeing is None  # no sign to agree with


def test_a_single_seed_has_no_error_and_no_interval() -> None:
    assert np.isnan(estimate([0.5]).standard_error)
    single = paired_difference([0.5], [0.4])
    assert single.mean == pytest.approx(0.1)
    assert np.isnan([single.standard_error, single.low, single.high]).all()


def test_seeds_that_do_not_match_are_refused() -> None:
    with pytest.raises(GlicoError, match="same seeds"):
        paired_difference([0.5], [0.4, 0.5])
    with pytest.raises(GlicoError, match="at least one"):
        estimate([])
