"""The run folder: files are the truth about a run, and an operating-system lock shows whether it is alive.

``runs/<id>/`` holds run.json (kind, configuration, threads), state.json, metrics.jsonl (and a copy for TensorBoard),
log.txt, state.safetensors (from which a resumed run continues), at the end result.json with checkpoint.safetensors or
predictions.npz, and ``lock``, held by the run's process for its life (glico.runs.lock).
"""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glico.config import RunConfig, WrongValue
from glico.data.text import plain_text
from glico.errors import GlicoError
from glico.files import open_regular, write_json, writing
from glico.places import runs_directory
from glico.runs.kinds import KINDS, input_digests, kind_of, run_id, settle
from glico.runs.lock import Lock, is_alive, is_held, launching
from glico.runs.metrics import Metric, MetricsTail, read_metrics
from glico.runs.records import RESULTS, RUN, RunRecord, Unreadable, read_record
from glico.runs.slots import threads_per_run
from glico.runs.state import ALIVE, State, read_state

ENDING_SECONDS = 10.0  # a process that has written its run's end is gone after so long
LEFT_SECONDS = 600.0  # making or removing a run never takes this long


@dataclass(frozen=True)
class RunFolder:
    """One run, to be read, cancelled or deleted; glico.runs.writing.RunWriter writes its files.

    ``settings`` is the run's configuration as JSON values, ``inputs`` maps each file that the run reads to its digest.
    """

    path: Path
    kind: str
    settings: dict[str, Any]
    created: float
    threads: int
    inputs: dict[str, str]

    # -- making and finding

    @classmethod
    def for_config(cls, config: RunConfig) -> "RunFolder":
        """Return the folder that this configuration has or would have. Nothing is written."""
        run = cls._configured(config)
        return cls.open(run.path) if run._exists() else run

    @classmethod
    def create(cls, config: RunConfig) -> "RunFolder":
        """Return the folder of this configuration, and make it if there is none.

        The settings returned are those of ``config`` with absolute paths. If the run was made with another path,
        device or permission to download, its run.json keeps these until glico.runs.launch.prepare.

        Several processes may create a run at once. Raises GlicoError if the folder cannot be written.
        """
        run = cls._configured(config)
        if not run._exists():
            draft = replace(run, path=run.path.with_name(f".{run.id}.{os.getpid()}.{time.monotonic_ns()}.partial"))
            with writing(run.path):
                _sweep(run.path.parent)
                draft.path.mkdir(parents=True)
                try:
                    write_json(draft.file("run.json"), draft.record)
                    draft.path.rename(run.path)
                except OSError:
                    if not run._exists():  # else another process was first
                        raise
                finally:
                    shutil.rmtree(draft.path, ignore_errors=True)
        return replace(cls.open(run.path), settings=run.settings, inputs=run.inputs)

    @classmethod
    def _configured(cls, config: RunConfig) -> "RunFolder":
        """Return the run that this configuration makes now."""
        config = settle(config)
        settings, kind = config.model_dump(mode="json"), kind_of(config)
        path = runs_directory().absolute() / run_id(config)
        return cls(path, kind, settings, time.time(), threads_per_run(kind), input_digests(config))

    def _exists(self) -> bool:
        return self.file("run.json").exists()

    @classmethod
    def open(cls, run: str | os.PathLike[str]) -> "RunFolder":
        """Return the run with this id or at this path. Raises GlicoError if there is none or it cannot be read."""
        path = Path(run)
        if not path.is_dir():
            path = runs_directory() / run
        path = path.absolute()
        if not path.is_dir():
            raise GlicoError(f"There is no run {path.name} in {path.parent}.")
        record = read_record(path / "run.json", RUN)
        if record is None:
            raise GlicoError(
                f"{path} is not the folder of a run: it has no run.json. Name a run's folder; `glico runs` lists them."
            )
        if record.kind not in KINDS:
            raise GlicoError(
                f"{path.name} is a run of another version: {plain_text(record.kind, 40)!r} is not one of "
                f"{', '.join(KINDS)}."
            )
        return cls(path, record.kind, _settings(path, record), record.created, record.threads, record.inputs)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def record(self) -> dict[str, Any]:
        """The content of run.json."""
        names = {"kind": self.kind, "config": self.settings, "created": self.created}
        return names | {"threads": self.threads, "inputs": self.inputs}

    @property
    def config(self) -> Any:
        """Return the validated configuration. Raises GlicoError if another version made it."""
        try:
            return KINDS[self.kind].config.from_values(self.settings)
        except WrongValue as wrong:
            raise GlicoError(
                f"{self.id} was configured by another version: {plain_text(str(wrong), 200)}. Update this program if a "
                "newer version made the run, else delete it."
            ) from wrong

    # -- reading

    def file(self, name: str) -> Path:
        """Return the path of one of the folder's files."""
        return self.path / name

    @property
    def state(self) -> State:
        """The state of the run, from its files and its lock.

        A run with an unreadable state.json counts as one without: it waits if a process holds its lock, else it died.
        """
        for _ in range(3):
            state, problem = self._written_state()
            if state.status not in ALIVE or is_alive(self.file("lock")):
                return state
            if self._written_state() == (state, problem):  # else it ended between the two looks
                break
        return replace(state, status="died", message=problem or _obituary(state))

    def _written_state(self) -> tuple[State, str]:
        """Return the state in state.json, and the reason if it cannot be read."""
        try:
            return read_state(self.file("state.json")), ""
        except Unreadable as problem:
            return State("queued", message=str(problem)), str(problem)

    def metrics(self) -> list[Metric]:
        """Return all readable records of metrics.jsonl."""
        return read_metrics(self.file("metrics.jsonl"))

    def metrics_tail(self) -> MetricsTail:
        """Return a reader that parses only new records at each look."""
        return MetricsTail(self.file("metrics.jsonl"))

    @property
    def result(self) -> dict[str, Any] | None:
        """The measurements of a finished run, or None if there is no readable result."""
        try:
            return self._read_result()
        except Unreadable:
            return None

    @property
    def problem(self) -> str:
        """A sentence about a finished run's result if it is missing or cannot be read, else nothing."""
        try:
            # The second look is for a run that ends meanwhile: it writes its result before its last state.
            if self._read_result() is not None or self.state.status != "done" or self._read_result() is not None:
                return ""
        except Unreadable as problem:
            return str(problem)
        return f"Cannot read {self.id}/result.json: it is missing. Restore it from a copy or repeat the run."

    def _read_result(self) -> dict[str, Any] | None:
        record = read_record(self.file("result.json"), RESULTS[self.kind])
        return None if record is None else record.model_dump(exclude_unset=True)

    def log_tail(self, lines: int = 8) -> list[str]:
        """Return the last lines of the log."""
        try:
            with open_regular(self.file("log.txt"), "metrics_mib") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 64 * 1024))
                text = file.read().decode(errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()][-lines:]

    # -- requests

    def cancel(self, reason: str = "") -> None:
        """Ask a living run to stop after its current step; it can be resumed. Its log will state the ``reason``.

        Raises GlicoError if the run is not alive.
        """
        if not self.state.alive:
            raise GlicoError(f"{self.id} is not running, so there is nothing to cancel.")
        with writing(self.path):
            self.file("cancel").write_text(reason)

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody has requested that the run stop."""
        return self.file("cancel").exists()

    @property
    def cancel_reason(self) -> str:
        """The reason given with the request to stop, or nothing."""
        try:
            with open_regular(self.file("cancel"), "text_mib") as file:
                return plain_text(file.read(1000).decode(errors="replace"), 200)
        except OSError:
            return ""

    def claim(self) -> Lock | None:
        """Take the run's lock, or return None while the run is alive or being launched.

        Wait briefly for a finished run to release its locks. Raises GlicoError if the folder cannot be written.
        """
        deadline = time.monotonic() + ENDING_SECONDS
        with writing(self.path):
            while (lock := self._free_lock()) is None and not self.state.alive and time.monotonic() < deadline:
                time.sleep(0.02)
        return lock

    def _free_lock(self) -> Lock | None:
        """Take the run's lock unless a process holds it or launches the run.

        A launcher takes its own lock while it holds the run's. So if the launcher's is free once the run's is taken
        here, nobody launches the run. The first look keeps the run's lock free for the process that is launched.
        """
        launcher = launching(self.file("lock"))
        lock = None if is_held(launcher) else Lock.acquire(self.file("lock"))
        if lock is not None and is_held(launcher):
            lock.release()
            return None
        return lock

    def delete(self) -> None:
        """Remove the run and all its files. Raises GlicoError if it is alive or cannot be removed."""
        lock = self.claim()
        if lock is None:
            raise self.in_use("delete")
        with writing(self.path):
            grave = self.path.with_name(f".{self.id}.{os.getpid()}.deleted")
            if os.name == "nt":  # no folder with an open file can be renamed there, be it this lock or a new run's
                lock.release()
                self.path.rename(grave)
            else:
                try:
                    self.path.rename(grave)
                finally:
                    lock.release()
            shutil.rmtree(grave)

    def in_use(self, action: str) -> GlicoError:
        """Return the error for an ``action`` that is refused because another process holds the run's lock."""
        state = self.state
        if state.alive:
            return GlicoError(f"{self.id} is {state.status}: cancel it before you {action} it.")
        return GlicoError(f"{self.id} is {state.status}, but its process has not ended yet: {action} it in a moment.")


