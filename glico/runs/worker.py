"""A process with PyTorch that computes for the pages: one for all sessions, started when it is first needed.

It is forked from the warm process that runs start from (glico.runs.warm). It works for at most as many sessions as
there are cores, ends after IDLE_SECONDS without a request, and ends when it needs more than MEMORY. The next request
starts another one. A process that has imported PyTorch already, such as a notebook, computes for itself.

The two talk by :mod:`multiprocessing.connection`. Requests and answers are pickled: both are of this program and of
this user, and each proves itself by a key in a folder that others cannot read.
"""

import importlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread, Timer
from typing import Any, ParamSpec, TypeVar

from glico.errors import GlicoError
from glico.files import read_bytes
from glico.runs import warm
from glico.runs.process import resident_bytes
from glico.runs.slots import cores

IDLE_SECONDS = 300.0
MEMORY = 4 * 2**30  # bytes
START_SECONDS = 120.0  # on a busy machine; a quiet one takes three
EVERY_SECONDS = 0.02

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Report = Callable[..., None]

GONE = (
    "Cannot compute this: the process that computes with PyTorch has ended, perhaps for want of memory. Try again; if "
    "that fails too, use smaller or fewer images."
)


def call(function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
    """Return ``function(*arguments, **options)``, computed in the worker.

    The function is one of :mod:`glico.runs.pytorch_work`. It may take a ``progress``, which is called in this process.
    Raises the function's own GlicoError, and one if the worker has ended.
    """
    if "torch" in sys.modules:
        return function(*arguments, **options)
    progress: Any = options.pop("progress", None)
    request = (function.__module__, function.__qualname__, arguments, options, progress is not None)
    for _ in range(2):  # the worker may have ended for want of requests in the same moment
        worker = _current()
        answered = worker.send(request)
        while True:
            kind, content = answered.get()
            if kind == "progress":
                progress(*content)
            elif kind == "result":
                result: Result = content
                return result
            elif kind == "error":
                raise GlicoError(content)
            else:
                break
        if kind == "gone":
            break
    raise GlicoError(GONE)


def is_ready() -> bool:
    """Return whether a request need not wait for the worker to start. If it must, the start begins in the background.

    If that failed, it is ready too: a request then returns the reason.
    """
    global _beginning
    if "torch" in sys.modules or (_worker is not None and _worker.alive):
        return True
    if _beginning is not None and not _beginning.is_alive():
        _beginning = None
        return True
    if _beginning is None:
        _beginning = Thread(target=_start_quietly, daemon=True)
        _beginning.start()
    return False


_starting = Lock()
_worker: "_Worker | None" = None
_beginning: Thread | None = None


def _start_quietly() -> None:
    with suppress(GlicoError):
        _current()


def _current() -> "_Worker":
    """Return the worker, started if there is none. Raises GlicoError if it does not start."""
    global _worker
    with _starting:
        if _worker is None or not _worker.alive:
            _worker = _Worker.start()
        return _worker


class _Worker:
    """The worker and the connection to it. A thread hands its answers to those who wait for them."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self.connection, self.alive = connection, True
        self.waiting: dict[int, SimpleQueue[tuple[str, Any]]] = {}
        self.lock, self.number = Lock(), 0
        Thread(target=self._listen, daemon=True).start()

    @classmethod
    def start(cls) -> "_Worker":
        """Start a worker, and wait until it takes requests."""
        folder = Path(tempfile.mkdtemp(prefix="glico-worker-"))
        try:
            key = secrets.token_bytes(32)
            (folder / "key").write_bytes(key)
            log = folder / "log.txt"
            ended = warm.spawn_module("glico.runs.worker", [str(folder)], log)
            deadline = time.monotonic() + START_SECONDS
            while not (folder / "address").exists():
                if ended() or time.monotonic() > deadline:
                    raise GlicoError(f"Cannot start the process that computes with PyTorch: {_last_line(log)}")
                time.sleep(EVERY_SECONDS)
            return cls(Client(read_bytes(folder / "address", "text_mib").decode(), authkey=key))
        except (OSError, EOFError) as error:
            raise GlicoError(f"Cannot start the process that computes with PyTorch: {error}.") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def send(self, request: tuple[Any, ...]) -> "SimpleQueue[tuple[str, Any]]":
        """Send a request. Return a queue of the answers, of which the last one is no progress."""
        answers: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        with self.lock:
            self.number += 1
            number = self.number
            self.waiting[number] = answers
            try:
                self.connection.send((number, *request))
            except OSError:
                self.alive = False
        if not self.alive:
            answers.put(("ended", None))
        return answers

    def _listen(self) -> None:
        last = "gone"
        with suppress(OSError, EOFError):
            while True:
                number, kind, content = self.connection.recv()
                if number is None:  # it says that it ends, and has taken no further request
                    last = kind
                    continue
                (self.waiting[number] if kind == "progress" else self.waiting.pop(number)).put((kind, content))
        with self.lock:
            self.alive = False
            for answers in self.waiting.values():
                answers.put((last, None))
            self.waiting.clear()


def _last_line(log: Path) -> str:
    with suppress(OSError, GlicoError):
        lines = read_bytes(log, "text_mib").decode(errors="replace").strip().splitlines()
        if lines:
            return f"{lines[-1]}."
    return "it has ended."


# -- the worker


def _serve(folder: Path) -> None:
    """Serve requests until there are none left, or no requester."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or cores()))
    Thread(target=_end_beyond_memory, daemon=True).start()
    unclaimed = Timer(START_SECONDS, os._exit, [1])
    unclaimed.start()
    address = None if sys.platform == "win32" else str(folder / "socket")
    listener = Listener(
        address, authkey=read_bytes(folder / "key", "text_mib")
    )  # never closed: the other side removes its file
    (folder / "new").write_text(str(listener.address), "utf-8")
    os.replace(folder / "new", folder / "address")
    connection = listener.accept()
    unclaimed.cancel()
    answering = Lock()
    at_work = 0

    def answer(number: int | None, kind: str, content: Any) -> None:
        with answering:
            connection.send((number, kind, content))

    def work(number: int, module: str, name: str, arguments: Any, options: Any, reports: bool) -> None:
        nonlocal at_work
        if reports:
            options = options | {"progress": lambda *content: answer(number, "progress", content)}
        try:
            answer(number, "result", getattr(importlib.import_module(module), name)(*arguments, **options))
        except GlicoError as error:
            answer(number, "error", str(error))
        except OSError:  # the page's process has ended
            os._exit(0)
        except Exception as error:
            answer(number, "error", f"Cannot compute this: {type(error).__name__}, {error}")
        finally:
            with answering:
                at_work -= 1

    with ThreadPoolExecutor(cores()) as threads:
        with suppress(OSError, EOFError):
            while connection.poll(IDLE_SECONDS) or at_work:
                if connection.poll(0):
                    with answering:
                        at_work += 1
                    threads.submit(work, *connection.recv())
        with suppress(OSError):
            answer(None, "ended", None)


def _end_beyond_memory() -> None:
    while resident_bytes() < MEMORY:
        time.sleep(0.2)
    os._exit(1)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
