"""The queue: runs wait for a free device, first come, first served, without a daemon.

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
# Threads of a run. A table's small networks gain nothing from a second one: on a busy machine a step of the small CNN
# at 32 pixels took 0.21 s of processor time on one thread and 0.66 s on two. A latent optimisation mostly works alone,
# while somebody waits for it.
THREADS = {"classify": 1}
MOST_THREADS = 4


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def runs_at_once(device: str = "CPU") -> int | None:
    """Return how many runs work at once on a ``device`` by its environment variable, or None if that is not set.

    ``$GLICO_CPU_SLOTS`` is for the CPU, whatever the threads of the runs; ``$GLICO_GPU_SLOTS`` is for each GPU. Raises
    GlicoError if the variable is not a whole number of at least 1.
    """
    name = f"GLICO_{device}_SLOTS"
    value = os.environ.get(name, "")
    if value and not (value.isdecimal() and int(value) > 0):
        raise GlicoError(f"{name} is the number of runs at once on a {device}, 1 or more, not {value!r}.")
    return int(value) if value else None


def cpu_slots() -> int:
    """Return the number of slots of the CPU: ``$GLICO_CPU_SLOTS`` if it is set, else the number of cores."""
    return runs_at_once() or cores()


def threads_per_run(kind: str) -> int:
    """Return the threads of a run of a kind on the CPU: ``$OMP_NUM_THREADS``, else the best number for its kind.

    The number does not depend on other runs, so that a seed has the same result beside any of them.
    """
    value = os.environ.get("OMP_NUM_THREADS", "")
    if value.isdecimal() and int(value) > 0:
        return int(value)
    return min(THREADS.get(kind, MOST_THREADS), max(1, cores() // (runs_at_once() or 1)))


def width(pool: str, threads: int) -> int:
    """Return the number of slots that a run takes: one, or one per thread on a CPU whose slots are its cores."""
    return min(threads, cpu_slots()) if pool == "cpu" and runs_at_once() is None else 1


def at_once(device: str, kind: str) -> int:
    """Return how many runs of a kind work at once on ``device``."""
    pool = pool_of(device)
    return max(1, len(slots_of(pool)) // width(pool, threads_per_run(kind)))


def gpu_count() -> int:
    """Return the number of CUDA devices that this installation can use. torch is not imported."""
    torch = find_spec("torch")
    if torch is None or torch.origin is None or not glob.glob(f"{Path(torch.origin).parent}/lib/libtorch_cuda*"):
        return 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    return len(glob.glob("/dev/nvidia[0-9]*"))


def pool_of(device: str) -> str:
    """Return the pool in which a run with this configured device queues: cpu, cuda (any GPU), cuda-N or mps."""
    return ("cuda" if gpu_count() else "cpu") if device == "auto" else device.replace(":", "-")


def slots_of(pool: str) -> list[str]:
    """Return the names of a pool's slots: ``cpu-0`` and so on; ``cuda-0``, and ``cuda-0 1`` if runs share a GPU."""
    if pool == "cpu":
        return [f"cpu-{slot}" for slot in range(cpu_slots())]
    devices = [f"cuda-{gpu}" for gpu in range(max(1, gpu_count()))] if pool == "cuda" else [pool]
    sharing = (runs_at_once("GPU") or 1) if pool.startswith("cuda") else 1
    return [f"{device} {share}" if share else device for share in range(sharing) for device in devices]


@dataclass(frozen=True)
class Slot:
    """One or more slots that a run has taken; ``device`` is torch's name of their device."""

    device: str
    locks: tuple[Lock, ...]

    def release(self) -> None:
        """Give the slots back."""
        for lock in self.locks:
            lock.release()


@dataclass(frozen=True)
class Ticket:
    """A run's place in the queue: a file named by number, pool and run. It counts while the run is alive."""

    path: Path

    @classmethod
    def draw(cls, runs: Path, run_id: str, device: str) -> "Ticket":
        """Make the next ticket, for a run in the folder ``runs``. It replaces the run's former ticket."""
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
        """Return the run's ticket, or None if it has none."""
        return next((ticket for ticket in _tickets(runs / ".queue" / "tickets") if ticket.run_id == run_id), None)

    def wait(self, *, stop: Callable[[], bool], report: Callable[[int], None], threads: int = 1) -> Slot | None:
        """Wait for a slot, then delete the ticket. Return the slot, or None if ``stop()`` was true before.

        On the CPU the run takes as many slots as it has ``threads``. ``report`` receives the number of runs ahead
        whenever it changes.
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
        """The ticket's place in the order of all tickets."""
        return int(self.path.name.split(maxsplit=2)[0])

    @property
    def pool(self) -> str:
        """The pool for which the run queues."""
        return self.path.name.split(maxsplit=2)[1]

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self.path.name.split(maxsplit=2)[2]

    def _ahead(self) -> int:
        """Return how many runs wait ahead of this one for a slot that it could take.

        Tickets of dead runs at the head of the queue are deleted.
        """
        earlier = [t for t in _tickets(self.path.parent) if t.number < self.number and _overlap(t.pool, self.pool)]
        runs = self.path.parent.parent.parent
        for position, ticket in enumerate(earlier):
            if is_alive(runs / ticket.run_id / "lock"):
                return len(earlier) - position
            ticket.path.unlink(missing_ok=True)
        return 0

    def _take(self, queue: Path, count: int) -> Slot | None:
        """Take ``count`` slots, or none."""
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
    """Return all tickets, in their order."""
    return [Ticket(path) for path in sorted(directory.glob("[0-9]* * *"))]


def _overlap(pool: str, other: str) -> bool:
    """Return whether two pools share a slot: cuda is all of the GPUs, cuda-1 is one of them."""
    return pool == other or (pool.split("-")[0] == other.split("-")[0] and not ("-" in pool and "-" in other))
