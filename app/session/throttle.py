"""Pages take turns: a few scripts are at work at once, and the others wait.

Scripts that all compute at once share the cores and the interpreter's lock, so that each of them ends last, and the one
that generates images, which asks for the lock at every layer, waits longest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore, local

from glico.runs.slots import cores

AT_ONCE = 2 * cores()
PATIENCE = 5.0  # seconds; then a script goes ahead: those that take long, for a photograph's code, hold up nobody

_free = Semaphore(AT_ONCE)
_own = local()


@contextmanager
def turn() -> Iterator[None]:
    """Inside, this thread is one of AT_ONCE at work, or has waited PATIENCE. Who has a turn already keeps it."""
    if getattr(_own, "has", False):
        yield
        return
    taken = _free.acquire(timeout=PATIENCE)
    _own.has = True
    try:
        yield
    finally:
        _own.has = False
        if taken:
            _free.release()
