"""An operating-system lock on a file: it tells for certain whether a process lives, however it ended."""

import fcntl
import os
import time
from pathlib import Path


class Lock:
    """An exclusive ``flock`` on ``path``, held until :meth:`release` or the end of every process that has it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path, patience: float = 0.2) -> "Lock | None":
        """Take the lock, or None if another process still holds it after ``patience`` seconds.

        A little patience is needed because :func:`is_held` holds a lock for a moment to see whether it can.
        """
        deadline = time.monotonic() + patience
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_file_at(descriptor, path):
                    return cls(path, descriptor)
            except BlockingIOError:
                pass
            os.close(descriptor)
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)

    @classmethod
    def adopt(cls, path: Path, descriptor: int) -> "Lock":
        """A lock that the parent process took and handed down as an open ``descriptor``."""
        os.set_inheritable(descriptor, False)
        return cls(path, descriptor)

    def release(self) -> None:
        """Give the lock back; a child process that was handed the descriptor keeps it."""
        os.close(self.descriptor)


def wait_for(path: Path) -> Lock:
    """Take the lock, however long that takes: for what is only ever held for a moment."""
    while (lock := Lock.acquire(path, patience=60)) is None:
        pass
    return lock


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock; works in a folder that cannot be written."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_file_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one at ``path``: its folder may have been deleted meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
