"""Durations, counts and lists in words."""

import pytest

from glico.words import counted, duration, listed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.9, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_duration_has_the_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counted_adds_an_s_except_to_one() -> None:
    assert [counted(n, "run") for n in (0, 1, 2, 1000)] == ["0 runs", "1 run", "2 runs", "1,000 runs"]


def test_listed_shows_the_first_names_and_counts_the_rest() -> None:
    assert listed([]) == ""
    assert listed(["cat", "dog", "owl"]) == "cat, dog, owl"
    assert listed(["cat", "dog", "owl", "pig", "rat"]) == "cat, dog, owl and 2 more"
    assert listed([1, 2, 3], most=1) == "1 and 2 more"
