"""The result of a command."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """``text`` for a person, ``data`` for ``--json``, ``failures`` a sentence for each thing that failed."""

    text: str
    data: dict[str, Any]
    failures: list[str] = field(default_factory=list)


class BadArguments(Exception):
    """Wrong or contradictory arguments; the message is one sentence."""
