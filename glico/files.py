"""Reading and writing files so that no reader ever sees half of one."""

import errno
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from glico.errors import GlicoError

REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "a file may not grow so large here; see ulimit -f",
    errno.EROFS: "the file system is read-only; choose another folder with GLICO_RUNS",
    errno.EACCES: "this user may not write there; choose another folder with GLICO_RUNS",
    errno.EPERM: "this user may not write there; choose another folder with GLICO_RUNS",
    errno.ENOTDIR: "a file stands where a folder is needed; move it or choose another folder with GLICO_RUNS",
    errno.EEXIST: "a file stands where a folder is needed; move it or choose another folder with GLICO_RUNS",
    errno.ENOENT: "its folder is gone",
}


WINDOWS_PATIENCE = 2.0  # seconds
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows would add to line ends


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the operating system refuses while ``path`` is written becomes a sentence."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise GlicoError(f"{path} cannot be written: {reason}.") from error


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A name to write to; it takes the place of ``path`` at the end, at once, or is removed if that failed.

    What is ``durable`` is on the disk before it does, so that a power failure leaves the old or the new one.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        if durable:
            with partial.open("r+b") as file:
                os.fsync(file.fileno())
        _replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _replace(partial: Path, path: Path) -> None:
    """``os.replace``; Windows refuses it for as long as somebody reads the old file."""
    deadline = time.monotonic() + WINDOWS_PATIENCE
    while True:
        try:
            return os.replace(partial, path)
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def write_atomically(
    path: Path, content: bytes | Callable[[BinaryIO], object], *, durable: bool = True, parents: bool = False
) -> None:
    """Write a file at once or not at all: its bytes, or what ``content`` writes to an open file.

    ``durable`` as in :func:`replacing`; with ``parents`` missing folders are made. Raises GlicoError where it cannot be
    written.
    """
    with writing(path):
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, durable=durable) as partial, partial.open("wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)


def copy(source: Path, path: Path) -> None:
    """Copy a file, piece by piece, at once or not at all; missing folders are made. Raises GlicoError where ``path``
    cannot be written."""
    with source.open("rb") as file:
        write_atomically(path, lambda into: shutil.copyfileobj(file, into), parents=True)


def write_json(path: Path, value: dict[str, Any], *, durable: bool = True) -> None:
    """Write one JSON object atomically."""
    write_atomically(path, json.dumps(value).encode() + b"\n", durable=durable)


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file, or None where there is no such file or no object in it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 where there is none."""
    files = path.rglob("*") if path.is_dir() else [path]
    found = 0
    for file in files:
        with suppress(OSError):  # it has just gone
            found += file.stat().st_size if file.is_file() else 0
    return found


def evict(files: Iterable[Path], most: int) -> None:
    """Remove those of ``files`` that were changed longest ago, until the rest has ``most`` bytes or fewer."""
    known: list[tuple[float, int, Path]] = []
    for path in files:
        with suppress(FileNotFoundError):
            stat = path.stat()
            known.append((stat.st_mtime, stat.st_size, path))
    left = sum(size for _, size, _ in known)
    for _, bytes_, path in sorted(known):
        if left <= most:
            return
        with suppress(OSError):
            path.unlink()
            left -= bytes_


def append(path: Path, line: str) -> None:
    """Add one line with a single write, so that a reader sees it whole or not at all."""
    append_bytes(path, line.encode() + b"\n")


def append_bytes(path: Path, data: bytes) -> None:
    """Add bytes with a single write."""
    with writing(path):
        descriptor = os.open(path, APPEND, 0o666)
        try:
            if os.write(descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)
