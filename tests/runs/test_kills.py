"""kill -9 in small: what ``python -m benchmarks.kills`` does twenty times."""

import pytest

from benchmarks.kills import study

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("what", ["table", "app"])
def test_what_is_killed_goes_on_and_nothing_is_lost(what: str) -> None:
    found = study(what, times=1, steps=10, span=2.0)
    assert found.killed
    assert found.lost == []
    assert found.unequal == []
