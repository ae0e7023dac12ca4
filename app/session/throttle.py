"""Limit the page scripts that run at once.

Scripts that all compute at once share the cores and the interpreter's lock, so that each of them ends late. A script
that generates images asks for that lock at every layer, and waits longest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore, local

from glico.runs.slots import cores

AT_ONCE = 2 * cores()
TIMEOUT = 5.0  # seconds; then a script runs anyway, so that a slow one (encoding a photograph) blocks nobody

_free = Semaphore(AT_ONCE)
_thread = local()


@contextmanager
def throttled() -> Iterator[None]:
    """Hold one of AT_ONCE slots, or proceed after TIMEOUT seconds. Re-entrant. Also a decorator."""
    if getattr(_thread, "holds", False):
        yield
        return
    taken = _free.acquire(timeout=TIMEOUT)
    _thread.holds = True
    try:
        yield
    finally:
        _thread.holds = False
        if taken:
            _free.release()
