"""Read and write files: writes are atomic, and only regular files of bounded size are opened."""

import errno
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from glico.config.limits import LIMITS, limit
from glico.errors import GlicoError
from glico.formats import json_text

REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "the file exceeds the process's size limit (see ulimit -f)",
    errno.EROFS: "the file system is read-only; choose another folder with GLICO_RUNS",
    errno.EACCES: "this user may not write there; choose another folder with GLICO_RUNS",
    errno.EPERM: "this user may not write there; choose another folder with GLICO_RUNS",
    errno.ENOTDIR: "a file is in the way of a folder; move it or choose another folder with GLICO_RUNS",
    errno.EEXIST: "a file is in the way of a folder; move it or choose another folder with GLICO_RUNS",
    errno.ENOENT: "its folder is gone",
}


WINDOWS_PATIENCE = 2.0  # seconds
READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # opening a pipe would wait for a writer
KINDS = {
    stat.S_ISDIR: "folder",
    stat.S_ISFIFO: "pipe",
    stat.S_ISSOCK: "socket",
    stat.S_ISCHR: "device",
    stat.S_ISBLK: "device",
}
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows would change line ends


def open_regular(path: str | os.PathLike[str], most: str) -> BufferedReader:
    """Open a regular file to read its bytes. Every file that this project reads is opened here.

    ``most`` names the limit of its size, in MiB, in glico.config.limits. A folder, a pipe, a socket or a device is
    refused unopened, so that nothing waits. Raises OSError whose ``strerror`` says why, in words.
    """
    name = os.fspath(path)
    try:
        _refuse_unless_regular(os.stat(name), name, most)  # first, since opening some devices changes them
        descriptor = os.open(name, READ)
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have this name", name) from error
    try:
        _refuse_unless_regular(os.fstat(descriptor), name, most)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_unless_regular(facts: os.stat_result, name: str, most: str) -> None:
    if not stat.S_ISREG(facts.st_mode):
        kind = next((kind for is_one, kind in KINDS.items() if is_one(facts.st_mode)), "special file")
        raise OSError(errno.EINVAL, f"it is a {kind}, and a file is needed", name)
    if facts.st_size > limit(most) * 2**20:
        raise _too_large(name, most)


def _too_large(name: str, most: str) -> OSError:
    why = f"it has more than {limit(most):,} {LIMITS[most].what}; GLICO_LIMIT_{most.upper()}=N raises the limit"
    return OSError(errno.EFBIG, why, name)


def read_bytes(path: str | os.PathLike[str], most: str) -> bytes:
    """Return a regular file's bytes. Raises OSError as :func:`open_regular` does, also if the file grows beyond
    ``most`` meanwhile."""
    with open_regular(path, most) as file:
        content = file.read(limit(most) * 2**20 + 1) or b""  # None from a file of the system's that has nothing yet
    if len(content) > limit(most) * 2**20:
        raise _too_large(os.fspath(path), most)
    return content


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError while ``path`` is written into a GlicoError."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise GlicoError(f"{path} cannot be written: {reason}.") from error


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a file name to write to. The file replaces ``path`` atomically at the end, or is removed after an error.

    With ``durable`` its data is on the disk before, so that a power failure leaves the old or the new file.
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
    """Call ``os.replace``. Windows refuses it while another process reads the old file, so try again for a while."""
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
    """Write a file at once or not at all: bytes, or the output of ``content``, which is called with an open file.

    ``durable`` as in :func:`replacing`; with ``parents`` missing folders are created. Raises GlicoError if the file
    cannot be written.
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
    """Copy a file atomically and in pieces; missing folders are created. Raises GlicoError if ``path``
    cannot be written."""
    with open_regular(source, "checkpoint_mib") as file:
        write_atomically(path, lambda into: shutil.copyfileobj(file, into), parents=True)


def write_json(path: Path, value: dict[str, Any], *, durable: bool = True) -> None:
    """Write one JSON object atomically."""
    write_atomically(path, json_text(value).encode() + b"\n", durable=durable)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file, or None if there is no such file or no object in it."""
    try:
        value = json.loads(read_bytes(path, "json_mib"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; 0 if there is none."""
    files = path.rglob("*") if path.is_dir() else [path]
    total = 0
    for file in files:
        with suppress(OSError):  # it has just been removed
            total += file.stat().st_size if file.is_file() else 0
    return total


def evict(files: Iterable[Path], most: int) -> None:
    """Remove the ``files`` that were changed longest ago, until the rest has at most ``most`` bytes."""
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
