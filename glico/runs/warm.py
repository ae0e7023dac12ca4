"""Runs forked from a warm process: torch is imported once, and every run is still a process of its own.

Importing torch takes longer than many a run of a table. So the first launch of a process starts another one, which
imports everything that runs need and then forks a child for each request: ``python -m glico ARGUMENTS`` with the
environment and directory of the requesting process, in a session of its own, as :func:`subprocess.Popen` would start
it. The process that computes for pages is such a child too (glico.runs.worker). A child outlives both. The warm process
ends with the process that started it, or after IDLE_SECONDS without a request. The second time that a data set is
needed, it is loaded before the fork, and the children share its memory.

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
from glico.runs.lock import Lock, times_taken
from glico.runs.process import hand_over, start_python
from glico.runs.process import spawn as spawn_python

FORKS = sys.platform == "linux"
IDLE_SECONDS = 60.0
REQUEST_BYTES = 1 << 20

_starting = Mutex()
_warm: "_Warm | None" = None


def spawn(arguments: Sequence[str], log: Path, lock: Path | None = None, launcher: Lock | None = None) -> None:
    """Start ``python -m glico ARGUMENTS`` in a process of its own, whose output goes to ``log``, and return at once.

    ``lock`` and ``launcher`` are as for :func:`glico.runs.process.spawn`. Raises OSError if the process or its ``log``
    cannot be made.
    """
    if FORKS:
        log.touch()
        before = times_taken(lock) if lock is not None else 0
        ended = _request(arguments, log)
        if lock is not None and launcher is not None:
            hand_over(launcher, lock, before, ended)
    else:
        spawn_python(["glico", *arguments], lock, launcher, log)


def spawn_module(module: str, arguments: Sequence[str], log: Path) -> Callable[[], bool]:
    """Start ``python -m MODULE ARGUMENTS`` with PyTorch imported, whose output goes to ``log``, and return at once.

    Return a function that tells whether the process has ended. Raises OSError if it cannot be made.
    """
    if FORKS:
        log.touch()
        return _request(arguments, log, module)
    process = start_python([module, *arguments], log)
    return lambda: process.poll() is not None


def prepare() -> None:
    """Start the warm process now, so that the next run starts quickly. Does nothing on systems without a safe fork."""
    if FORKS:
        with _starting:
            _warm_process()


class _Warm:
    """The warm process and the channel to it. It answers each request, in order, with the number of the child."""

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
        self.requests = 0
        self.children: list[int] = []
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while answer := self.channel.recv(64):
                self.children.append(int(answer))

    @property
    def alive(self) -> bool:
        """Whether it can still take a request."""
        return self.process.poll() is None

    def request(self, message: bytes) -> Callable[[], bool]:
        """Request a child. Return a function that tells whether the child has ended or will never start.

        Raises OSError if the warm process takes no more requests.
        """
        self.channel.send(message)
        position = self.requests
        self.requests += 1

        def ended() -> bool:
            if position < len(self.children):
                return not Path(f"/proc/{self.children[position]}").exists()
            return not self.alive

        return ended


def _warm_process() -> _Warm:
    """Return the warm process, and start it if there is none."""
    global _warm
    if _warm is None or not _warm.alive:
        _warm = _Warm()
    return _warm


def _request(arguments: Sequence[str], log: Path, module: str = "glico") -> Callable[[], bool]:
    """Request a child of the warm process. If that is about to end, a new one takes its place."""
    request = {"module": module, "arguments": [*arguments], "log": str(log.absolute()), "directory": os.getcwd()}
    message = json_text(request | {"environment": dict(os.environ)}).encode()
    with _starting:
        process = _warm_process()
        try:
            return process.request(message)
        except (BrokenPipeError, ConnectionResetError):
            process.process.wait()
            return _warm_process().request(message)


# -- the warm process


def _serve(channel: socket.socket) -> None:
    """Import everything that runs need, then fork a child for every request."""
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
            channel.shutdown(socket.SHUT_RD)  # later requests are refused, earlier ones are still read
            continue
        if not message:
            return
        request: dict[str, Any] = json.loads(message)
        os.environ.clear()
        os.environ.update(request["environment"])
        if request["module"] == "glico":
            share(request["arguments"])
        if (child := os.fork()) == 0:
            channel.close()
            _become(request)
        with suppress(OSError):  # the requesting process may have been killed; the run goes on
            channel.send(str(child).encode())


def _become(request: dict[str, Any]) -> NoReturn:
    """In the child: become the process that was requested."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    with suppress(OSError):  # the directory may have gone
        os.chdir(request["directory"])
    sys.argv[1:] = request["arguments"]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    sys.exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
