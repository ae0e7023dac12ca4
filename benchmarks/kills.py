"""What kill -9 costs: nothing that was finished. Work of each kind is killed again and again, and then gone on with.

    python -m benchmarks.kills [--what train classify table app ray] [--times 20] [--steps 100] [--span 8] [--json]

``train`` and ``classify`` kill a run's own process; ``table`` the command that makes a table, every other time its runs
too; ``app`` the server, every other time the run too that one of its pages was told to start or resume; ``ray`` the
worker to which Ray gave a run. After each kill every file of every finished run must be what it was, and every other
run must say what happened; in the app, its page must. After the last one all goes on undisturbed to its end and must
equal, bit for bit, what nothing disturbed: metrics but for the times in them, tensors, predictions, the table's cells.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from benchmarks.browser import ROOT, serving
from benchmarks.processes import child
from benchmarks.sessions import Session
from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.experiments import TABLES
from glico.places import SHIPPED
from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import follow, launch, stop

TIMES = ("seconds", "images_per_second")  # of metrics: they depend on the machine
PATIENCE = 300.0  # seconds
SPAN = 8.0  # seconds, at most, that a process is left to work: a state is kept after five
SMALL = {"samples_per_class": 2, "dimension": 8, "generator_width": 4, "device": "cpu"}
TABLE = "killed"
COMMAND = f"""
import sys
from benchmarks.kills import add_table
from glico.cli.main import main
add_table(int(sys.argv[1]))
sys.exit(main(["table", "{TABLE}", "--json", *sys.argv[2:]]))
"""


def add_table(steps: int) -> None:
    """A table of two small trainings, each as long as this, and four classifier runs of a tenth."""
    digits = TABLES["digits"]
    few = {"samples_per_class": (2,), "seeds": (0, 1), "methods": digits.methods[:2], "comparisons": ()}
    train = {**SMALL, "steps": steps, "snapshots": 0}
    del train["samples_per_class"]
    classify = {"steps": max(2, steps // 10), "batch_size": 16, "evaluations": 1, "device": "cpu"}
    TABLES[TABLE] = replace(digits, title="Killed", train=train, classify=classify, **few)  # type: ignore[arg-type]


class Work(ABC):
    """Something that is begun, or gone on with, by ``begin``, and killed."""

    @abstractmethod
    def begin(self) -> None:
        """Start what does not work, and come back."""

    @abstractmethod
    def kill(self, nth: int) -> int:
        """Kill it, the ``nth`` time; gives how many processes that were."""

    @abstractmethod
    def finish(self) -> Any:
        """Go on to the end; gives what was said there."""


class OneRun(Work):
    """The process of a training or a classifier run."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config

    def begin(self) -> None:
        launch(self.config)

    def kill(self, nth: int) -> int:
        return kill_runs()

    def finish(self) -> Any:
        (state,) = follow([launch(self.config)])
        return state.status


class MadeTable(Work):
    """The command that makes a table."""

    on: tuple[str, ...] = ()

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, "-c", COMMAND, str(self.steps), *self.on]
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )

    def kill(self, nth: int) -> int:
        assert self.process is not None
        alive = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        return int(alive) + (kill_runs() if nth % 2 else 0)

    def finish(self) -> Any:
        self.begin()
        assert self.process is not None
        said, _ = self.process.communicate()
        lines = said.splitlines()
        return json.loads(lines[-1])["cells"] if lines and self.process.returncode == 0 else said


class OnRay(MadeTable):
    """The workers of a table that is made on Ray."""

    on = ("--on", "ray")

    def kill(self, nth: int) -> int:
        wait_until(lambda: any(run.state.alive for run in list_runs()) or over(self.process))
        return kill_runs()

    def finish(self) -> Any:
        said = super().finish()
        return said if isinstance(said, list) else super().finish()  # a task that has died too often ends the command


