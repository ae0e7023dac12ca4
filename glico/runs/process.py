"""Python processes of their own, which outlive whoever started them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

from glico.places import environment
from glico.runs.lock import Lock, is_held, taken

# On Windows: without a console of its own, and not ended by a Ctrl+C in the one of whoever started it.
FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


def spawn(module: Sequence[str], lock: Path | None, launcher: Lock | None, log: Path | None = None) -> int:
    """Start ``python -m MODULE``, which will take ``lock``, and come back at once with its number.

    The ``launcher`` lock is this process's to hold until then (glico.runs.lock.launching): it is given back when the
    new process has taken its own or has ended, and this one does not end before. Raises OSError if there can be no
    new process, or no ``log`` for its output.
    """
    with open(log or os.devnull, "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            creationflags=FLAGS,
            env=environment(),
        )
    reaper = Thread(target=process.wait, daemon=True)  # what has ended leaves nothing behind
    reaper.start()
    if lock is not None and launcher is not None:
        hand_over(launcher, lock, lambda: not reaper.is_alive())
    return process.pid


def hand_over(launcher: Lock, lock: Path, ended: Callable[[], bool]) -> None:
    """Give ``launcher`` back as soon as the started process has taken its ``lock``, or has ``ended``; meanwhile go on.

    It may have given its lock back, too, before this process looks.
    """

    def wait() -> None:
        while not ended() and not is_held(lock) and taken(lock) <= taken(launcher.path):
            time.sleep(0.02)
        launcher.release()

    Thread(target=wait).start()
