"""The queue: how many runs work at once on each device, first come, first served, without a daemon.

A slot is a lock on a file, held by the run that works; on the CPU it is a core, and a run takes as many as it has
threads. A run that waits has a ticket, a numbered file that counts as long as the run is alive by its own lock, so that
a process that died blocks nobody. Nothing here imports torch: waiting is cheap.
"""

import glob
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glico.errors import GlicoError
from glico.files import writing
from glico.runs.lock import Lock, is_alive, wait_for

POLL_SECONDS = 0.2
# Threads of a run. A table's small networks gain nothing by a second one: on a busy machine a step of the small CNN at
# 32 pixels took 0.21 s of processor time on one thread and 0.66 s on two. A latent optimisation is mostly alone, and is
# waited for.
THREADS = {"classify": 1}
MOST_THREADS = 4


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def runs_at_once(device: str = "CPU") -> int | None:
    """``$GLICO_CPU_SLOTS``: how many runs work at once on the CPU, whatever their threads; None where it is not set.
    ``$GLICO_GPU_SLOTS`` likewise on each GPU."""
    name = f"GLICO_{device}_SLOTS"
    chosen = os.environ.get(name, "")
    if chosen and not (chosen.isdecimal() and int(chosen) > 0):
        raise GlicoError(f"{name} is the number of runs at once on a {device}, 1 or more, not {chosen!r}.")
    return int(chosen) if chosen else None


def cpu_slots() -> int:
    """Slots of the CPU: as many as ``$GLICO_CPU_SLOTS`` says, else the cores."""
    return runs_at_once() or cores()


def threads_per_run(kind: str) -> int:
    """Threads of a run of a kind on the CPU: ``$OMP_NUM_THREADS``, else what its kind works best with.

    What runs beside it does not count, so that a seed's numbers are the same whatever does.
    """
    chosen = os.environ.get("OMP_NUM_THREADS", "")
    if chosen.isdecimal() and int(chosen) > 0:
        return int(chosen)
    return min(THREADS.get(kind, MOST_THREADS), max(1, cores() // (runs_at_once() or 1)))


def width(pool: str, threads: int) -> int:
    """Slots that a run takes of a pool: on the CPU, unless their number is given, one per thread."""
    return min(threads, cpu_slots()) if pool == "cpu" and runs_at_once() is None else 1


def at_once(device: str, kind: str) -> int:
    """How many runs of a kind work at once on ``device``."""
    pool = pool_of(device)
    return max(1, len(slots_of(pool)) // width(pool, threads_per_run(kind)))


def gpu_count() -> int:
    """CUDA devices that this installation can use, found without importing torch."""
    torch = find_spec("torch")
    if torch is None or torch.origin is None or not glob.glob(f"{Path(torch.origin).parent}/lib/libtorch_cuda*"):
        return 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    return len(glob.glob("/dev/nvidia[0-9]*"))


def pool_of(device: str) -> str:
    """What a run on ``device`` (as configured) queues for: cpu, cuda (any GPU), cuda-N or mps."""
    return ("cuda" if gpu_count() else "cpu") if device == "auto" else device.replace(":", "-")


def slots_of(pool: str) -> list[str]:
    """The slots of a pool: ``cpu-0`` and so on; of a GPU ``cuda-0``, and also ``cuda-0 1`` where runs share it."""
    if pool == "cpu":
        return [f"cpu-{slot}" for slot in range(cpu_slots())]
    devices = [f"cuda-{gpu}" for gpu in range(max(1, gpu_count()))] if pool == "cuda" else [pool]
    sharing = (runs_at_once("GPU") or 1) if pool.startswith("cuda") else 1
    return [f"{device} {share}" if share else device for share in range(sharing) for device in devices]


@dataclass(frozen=True)
class Slot:
    """A taken slot, or several; ``device`` is what torch calls it."""

    device: str
    locks: tuple[Lock, ...]

    def release(self) -> None:
        """Give it back."""
        for lock in self.locks:
            lock.release()


@dataclass(frozen=True)
class Ticket:
    """A run's place in the queue: a file named by number, pool and run. It counts while the run is alive."""

    path: Path

    @classmethod
    def draw(cls, runs: Path, run_id: str, device: str) -> "Ticket":
        """The next ticket for a run in the folder ``runs``; it replaces what the run had."""
        tickets = runs / ".queue" / "tickets"
        with writing(tickets):
            tickets.mkdir(parents=True, exist_ok=True)
            mutex = wait_for(runs / ".queue" / "mutex")
            try:
                last = max((ticket.number for ticket in _tickets(tickets)), default=0)
                while (old := cls.for_run(runs, run_id)) is not None:
                    old.path.unlink()
                path = tickets / f"{last + 1:08d} {pool_of(device)} {run_id}"
                path.touch()
            finally:
                mutex.release()
        return cls(path)

    @classmethod
    def for_run(cls, runs: Path, run_id: str) -> "Ticket | None":
        """The ticket that a launcher drew for the run."""
        return next((ticket for ticket in _tickets(runs / ".queue" / "tickets") if ticket.run_id == run_id), None)

    def wait(self, *, stop: Callable[[], bool], report: Callable[[int], None], threads: int = 1) -> Slot | None:
        """Wait for a slot, of the CPU as many as the run has ``threads``, and give the ticket back; None if ``stop()``
        said so first.

        ``report`` is given the number of runs ahead whenever it changes.
        """
        queue = self.path.parent.parent
        reported = None
        with writing(queue):
            try:
                while not stop():
                    mutex = wait_for(queue / "mutex")
                    try:
                        ahead = self._ahead()
                        slot = None if ahead else self._take(queue, width(self.pool, threads))
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
                self.path.unlink(missing_ok=True)

    @property
    def number(self) -> int:
        """Its place in the order of all tickets."""
        return int(self.path.name.split(maxsplit=2)[0])

    @property
    def pool(self) -> str:
        """What it queues for."""
        return self.path.name.split(maxsplit=2)[1]

    @property
    def run_id(self) -> str:
        """Whose it is."""
        return self.path.name.split(maxsplit=2)[2]

    def _ahead(self) -> int:
        """How many runs wait before this one for a slot that it could take; leading tickets of dead ones go."""
        earlier = [t for t in _tickets(self.path.parent) if t.number < self.number and _overlap(t.pool, self.pool)]
        runs = self.path.parent.parent.parent
        for position, ticket in enumerate(earlier):
            if is_alive(runs / ticket.run_id / "lock"):
                return len(earlier) - position
            ticket.path.unlink(missing_ok=True)
        return 0

    def _take(self, queue: Path, count: int) -> Slot | None:
        """So many slots, or none of them."""
        locks: list[Lock] = []
        for name in slots_of(self.pool):
            lock = Lock.acquire(queue / f"{name}.slot", patience=0)
            if lock is not None:
                locks.append(lock)
            if len(locks) == count:
                return Slot("cpu" if self.pool == "cpu" else name.split()[0].replace("-", ":"), tuple(locks))
        Slot("", tuple(locks)).release()
        return None


def _tickets(directory: Path) -> list[Ticket]:
    """All tickets, in their order."""
    return [Ticket(path) for path in sorted(directory.glob("[0-9]* * *"))]


def _overlap(pool: str, other: str) -> bool:
    """Whether two pools share a slot: cuda is all of the GPUs, cuda-1 is one of them."""
    return pool == other or (pool.split("-")[0] == other.split("-")[0] and not ("-" in pool and "-" in other))
