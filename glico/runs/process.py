"""Python processes that outlive the process that started them, and signals that stop them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

from glico.errors import GlicoError
from glico.files import read_bytes
from glico.places import environment
from glico.runs.lock import Lock, times_taken

# On Windows: without a console of its own, and not ended by a Ctrl+C in the one of whoever started it.
FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
POLITE = 5  # niceness of background work


def spawn(module: Sequence[str], lock: Path | None, launcher: Lock | None, log: Path | None = None) -> int:
    """Start ``python -m MODULE``, which will take over ``lock``, and return its process number at once.

    This process holds the ``launcher`` lock (glico.runs.lock.launching). It releases it, and may end, only when the new
    process has taken ``lock`` or has ended. Raises OSError if the process or its ``log`` cannot be made.
    """
    before = times_taken(lock) if lock is not None else 0
    process = start_python(module, log)
    reaper = Thread(target=process.wait, daemon=True)  # no zombie is left of an ended process
    reaper.start()
    if lock is not None and launcher is not None:
        hand_over(launcher, lock, before, lambda: not reaper.is_alive())
    return process.pid


def start_python(module: Sequence[str], log: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start ``python -m MODULE`` in a session of its own, without input; its output goes to ``log``."""
    with open(log or os.devnull, "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            creationflags=FLAGS,
            env=environment(),
        )


def give_way() -> None:
    """Let pages and projections, for which a person waits, go first. On an idle core this process is not slowed."""
    if hasattr(os, "nice"):
        os.nice(POLITE)


def resident_bytes() -> int:
    """Return the bytes of memory that this process holds, or 0 if the system does not tell."""
    with suppress(OSError, ValueError, AttributeError, GlicoError):
        return int(read_bytes("/proc/self/statm", "text_mib").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def hand_over(launcher: Lock, lock: Path, before: int, ended: Callable[[], bool]) -> None:
    """Release ``launcher`` when the started process has taken over ``lock`` or has ``ended``. Return at once.

    ``before`` is :func:`glico.runs.lock.times_taken` before the process was started.
    """

    def wait() -> None:
        while not ended() and times_taken(lock) <= before:
            time.sleep(0.02)
        launcher.release()

    Thread(target=wait).start()


class Stopped(Exception):
    """Somebody asked the run to stop, before its first step."""


SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Inside the context, the first SIGINT or SIGTERM sets ``received``, and the second one interrupts at once.

    Outside the main thread, where signals do not arrive, it does nothing.
    """

    def __init__(self) -> None:
        self.received = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._receive) for number in SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = True
