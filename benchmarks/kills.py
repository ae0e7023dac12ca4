"""Kill runs, tables and the app with SIGKILL repeatedly, and check that nothing finished is lost.

    python -m benchmarks.kills [--what train classify table app ray] [--times 20] [--steps 100] [--span 8] [--json]

``train`` and ``classify`` kill the run's process. ``table`` kills the command of a table, and every other time also
its runs. ``app`` kills the server, and every other time also the run that one of its pages started or resumed. ``ray``
kills the worker that executes a run. After each kill, every file of every finished run must be unchanged, and every
other run, or its page in the app, must report what happened. After the last kill, everything continues undisturbed to
its end. It must equal an undisturbed run bit for bit: metrics except their times, tensors, predictions, the cells of
the table.
"""

import argparse
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
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from benchmarks.browser import ROOT, serving
from benchmarks.processes import child
from benchmarks.sessions import Session, run_visits
from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.experiments import TABLES
from glico.places import SHIPPED
from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import follow, launch, stop

TIMES = ("seconds", "images_per_second")  # metrics that depend on the machine
PATIENCE = 300.0  # seconds
SPAN = 8.0  # longest time until a kill, in seconds; a state is saved after five
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
    """Add a table of two small trainings with this many steps, and four classifier runs with a tenth of them."""
    digits = TABLES["digits"]
    few = {"samples_per_class": (2,), "seeds": (0, 1), "methods": digits.methods[:2], "comparisons": ()}
    train = {**SMALL, "steps": steps, "snapshots": 0}
    del train["samples_per_class"]
    classify = {"steps": max(2, steps // 10), "batch_size": 16, "evaluations": 1, "device": "cpu"}
    TABLES[TABLE] = replace(digits, title="Killed", train=train, classify=classify, **few)  # type: ignore[arg-type]


class Work(ABC):
    """Work that ``begin`` starts or resumes, and that is killed."""

    @abstractmethod
    def begin(self) -> None:
        """Start the parts that are not running, and return."""

    @abstractmethod
    def kill(self, nth: int) -> int:
        """Kill it for the ``nth`` time. Return the number of processes killed."""

    @abstractmethod
    def finish(self) -> Any:
        """Continue to the end. Return the final status or output."""


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
    """The command of a table."""

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
        text, _ = self.process.communicate()
        lines = text.splitlines()
        return json.loads(lines[-1])["cells"] if lines and self.process.returncode == 0 else text


class OnRay(MadeTable):
    """The workers of a table on Ray."""

    on = ("--on", "ray")

    def kill(self, nth: int) -> int:
        wait_until(lambda: any(run.state.alive for run in list_runs()) or over(self.process))
        return kill_runs()

    def finish(self) -> Any:
        text = super().finish()
        return text if isinstance(text, list) else super().finish()  # the command ends after too many deaths of a task


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
        run_visits(self._press(address))

    async def _press(self, address: str) -> None:
        async with Session(address) as session:
            before = self.folder.state
            await session.open("train", "train", run=self.folder.id)
            # A run whose process was about to start when its server was killed may be running by now.
            if before.status == "died" and self.folder.state == before:
                messages = " ".join(session.errors).replace("\\", "")
                if before.message not in messages:
                    self.unsaid.append(f"the page does not say: {before.message} It says: {messages[:200]}")
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
class Outcome:
    """The number of processes ``killed``, the finished files and messages ``lost``, and the ``unequal`` results."""

    what: str
    killed: int
    lost: list[str]
    unequal: list[str]


class Moments:
    """When work is killed: at random, up to ``span`` seconds after its start."""

    def __init__(self, span: float = SPAN, seed: int = 0) -> None:
        self.span, self.rng = span, random.Random(seed)

    def begin(self) -> None:
        """The work whose end nothing disturbed is over, and that which is killed begins."""

    def wait(self) -> None:
        """Come back when the time has come."""
        time.sleep(self.rng.uniform(0, self.span))

    def end(self) -> None:
        """All that is left may go on to its end."""


def study(what: str, times: int, steps: int, moments: Moments) -> Outcome:
    """Kill work of this kind, with so many ``steps``, ``times`` times, each time at one of the ``moments``."""
    with tempfile.TemporaryDirectory() as place:
        before = dict(os.environ)
        os.environ |= {"GLICO_CACHE": f"{place}/cache", "OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
        try:
            os.environ["GLICO_RUNS"] = f"{place}/whole"
            text = work(what, steps).finish()
            os.environ["GLICO_RUNS"] = f"{place}/killed"
            moments.begin()
            subject, killed, lost = work(what, steps), 0, list[str]()
            for nth in range(times):
                subject.begin()
                moments.wait()
                finished = content()
                killed += subject.kill(nth)
                left = content()
                lost += [f"{name} is not what it was" for name, digest in finished.items() if left.get(name) != digest]
                lost += [f"{run.id} reports wrongly: {words}" for run in list_runs() if (words := unsaid(run))]
            moments.end()
            unequal = [] if (end := subject.finish()) == text else [f"it said {end}, undisturbed {text}"]
            unequal += differences(Path(place) / "whole", Path(place) / "killed")
        finally:
            stop(list_runs())
            os.environ.clear()
            os.environ.update(before)
    return Outcome(what, killed, lost, unequal)


def work(what: str, steps: int) -> Work:
    """Return the work of this name with this many steps; a classifier run has a tenth of them."""
    training = TrainConfig(**SMALL, steps=steps, snapshots=3)
    if what == "classify":
        shipped = str(SHIPPED / "digits-glico.safetensors")
        return OneRun(
            ClassifyConfig(
                checkpoint=shipped,
                augmentation="glico",
                steps=max(2, steps // 10),
                evaluations=2,
                batch_size=32,
                device="cpu",
            )
        )
    made: dict[str, Work] = {
        "train": OneRun(training),
        "table": MadeTable(steps),
        "app": App(training),
        "ray": OnRay(steps),
    }
    return made[what]


def kill_runs() -> int:
    """Kill the process of every running run. Return their number."""
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
    """Return the digest of every file of every finished run."""
    return {
        f"{run.id}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for run in list_runs()
        if run.state.status == "done"
        for path in run.path.iterdir()
        if path.is_file() and not path.name.startswith(("lock", "state."))
    }


def unsaid(run: RunFolder) -> str:
    """Return the wrong report of a run that is neither alive nor done, or an empty text."""
    state = run.state
    wrong = state.status in ("failed", "cancelled")
    wrong |= state.status == "died" and "It can be resumed" not in state.message
    return f"{state.status}, {state.message!r}" if wrong else ""


def differences(whole: Path, killed: Path) -> list[str]:
    """Return the differences between the runs of two folders.

    The last part of a classifier run's id is left out: it depends on the checkpoint's bytes, which hold the time that
    the training took.
    """
    runs = [{p.parent.name.rpartition("-")[0]: p.parent for p in at.glob("[!.]*/run.json")} for at in (whole, killed)]
    apart = [f"{name}: it is not in both" for name in sorted(runs[0].keys() ^ runs[1].keys())]
    both = sorted(runs[0].keys() & runs[1].keys())
    return apart + [f"{name}: {what}" for name in both for what in _differences(runs[0][name], runs[1][name])]


def _differences(one: Path, other: Path) -> list[str]:
    runs = RunFolder.open(one), RunFolder.open(other)
    result = [] if runs[0].state.status == runs[1].state.status == "done" else ["it is not done in both"]
    metrics = [[{k: v for k, v in record.items() if k not in TIMES} for record in run.metrics()] for run in runs]
    result += [] if metrics[0] == metrics[1] else ["metrics"]
    for name in ("checkpoint.safetensors", "classifier.safetensors", "predictions.npz"):
        if (one / name).exists() or (other / name).exists():
            same = (one / name).exists() and (other / name).exists() and _equal(one / name, other / name)
            result += [] if same else [name]
    return result


def _equal(one: Path, other: Path) -> bool:
    arrays = [dict(np.load(path)) if path.suffix == ".npz" else load_file(path) for path in (one, other)]
    return arrays[0].keys() == arrays[1].keys() and all(np.array_equal(arrays[0][k], arrays[1][k]) for k in arrays[0])


def over(process: subprocess.Popen[str] | None) -> bool:
    """Whether the process has ended."""
    return process is None or process.poll() is not None


def wait_until(condition: Any) -> None:
    """Wait until the condition holds. Raises RuntimeError after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The condition did not hold within {PATIENCE:.0f} s.")
        time.sleep(0.02)


def main() -> int:
    """Kill and print. The exit status is 1 if something was lost or differs."""
    kinds = ("train", "classify", "table", "app", "ray")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--what", nargs="+", choices=kinds, default=list(kinds), help="kinds of work [default: all]")
    parser.add_argument("--times", type=int, default=20, help="number of kills of each kind [default 20]")
    parser.add_argument("--steps", type=int, default=100, help="steps of a training per kill [default 100]")
    parser.add_argument(
        "--span", type=float, default=SPAN, help=f"longest time until a kill, in seconds [default {SPAN:g}]"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments [default 0]")
    parser.add_argument("--json", action="store_true", help="print one JSON object per kind")
    arguments = parser.parse_args()
    wrong = False
    for what in arguments.what:
        moments = Moments(arguments.span, arguments.seed)
        result = study(what, arguments.times, arguments.steps * arguments.times, moments)
        wrong |= bool(result.lost or result.unequal)
        if arguments.json:
            print(json.dumps(asdict(result)), flush=True)
            continue
        print(f"{what}: {result.killed} processes killed at {arguments.times} moments, ", end="")
        print("nothing lost, all results are equal" if not result.lost + result.unequal else "FAILED:", flush=True)
        for problem in result.lost + result.unequal:
            print(f"  {problem}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