def _sweep(runs: Path) -> None:
    """Delete the remains of killed processes that were making or deleting a run."""
    for pattern in (".*.partial", ".*.deleted"):
        for path in runs.glob(pattern):
            with suppress(FileNotFoundError):  # another process is at it too
                if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


def find_runs() -> tuple[list[RunFolder], list[str]]:
    """Return all runs, newest first, and a sentence for every folder that cannot be read."""
    runs, problems = [], []
    try:
        names = [entry.name for entry in os.scandir(runs_directory()) if not entry.name.startswith(".")]
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise GlicoError(
            f"The runs in {runs_directory()} cannot be listed: {error.strerror}. "
            "Check the folder's permissions, or choose another one with GLICO_RUNS."
        ) from error
    for name in names:
        path = runs_directory() / name
        if not (path / "run.json").exists():
            continue
        try:
            runs.append(RunFolder.open(path))
        except GlicoError as problem:
            problems.append(str(problem))
    return sorted(runs, key=lambda run: (-run.created, run.id)), problems


def list_runs() -> list[RunFolder]:
    """Return all runs that can be read, newest first."""
    return find_runs()[0]


def _settings(path: Path, record: RunRecord) -> dict[str, Any]:
    """Return the settings of a run, with defaults for those that its file lacks; unknown ones stay as they are.

    Raises GlicoError if a setting has a value that it cannot have.
    """
    schema = KINDS[record.kind].config
    known = {name: value for name, value in record.config.items() if name in schema.names()}
    try:
        return record.config | schema.from_values(known).model_dump(mode="json")
    except WrongValue as wrong:
        raise GlicoError(
            f"Cannot read {path.name}/run.json: {plain_text(str(wrong), 200)}. Update this program if a newer version "
            "made the run, else restore the file from a copy or delete the run."
        ) from None


def _obituary(state: State) -> str:
    where = f"at step {state.step} of {state.total_steps}" if state.total_steps else "before its first step"
    return f"The process ended {where} unexpectedly: it was killed, or the machine stopped. It can be resumed."
