"""The queue: how many runs work at once on each device, first come, first served, without a daemon.

A slot is a lock on a file, held by the run that works. A run that waits holds a ticket, a numbered file with a lock
of its own, so that a waiting process that died blocks nobody. Nothing here imports torch: waiting is cheap.
"""

import glob
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glico.errors import GlicoError
from glico.runs.files import writing
from glico.runs.lock import Lock, is_held, wait_for

POLL_SECONDS = 0.2


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_slots() -> int:
    """Runs at once on the CPU: ``$GLICO_CPU_SLOTS``, else one for every four cores."""
    chosen = os.environ.get("GLICO_CPU_SLOTS", "")
    if chosen and not (chosen.isdecimal() and int(chosen) > 0):
        raise GlicoError(f"GLICO_CPU_SLOTS is the number of runs at once on the CPU, 1 or more, not {chosen!r}.")
    return int(chosen) if chosen else max(1, cores() // 4)


def threads_per_run() -> int:
    """Threads of a CPU run: ``$OMP_NUM_THREADS``, else the cores shared out among the slots."""
    chosen = os.environ.get("OMP_NUM_THREADS", "")
    return int(chosen) if chosen.isdecimal() and int(chosen) > 0 else max(1, cores() // cpu_slots())


def gpu_count() -> int:
    """CUDA devices that this installation can use, found without importing torch."""
    torch = find_spec("torch")
    if torch is None or torch.origin is None or not glob.glob(f"{Path(torch.origin).parent}/lib/libtorch_cuda*"):
        return 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    return len(glob.glob("/dev/nvidia[0-9]*"))


def slots_for(device: str) -> list[str]:
    """The slots that a run on ``device`` (as configured) may take."""
    if device == "auto" and gpu_count():
        return [f"cuda-{place}" for place in range(gpu_count())]
    if device in ("auto", "cpu"):
        return [f"cpu-{place}" for place in range(cpu_slots())]
    return [f"cuda-{place}" for place in range(max(1, gpu_count()))] if device == "cuda" else [device.replace(":", "-")]


@dataclass(frozen=True)
class Slot:
    """A taken slot; ``device`` is what torch calls it."""

    device: str
    lock: Lock


def wait_for_slot(
    directory: Path, wanted: list[str], *, stop: Callable[[], bool], report: Callable[[int], None]
) -> Slot | None:
    """Wait in the queue for one of the ``wanted`` slots; None if ``stop()`` said so first.

    ``report`` is given the number of runs ahead whenever it changes.
    """
    with writing(directory):
        tickets = directory / "tickets"
        tickets.mkdir(parents=True, exist_ok=True)
        ticket = _draw_ticket(directory, wanted)
        reported = None
        try:
            while not stop():
                mutex = wait_for(directory / "mutex")
                try:
                    ahead = _ahead(tickets, ticket.path.name, wanted)
                    slot = None if ahead else _take(directory, wanted)
                finally:
                    mutex.release()
                if slot is not None:
                    return slot
                if ahead != reported:
                    reported = ahead
                    report(ahead)
                time.sleep(min(POLL_SECONDS * (1 + ahead), 2.0))
            return None
        finally:
            ticket.path.unlink(missing_ok=True)
            ticket.release()


def _draw_ticket(directory: Path, wanted: list[str]) -> Lock:
    """A ticket named by the next number and the slots that it is for."""
    mutex = wait_for(directory / "mutex")
    try:
        last = max((int(path.name.split()[0]) for path in (directory / "tickets").iterdir()), default=0)
        return wait_for(directory / "tickets" / " ".join([f"{last + 1:08d}", *wanted]))
    finally:
        mutex.release()


def _ahead(tickets: Path, own: str, wanted: list[str]) -> int:
    """How many runs wait before this one for a slot that it wants; leading tickets of dead runs are removed."""
    earlier = sorted(
        path for path in tickets.iterdir() if path.name < own and not set(wanted).isdisjoint(path.name.split()[1:])
    )
    for place, path in enumerate(earlier):
        if is_held(path):
            return len(earlier) - place
        path.unlink(missing_ok=True)
    return 0


def _take(directory: Path, wanted: list[str]) -> Slot | None:
    for name in wanted:
        lock = Lock.acquire(directory / f"{name}.slot", patience=0)
        if lock is not None:
            return Slot("cpu" if name.startswith("cpu") else name.replace("-", ":"), lock)
    return None
