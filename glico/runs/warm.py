"""Runs forked from a warm process: torch is imported once, and every run is still a process of its own.

Importing torch takes longer than many a run of a table. So the first launch of a process starts another one, which
imports what runs need and then forks a child for every run that it is asked for: ``python -m glico ARGUMENTS`` with
the asking process's environment and directory, in a session of its own, as :func:`subprocess.Popen` would start it.
A child outlives both. The warm process ends with the one that started it, or when nothing was asked for a while; the
second time that a data set is needed it is loaded before the fork, and the children share its memory.

Only Linux forks safely once libraries such as these are loaded; elsewhere each run is a new Python.
"""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock as Mutex
from threading import Thread
from typing import Any, NoReturn

from glico.formats import json_text
from glico.places import environment
from glico.runs.lock import Lock
from glico.runs.process import hand_over
from glico.runs.process import spawn as spawn_python

FORKS = sys.platform == "linux"
IDLE_SECONDS = 60.0
REQUEST_BYTES = 1 << 20

_starting = Mutex()
_warm: "_Warm | None" = None


def spawn(arguments: Sequence[str], log: Path, lock: Path | None = None, launcher: Lock | None = None) -> None:
    """``python -m glico ARGUMENTS`` in a process of its own, its output added to ``log``; comes back at once.

    With ``lock`` and ``launcher`` it is as with :func:`glico.runs.process.spawn`. Raises OSError if there can be no new
    process, or no ``log``.
    """
    if FORKS:
        log.touch()
        ended = _ask(arguments, log)
        if lock is not None and launcher is not None:
            hand_over(launcher, lock, ended)
    else:
        spawn_python(["glico", *arguments], lock, launcher, log)


def prepare() -> None:
    """Warm up, so that the next start finds everything imported; where nothing forks there is nothing to do."""
    if FORKS:
        with _starting:
            _warm_process()


class _Warm:
    """The warm process and the way to it; the numbers of its children come back in the order of the requests."""

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, REQUEST_BYTES)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[theirs.fileno()],
                env=environment(),
            )
        self.asked = 0
        self.children: list[int] = []
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while answer := self.channel.recv(64):
                self.children.append(int(answer))

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self.process.poll() is None

    def ask(self, message: bytes) -> Callable[[], bool]:
        """Ask for a child; gives what tells whether it has ended, or will never be. OSError if it is too late."""
        self.channel.send(message)
        position = self.asked
        self.asked += 1

        def ended() -> bool:
            if position < len(self.children):
                return not Path(f"/proc/{self.children[position]}").exists()
            return not self.alive

        return ended


def _warm_process() -> _Warm:
    """The warm process, which is started where there is none."""
    global _warm
    if _warm is None or not _warm.alive:
        _warm = _Warm()
    return _warm


def _ask(arguments: Sequence[str], log: Path) -> Callable[[], bool]:
    """Ask the warm process for a child; one that is about to end is replaced."""
    request = {"arguments": [*arguments], "log": str(log.absolute()), "directory": os.getcwd()}
    message = json_text(request | {"environment": dict(os.environ)}).encode()
    with _starting:
        process = _warm_process()
        try:
            return process.ask(message)
        except (BrokenPipeError, ConnectionResetError):
            process.process.wait()
            return _warm_process().ask(message)


# -- the warm process


def _serve(channel: socket.socket) -> None:
    """Import what runs need, then fork a child for every request."""
    import torch
    import torch._dynamo  # an optimiser's first step would import it, for longer than many a run takes

    import glico.runs.classify_job
    import glico.runs.events
    import glico.runs.execute
    import glico.runs.train_job  # noqa: F401
    from glico.runs.shared import share

    torch.set_num_threads(1)  # a pool of threads does not survive a fork: this process never starts one
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps the children
    channel.settimeout(IDLE_SECONDS)
    while True:
        try:
            message = channel.recv(REQUEST_BYTES)
        except TimeoutError:
            channel.shutdown(socket.SHUT_RD)  # what is asked from now on is refused, what came just before is read
            continue
        if not message:
            return
        request: dict[str, Any] = json.loads(message)
        os.environ.clear()
        os.environ.update(request["environment"])
        share(request["arguments"])
        if (child := os.fork()) == 0:
            channel.close()
            _become(request)
        with suppress(OSError):  # who asked may have been killed; the run goes on
            channel.send(str(child).encode())


def _become(request: dict[str, Any]) -> NoReturn:
    """The child: be what was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    with suppress(OSError):  # the directory may have gone
        os.chdir(request["directory"])
    sys.argv[1:] = request["arguments"]
    runpy.run_module("glico", run_name="__main__", alter_sys=True)
    sys.exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
