"""metrics.jsonl: one JSON object per line, appended as a training goes, read while it is written."""

import json
import math
import os
from pathlib import Path
from typing import Any

from glico.files import append, open_regular, write_atomically

Metric = dict[str, Any]
PIECE = 2**24  # bytes that are read at once
SAMPLED = 10_000  # records that are enough to draw a curve
RARE = b'"test_accuracy"'  # what few records have, and all of which a curve needs


def append_metric(path: Path, record: Metric) -> None:
    """Add one record; numbers that JSON does not know (nan, infinity) become null."""
    finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
    append(path, json.dumps(finite))


def parse(line: bytes) -> Metric | None:
    """The record in a line, or None where the line is torn or damaged."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("step"), int | float) else None


def read_metrics(path: Path) -> list[Metric]:
    """All records that can be read, in the order of the file; damaged lines are left out."""
    return MetricsTail(path).read()


def truncate_metrics(path: Path, step: int) -> list[Metric]:
    """Drop what was written after ``step``, and damaged lines; gives what stays."""
    kept = [record for record in read_metrics(path) if record["step"] <= step]
    write_atomically(path, "".join(json.dumps(record) + "\n" for record in kept).encode())
    return kept


class MetricsTail:
    """The records of a metrics file that grows: every :meth:`read` parses only what is new since the last.

    With ``thin``, of a file too large to be inspected line by line about SAMPLED evenly spaced records are given, the
    first and the last among them, and as many of those with RARE.
    """

    def __init__(self, path: Path, *, thin: bool = False) -> None:
        self.path, self.thin = path, thin
        self._records: list[Metric] = []
        self._offset = 0
        self._inode: int | None = None

    def read(self) -> list[Metric]:
        """All records so far. A line that is not yet finished waits for the next call."""
        try:
            with open_regular(self.path, "metrics_mib") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self._inode or stat.st_size < self._offset:  # a resumed run replaced it
                    self._records, self._offset, self._inode = [], 0, stat.st_ino
                file.seek(self._offset)
                pieces = -(-(stat.st_size - self._offset) // PIECE)
                rest = b""
                while new := file.read(PIECE):
                    finished, newline, rest = (rest + new).rpartition(b"\n")
                    self._offset += len(finished + newline)
                    lines = finished.splitlines()
                    if self.thin and pieces > 1:
                        lines = _thinned(lines, SAMPLED // pieces)
                    self._records += [record for line in lines if (record := parse(line)) is not None]
        except OSError:
            self._records, self._offset, self._inode = [], 0, None
            return []
        return list(self._records)


def _thinned(lines: list[bytes], most: int) -> list[bytes]:
    """About ``most`` of the lines and as many of those with RARE, in their order, the first and the last among them."""
    rare = [i for i, line in enumerate(lines) if RARE in line]
    chosen = {*range(0, len(lines), -(-len(lines) // most)), *rare[:: -(-len(rare) // most) or 1], len(lines) - 1}
    return [lines[i] for i in sorted(chosen) if i >= 0]