class App(Work):
    """The server, and a training that its page starts and resumes."""

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.open = ExitStack()
        self.unsaid: list[str] = []

    def begin(self) -> None:
        self.folder = RunFolder.create(self.config)
        address = self.open.enter_context(serving(None))
        self.server = child(b"streamlit")
        with ThreadPoolExecutor(1) as pool:  # a loop of its own, whatever runs in this thread
            pool.submit(asyncio.run, self._press(address)).result()

    async def _press(self, address: str) -> None:
        async with Session(address) as session:
            before = self.folder.state
            await session.open("train", "train", run=self.folder.id)
            # A run whose process was about to begin when its server was killed may have begun meanwhile.
            if before.status == "died" and self.folder.state == before:
                told = " ".join(session.errors).replace("\\", "")
                if before.message not in told:
                    self.unsaid.append(f"the page does not say: {before.message} It says: {told[:200]}")
                await session.press("resume", f"Resume from step {before.step}" if before.step else "Start again")
                self.unsaid += [error for error in session.errors if error.startswith("resume")]

    def kill(self, nth: int) -> int:
        os.kill(self.server, signal.SIGKILL)
        self.open.close()
        return 1 + (kill_runs() if nth % 2 else 0)

    def finish(self) -> Any:
        (state,) = follow([launch(self.config)])
        return [state.status, *self.unsaid]


@dataclass
class Found:
    """What came of it: processes ``killed``, what was ``lost`` or not said, in what the end is not ``equal``."""

    what: str
    killed: int
    lost: list[str]
    unequal: list[str]


