"""TensorBoard's event file beside metrics.jsonl. Importing this imports torch, as tensorboardX does."""

import os
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import masked_crc32c

from glico.errors import GlicoError
from glico.files import append_bytes, replacing
from glico.runs.metrics import Metric

VERSION = "brain.Event:2"
LARGEST = 3.4e38  # of a float32; what is no number or larger is left out
START = SessionLog(status=SessionLog.START)  # records of earlier files for this step and later ones no longer count


class EventFile:
    """The event file of a run, a copy of its metrics. A failed write stops nothing.

    Times are ``began``, in seconds since 1970, plus the seconds trained until then.
    """

    def __init__(self, folder: Path, began: float, records: Iterable[Metric] = ()) -> None:
        """Write a new file with these records in place of all older ones, so that no step is there twice."""
        self.began = began
        self.path = folder / f"events.out.tfevents.{time.time_ns() // 1000}.glico"  # later files have later names
        header = [Event(wall_time=began, file_version=VERSION), Event(wall_time=began, session_log=START)]
        with suppress(OSError), replacing(self.path, durable=False) as partial:
            for older in folder.glob("events.out.tfevents.*"):
                os.truncate(older, 0)  # not removed: a TensorBoard that reads it would not go on to the next
            partial.write_bytes(b"".join(map(_framed, [*header, *map(self._event, records)])))

    def add(self, record: Metric) -> None:
        """Append a record."""
        with suppress(GlicoError):
            append_bytes(self.path, _framed(self._event(record)))

    def _event(self, record: Metric) -> Event:
        values = [
            Summary.Value(tag=name, simple_value=value)
            for name, value in record.items()
            if name not in ("step", "seconds") and value is not None and abs(value) < LARGEST
        ]
        moment = self.began + (record.get("seconds") or 0.0)
        return Event(wall_time=moment, step=int(record["step"]), summary=Summary(value=values))


def _framed(event: Event) -> bytes:
    """Return a record of the file: length and bytes, each followed by its checksum.

    tensorboardX's own writer would wait for the disk after every record.
    """
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return b"".join([length, _checksum(length), data, _checksum(data)])


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked_crc32c(data))
