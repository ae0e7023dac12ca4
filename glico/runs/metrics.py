"""metrics.jsonl: one JSON object per line, appended as a training goes, read while it is written."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from glico.files import append, open_regular, write_atomically
from glico.formats import json_text
from glico.runs.kinds import KINDS
from glico.runs.records import MOST_STEPS, Number

Metric = dict[str, Any]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]  # as a float still exact
RECORD: TypeAdapter[Metric] = TypeAdapter(dict[str, Whole | Number | None], config=ConfigDict(strict=True))
PIECE = 2**24  # bytes that are read at once
SAMPLED = 10_000  # records that are enough to draw a curve
SPARSE = [f'"{name}"'.encode() for kind in KINDS.values() for name in kind.sparse]


def append_metric(path: Path, record: Metric) -> None:
    """Add one record; numbers that JSON does not know (NaN, infinity) become null."""
    append(path, json_text(record))


def parse(line: bytes) -> Metric | None:
    """Return the record in a line, or None if the line is torn or damaged.

    A record maps names to finite numbers or None; its "step" is a whole number from 0.
    """
    try:
        record = RECORD.validate_json(line)
    except ValidationError:
        return None
    step = record.get("step")
    return record if isinstance(step, int) and 0 <= step <= MOST_STEPS else None


def read_metrics(path: Path) -> list[Metric]:
    """Return all records that can be read, in the order of the file."""
    return MetricsTail(path).read()


def truncate_metrics(path: Path, step: int) -> list[Metric]:
    """Delete the records after ``step``, and damaged lines. Return the rest."""
    rest = [record for record in read_metrics(path) if record["step"] <= step]
    write_atomically(path, "".join(json_text(record) + "\n" for record in rest).encode())
    return rest


class MetricsTail:
    """The records of a metrics file that grows: each :meth:`read` parses only the records since the last one.

    With ``thin``, a file larger than PIECE is read in part: about SAMPLED evenly spaced records, with the first and the
    last, and every record with a metric that few records have (at most SAMPLED for each such metric).
    """

    def __init__(self, path: Path, *, thin: bool = False) -> None:
        self.path, self.thin = path, thin
        self._records: list[Metric] = []
        self._offset = 0
        self._inode: int | None = None

    def read(self) -> list[Metric]:
        """Return all records so far. A line that is not yet finished waits for the next call."""
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
    """Return at most ``most`` evenly spaced lines, and at most ``most`` of those with each SPARSE metric, in order.

    The first and the last line are among them, and the last line of each metric.
    """
    from glico.rows import evenly_spaced  # with NumPy, which the command line does without

    rows = set(evenly_spaced(len(lines), most).tolist())
    for name in SPARSE:
        with_name = [i for i, line in enumerate(lines) if name in line]
        rows.update(with_name[i] for i in evenly_spaced(len(with_name), most))
    return [lines[i] for i in sorted(rows)]