def study(what: str, times: int, steps: int, span: float = SPAN, seed: int = 0) -> Found:
    """Kill this work of so many ``steps`` at ``times`` random moments, each up to ``span`` seconds after its start."""
    rng = random.Random(f"{seed} {what}")
    with tempfile.TemporaryDirectory() as place:
        before = dict(os.environ)
        os.environ |= {"GLICO_CACHE": f"{place}/cache", "OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
        try:
            os.environ["GLICO_RUNS"] = f"{place}/whole"
            said = work(what, steps).finish()
            os.environ["GLICO_RUNS"] = f"{place}/killed"
            subject, killed, lost = work(what, steps), 0, list[str]()
            for nth in range(times):
                subject.begin()
                time.sleep(rng.uniform(0, span))
                finished = content()
                killed += subject.kill(nth)
                left = content()
                lost += [f"{name} is not what it was" for name, digest in finished.items() if left.get(name) != digest]
                lost += [f"{run.id} says wrongly: {words}" for run in list_runs() if (words := unsaid(run))]
            unequal = [] if (end := subject.finish()) == said else [f"it said {end}, undisturbed {said}"]
            unequal += differences(Path(place) / "whole", Path(place) / "killed")
        finally:
            stop(list_runs())
            os.environ.clear()
            os.environ.update(before)
    return Found(what, killed, lost, unequal)


def work(what: str, steps: int) -> Work:
    """The work of this name, so many steps long; of a classifier, a tenth."""
    training = TrainConfig(**SMALL, steps=steps, snapshots=3)
    if what == "classify":
        shipped = str(SHIPPED / "digits-glico.safetensors")
        return OneRun(ClassifyConfig(checkpoint=shipped, augmentation="glico", steps=max(2, steps // 10), evaluations=2,
                                     batch_size=32, device="cpu"))  # fmt: skip
    made: dict[str, Work] = {
        "train": OneRun(training), "table": MadeTable(steps), "app": App(training), "ray": OnRay(steps)
    }  # fmt: skip
    return made[what]


def kill_runs() -> int:
    """Kill the process of every run that works; gives their number."""
    killed = 0
    for run in list_runs():
        wait_until(lambda run=run: run.state.pid is not None or not run.state.alive)
        state = run.state
        if state.alive and state.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(state.pid, signal.SIGKILL)
                killed += 1
            wait_until(lambda run=run, pid=state.pid: not run.state.alive or run.state.pid != pid)
    return killed


def content() -> dict[str, str]:
    """The digest of every file of every finished run."""
    return {
        f"{run.id}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for run in list_runs()
        if run.state.status == "done"
        for path in run.path.iterdir()
        if path.is_file() and not path.name.startswith(("lock", "state."))
    }


def unsaid(run: RunFolder) -> str:
    """What a run that is neither alive nor done says wrongly."""
    state = run.state
    wrong = state.status in ("failed", "cancelled")
    wrong |= state.status == "died" and "It can be resumed" not in state.message
    return f"{state.status}, {state.message!r}" if wrong else ""


def differences(whole: Path, killed: Path) -> list[str]:
    """In what the runs of two folders differ.

    The last part of a classifier run's id comes from its checkpoint's bytes, which hold how long the training took.
    """
    runs = [{p.parent.name.rpartition("-")[0]: p.parent for p in at.glob("[!.]*/run.json")} for at in (whole, killed)]
    apart = [f"{name}: it is not in both" for name in sorted(runs[0].keys() ^ runs[1].keys())]
    both = sorted(runs[0].keys() & runs[1].keys())
    return apart + [f"{name}: {what}" for name in both for what in _differences(runs[0][name], runs[1][name])]


def _differences(one: Path, other: Path) -> list[str]:
    runs = RunFolder.open(one), RunFolder.open(other)
    found = [] if runs[0].state.status == runs[1].state.status == "done" else ["it is not done in both"]
    metrics = [[{k: v for k, v in record.items() if k not in TIMES} for record in run.metrics()] for run in runs]
    found += [] if metrics[0] == metrics[1] else ["metrics"]
    for name in ("checkpoint.safetensors", "classifier.safetensors", "predictions.npz"):
        if (one / name).exists() or (other / name).exists():
            same = (one / name).exists() and (other / name).exists() and _equal(one / name, other / name)
            found += [] if same else [name]
    return found


def _equal(one: Path, other: Path) -> bool:
    arrays = [dict(np.load(path)) if path.suffix == ".npz" else load_file(path) for path in (one, other)]
    return arrays[0].keys() == arrays[1].keys() and all(np.array_equal(arrays[0][k], arrays[1][k]) for k in arrays[0])


def over(process: subprocess.Popen[str] | None) -> bool:
    """Whether it has ended."""
    return process is None or process.poll() is not None


def wait_until(condition: Any) -> None:
    """Wait for what must come. Raises RuntimeError where it does not."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("It did not come.")
        time.sleep(0.02)


def main() -> int:
    """Kill and print; the exit status is 1 where something was lost or is not equal."""
    kinds = ("train", "classify", "table", "app", "ray")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--what", nargs="+", choices=kinds, default=list(kinds), help="[default: all]")
    parser.add_argument("--times", type=int, default=20, help="kills of each [default 20]")
    parser.add_argument("--steps", type=int, default=100, help="of a training, for each kill [default 100]")
    parser.add_argument("--span", type=float, default=SPAN, help=f"seconds, at most, until a kill [default {SPAN:g}]")
    parser.add_argument("--seed", type=int, default=0, help="of the moments [default 0]")
    parser.add_argument("--json", action="store_true", help="print one JSON object per kind")
    arguments = parser.parse_args()
    wrong = False
    for what in arguments.what:
        found = study(what, arguments.times, arguments.steps * arguments.times, arguments.span, arguments.seed)
        wrong |= bool(found.lost or found.unequal)
        if arguments.json:
            print(json.dumps(asdict(found)), flush=True)
            continue
        print(f"{what}: {found.killed} processes killed at {arguments.times} moments, ", end="")
        print("nothing lost, the end is equal" if not found.lost + found.unequal else "NOT WELL:", flush=True)
        for problem in found.lost + found.unequal:
            print(f"  {problem}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
