"""Locks on files, which show for certain whether a process lives, however it ended.

The process of a run holds the run's lock for its life. Its launcher holds another lock until the process has its own.
So there is no moment at which a launched run looks dead. Other processes hold either lock for a moment, to see whether
they can. Only a launched process counts in the file that it took the lock (:meth:`Lock.take_over`).
"""

import os
import time
from contextlib import suppress
from pathlib import Path

import portalocker
from portalocker import LockFlags

LOOK_SECONDS = 5.0  # longer than a process holds a lock that only looks whether it is free


class Lock:
    """An exclusive lock on the file ``path``, held until :meth:`release` or the end of the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path, patience: float = 0.2) -> "Lock | None":
        """Take the lock, or None if another process still holds it after ``patience`` seconds.

        A little patience is needed because :func:`is_held` holds a lock for a moment to see whether it can. Raises
        OSError if the file cannot be written or locked.
        """
        deadline = time.monotonic() + patience
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            if _take(descriptor, LockFlags.EXCLUSIVE) and _is_file_at(descriptor, path):
                return cls(path, descriptor)
            os.close(descriptor)
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)

    @classmethod
    def take_over(cls, path: Path) -> "Lock | None":
        """Take the lock as the process that was launched to hold it. Its launcher sees so by :func:`times_taken`.

        Return None if another process holds the lock, and raise OSError as :meth:`acquire` does.
        """
        lock = cls.acquire(path, LOOK_SECONDS)
        if lock is not None:
            with suppress(OSError):  # if the disk is full, the launcher keeps its lock until this process ends
                os.lseek(lock._descriptor, 0, os.SEEK_END)
                os.write(lock._descriptor, b".")
        return lock

    def release(self) -> None:
        """Give the lock back."""
        portalocker.unlock(self._descriptor)
        os.close(self._descriptor)


def wait_for(path: Path) -> Lock:
    """Take the lock, however long that takes. Only for locks that are held for a moment."""
    while (lock := Lock.acquire(path, patience=60)) is None:
        pass
    return lock


def launching(lock: Path) -> Path:
    """Return the path of the launcher's lock for the process that will hold ``lock``."""
    return lock.with_suffix(".launch")


def is_alive(lock: Path) -> bool:
    """Return whether a living process holds the lock, or is being launched to hold it."""
    while True:
        before = times_taken(lock)
        # Each is given up once the next is held: the lock while a run is prepared, the launcher's, and the lock again.
        if any(is_held(path) for path in (launching(lock), lock, launching(lock))):
            return True
        if times_taken(lock) == before:
            return False


def times_taken(path: Path) -> int:
    """Return how many launched processes have taken the lock: the bytes of its file, since clocks can be set back."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def is_held(path: Path) -> bool:
    """Return whether a living process holds this lock. The folder may be read-only."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe would be waited for
    except OSError:
        return False
    try:
        return not _take(descriptor, LockFlags.SHARED)
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: LockFlags) -> bool:
    """Lock the open file unless another process has. Return whether it is locked now. Raises OSError."""
    try:
        portalocker.lock(descriptor, kind | LockFlags.NON_BLOCKING)
    except portalocker.AlreadyLocked:
        return False
    except portalocker.LockException as error:
        raise OSError(f"it cannot be locked ({error})") from error
    return True


def _is_file_at(descriptor: int, path: Path) -> bool:
    """Return whether the open file is still the one at ``path``. Its folder may have been deleted meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
