"""The queue: first come, first served, one a slot, and nobody waits for the dead."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from run_helpers import until

from glico.errors import GlicoError
from glico.runs import slots
from glico.runs.lock import Lock, is_alive, is_held, launching
from glico.runs.process import hand_over
from glico.runs.slots import Ticket, at_once, cpu_slots, pool_of, slots_of, threads_per_run

# A run in the queue: it holds its run's lock, waits, works for a moment, and writes down when it began and ended.
WAITER = """
import sys, time
from pathlib import Path
from glico.files import append
from glico.runs import slots
from glico.runs.lock import Lock, is_alive, launching
from glico.runs.process import hand_over
from glico.runs.slots import Ticket
runs, name, device, work = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
(runs / name).mkdir(parents=True, exist_ok=True)
lock = Lock.acquire(runs / name / "lock")
ticket = Ticket.draw(runs, name, device)
print("waiting", flush=True)
looked = lambda: append(runs / name / "looks.txt", "") and False
slot = ticket.wait(stop=looked, report=lambda ahead: print(ahead, flush=True))
append(runs / "order.txt", f"begins {name} {slot.device}")
time.sleep(work)
append(runs / "order.txt", f"ends {name} {slot.device}")
assert "torch" not in sys.modules
"""

Start = Callable[..., subprocess.Popen[str]]


def waiting(processes: Start, runs: Path, name: str, device: str = "cpu", work: float = 0.1) -> subprocess.Popen[str]:
    process = processes("-c", WAITER, str(runs), name, device, str(work))
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    return process


def order(runs: Path) -> list[str]:
    path = runs / "order.txt"
    return path.read_text().splitlines() if path.exists() else []


def looks(runs: Path, name: str) -> int:
    """Count the looks of a waiter for a slot."""
    path = runs / name / "looks.txt"
    return len(path.read_text().splitlines()) if path.exists() else 0


def look_again(runs: Path, *names: str) -> None:
    """Wait until each of the waiters has looked for a slot, and found none, twice more."""
    before = {name: looks(runs, name) for name in names}
    until(lambda: all(looks(runs, name) >= before[name] + 3 for name in names))


def test_one_slot_serves_runs_in_order_of_arrival(runs: Path, processes: Start) -> None:
    """With one slot, runs work one after the other, first come, first served."""
    started = [waiting(processes, runs, name) for name in ("a", "b", "c", "d")]
    assert [process.wait() for process in started] == [0] * 4
    assert order(runs) == [f"{what} {name} cpu" for name in "abcd" for what in ("begins", "ends")]
    assert list((runs / ".queue" / "tickets").iterdir()) == []


def test_two_slots_serve_two_at_once_and_never_three(
    runs: Path, processes: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLICO_CPU_SLOTS", "2")
    first, _second, _third, fourth = (waiting(processes, runs, name, work=300) for name in "abcd")
    assert fourth.stdout is not None
    assert fourth.stdout.readline() in ("1\n", "2\n", "3\n"), "it is told how many are ahead"
    until(lambda: len(order(runs)) == 2)
    look_again(runs, "c", "d")
    assert order(runs) == ["begins a cpu", "begins b cpu"]
    first.kill()
    until(lambda: len(order(runs)) == 3)
    look_again(runs, "d")
    assert order(runs)[2:] == ["begins c cpu"]


def test_killed_processes_free_slot_and_place(runs: Path, processes: Start) -> None:
    """A killed run frees its slot, and a killed waiting run its place in the queue."""
    worker = waiting(processes, runs, "a", work=600)
    until(lambda: order(runs) == ["begins a cpu"])
    first, second = waiting(processes, runs, "b"), waiting(processes, runs, "c")
    first.kill()
    worker.kill()
    assert second.wait() == 0
    assert order(runs)[1:] == ["begins c cpu", "ends c cpu"]


def test_devices_do_not_wait_for_each_other(runs: Path, processes: Start) -> None:
    """A run on a GPU waits for no run on the CPU, and for none on another GPU."""
    waiting(processes, runs, "on-cpu", "cpu", work=600)
    until(lambda: len(order(runs)) == 1)
    waiting(processes, runs, "behind", "cpu", work=600)
    waiting(processes, runs, "first", "cuda:0", work=600)
    waiting(processes, runs, "other", "cuda:1", work=600)
    until(lambda: len(order(runs)) == 3)
    assert set(order(runs)) == {"begins on-cpu cpu", "begins first cuda:0", "begins other cuda:1"}


def test_a_launcher_decides_the_order(runs: Path) -> None:
    names = ["b", "a", "c"]
    locks = []
    for name in names:
        (runs / name).mkdir(parents=True)
        locks.append(Lock.acquire(runs / name / "lock"))
    tickets = {name: Ticket.draw(runs, name, "cpu") for name in names}
    reports: list[int] = []
    late = Ticket.for_run(runs, "c")
    assert late is not None
    assert late.wait(stop=lambda: bool(reports), report=reports.append) is None
    assert reports == [2]
    slot = tickets["b"].wait(stop=lambda: False, report=reports.append)
    assert slot is not None
    assert slot.device == "cpu"


def test_a_second_ticket_replaces_the_first(runs: Path) -> None:
    Ticket.draw(runs, "a", "cpu")
    Ticket.draw(runs, "b", "cpu")
    Ticket.draw(runs, "a", "cpu")
    assert [path.name.split()[2] for path in sorted((runs / ".queue" / "tickets").iterdir())] == ["b", "a"]


def test_waiting_stops_when_it_is_told_to(runs: Path) -> None:
    (runs / "a").mkdir(parents=True)
    first = Ticket.draw(runs, "a", "cpu").wait(stop=lambda: False, report=lambda ahead: None)
    assert first is not None
    answers = iter([False, False, True])  # asked before each look
    assert Ticket.draw(runs, "b", "cpu").wait(stop=lambda: next(answers), report=lambda ahead: None) is None
    assert list(answers) == []
    first.release()


def test_the_number_of_slots_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLICO_GPU_SLOTS", raising=False)
    monkeypatch.setenv("GLICO_CPU_SLOTS", "3")
    assert slots_of("cpu") == ["cpu-0", "cpu-1", "cpu-2"]
    assert slots_of(pool_of("cuda:1")) == ["cuda-1"]
    monkeypatch.setenv("GLICO_CPU_SLOTS", "none")
    with pytest.raises(GlicoError, match="not 'none'"):
        cpu_slots()


def test_runs_share_a_gpu_where_they_are_told_to(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "gpu_count", lambda: 2)
    monkeypatch.setenv("GLICO_GPU_SLOTS", "2")

    def take(name: str, device: str) -> str | None:
        (runs / name).mkdir(parents=True)
        tries: list[int] = []
        slot = Ticket.draw(runs, name, device).wait(stop=lambda: len(tries) > 0, report=tries.append)
        return slot and slot.device

    assert at_once("cuda", "classify") == 4
    devices = ("cuda", "cuda", "cuda:1", "cuda:1", "cuda", "cuda")
    taken = [take(str(place), device) for place, device in enumerate(devices)]
    assert taken == ["cuda:0", "cuda:1", "cuda:1", None, "cuda:0", None], "an empty GPU before a shared one"
    assert take("cpu", "cpu") == "cpu"


def test_hand_over_ends_if_the_lock_was_already_released(tmp_path: Path) -> None:
    """A process that took its lock and released it before the launcher looked counts as launched."""
    own = tmp_path / "lock"
    launcher = Lock.acquire(launching(own))
    assert launcher is not None
    had = Lock.take_over(own)
    assert had is not None
    had.release()
    assert is_alive(own)
    hand_over(launcher, own, 0, lambda: False)
    until(lambda: not is_alive(own))


def test_a_run_lives_while_others_look_at_its_lock(tmp_path: Path) -> None:
    """A process that takes the lock only to see whether it can is not the one that was launched to hold it."""
    own = tmp_path / "lock"
    launcher = Lock.acquire(launching(own))
    looking = Lock.acquire(own)
    assert launcher is not None
    assert looking is not None
    looks: list[int] = []
    hand_over(launcher, own, 0, lambda: looks.append(len(looks)) is not None)
    until(lambda: len(looks) > 2)
    looking.release()
    before = len(looks)
    until(lambda: len(looks) > before + 1)
    assert is_alive(own), "the launcher waits for its process"
    mine = Lock.take_over(own)
    assert mine is not None
    until(lambda: not is_held(launching(own)))
    assert is_alive(own)
    mine.release()
    assert not is_alive(own)


def test_waiting_costs_no_torch() -> None:
    code = "import sys, glico.runs.execute, glico.runs.launch, glico.cli.main; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_run_takes_a_core_for_each_of_its_threads(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLICO_CPU_SLOTS")
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(slots, "cores", lambda: 3)
    assert (threads_per_run("classify"), threads_per_run("train")) == (1, 3)
    assert (at_once("cpu", "classify"), at_once("cpu", "train")) == (3, 1)

    def take(name: str, threads: int) -> slots.Slot | None:
        (runs / name).mkdir(parents=True)
        tries: list[int] = []
        ticket = Ticket.draw(runs, name, "cpu")
        return ticket.wait(stop=lambda: len(tries) > 0, report=tries.append, threads=threads)

    two, one = take("a", 2), take("b", 1)
    assert two is not None
    assert one is not None
    assert (len(two.locks), len(one.locks)) == (2, 1)
    assert take("c", 1) is None, "no core is left"
    one.release()
    assert take("d", 2) is None, "one is not enough"
    again = take("e", 1)
    assert again is not None, "and is not kept"
    again.release()
    two.release()
    wide = take("f", 8)
    assert wide is not None
    assert len(wide.locks) == 3, "more threads than cores take them all"
    wide.release()
