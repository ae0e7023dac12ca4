"""TensorBoard's event file beside metrics.jsonl, written as its format says: nobody has to install TensorBoard.

A record is a length and as many bytes, either followed by its masked CRC-32C; the bytes are an ``Event`` message of
tensorboard/compat/proto/event.proto, whose fields are numbered here as they are there.
"""

import os
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from glico.errors import GlicoError
from glico.files import append_bytes, replacing
from glico.runs.metrics import Metric

VERSION = "brain.Event:2"
LARGEST = 3.4e38  # of a float32; what is no number or larger is left out
SESSION_START = 1  # SessionLog.START: what an earlier file says of this step and later ones no longer counts


class EventFile:
    """The event file of a run, a copy of its metrics: what cannot be written stops nothing.

    Times are ``began``, in seconds since 1970, plus the seconds trained until then.
    """

    def __init__(self, folder: Path, began: float, records: Iterable[Metric] = ()) -> None:
        """A new file with these records, in place of every older one, so that no step is there twice."""
        self.began = began
        self.path = folder / f"events.out.tfevents.{time.time_ns() // 1000}.glico"  # later files have later names
        start = _event(began, 0, _message(7, _varint_field(1, SESSION_START)))
        header = _event(began, 0, _message(3, VERSION.encode()))
        with suppress(OSError), replacing(self.path, durable=False) as partial:
            for older in folder.glob("events.out.tfevents.*"):
                os.truncate(older, 0)  # not removed: a TensorBoard that reads it would not go on to the next
            partial.write_bytes(header + start + b"".join(map(self._scalars, records)))

    def add(self, record: Metric) -> None:
        """Append a record."""
        with suppress(GlicoError):
            append_bytes(self.path, self._scalars(record))

    def _scalars(self, record: Metric) -> bytes:
        values = b"".join(
            _message(1, _message(1, name.encode()) + _key(2, 5) + struct.pack("<f", value))
            for name, value in record.items()
            if name not in ("step", "seconds") and value is not None and abs(value) < LARGEST
        )
        return _event(self.began + (record.get("seconds") or 0.0), int(record["step"]), _message(5, values))


def _event(wall_time: float, step: int, what: bytes) -> bytes:
    """An Event as a record: wall_time is field 1, step 2; ``what`` is a field of its own."""
    data = _key(1, 1) + struct.pack("<d", wall_time) + _varint_field(2, step) + what
    length = struct.pack("<Q", len(data))
    return length + _masked_crc(length) + data + _masked_crc(data)


def _key(number: int, wire_type: int) -> bytes:
    return bytes([number << 3 | wire_type])


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _varint_field(number: int, value: int) -> bytes:
    return _key(number, 0) + _varint(value)


def _message(number: int, data: bytes) -> bytes:
    """A field that holds a message or a string."""
    return _key(number, 2) + _varint(len(data)) + data


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)  # Castagnoli's polynomial, reflected
        table.append(byte)
    return table


_TABLE = _crc_table()


def _masked_crc(data: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
