"""Durations, counts and lists in words, for the command line and the pages alike."""

from collections.abc import Sequence


def duration(seconds: float) -> str:
    """Return seconds in the two largest units: "42 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: "1 run", "2 runs", "1,000 runs"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def listed(names: Sequence[object], most: int = 3, separator: str = ", ") -> str:
    """Return the first ``most`` names and how many more there are: "cat, dog, owl and 4 more"."""
    shown = separator.join(map(str, names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 1 as a percentage: "57 %", "91.8 %"."""
    return f"{100 * share:.{digits}f} %"
