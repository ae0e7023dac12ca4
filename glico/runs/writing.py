"""Writing into a run's folder, which only the process that holds the run's lock may do."""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from glico.errors import GlicoError
from glico.files import append, write_atomically, write_json, writing
from glico.formats import json_text
from glico.runs.folder import RunFolder
from glico.runs.lock import Lock
from glico.runs.metrics import Metric, append_metric, truncate_metrics
from glico.runs.naming import ABOUT
from glico.runs.state import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = ("run.json", "lock", "lock.launch", ABOUT)  # files that a restart leaves


class RunWriter:
    """Writes the files of a run. Only the owner of the run's lock can make one, so no two processes write at once.

    Each method raises GlicoError if a file cannot be written, except :meth:`log`.
    """

    def __init__(self, folder: RunFolder, lock: Lock) -> None:
        if lock.path != folder.file("lock"):
            raise ValueError(f"{lock.path} is not the lock of {folder.id}.")
        self.folder, self._lock = folder, lock

    def release(self) -> None:
        """Give the lock back. Nothing may be written after that."""
        self._lock.release()

    def write_run(self) -> None:
        """Write run.json."""
        write_json(self.folder.file("run.json"), self.folder.record)

    def write_state(self, state: State) -> None:
        """Write state.json: atomically, or over the old one if a full disk leaves no room for a second."""
        path = self.folder.file("state.json")
        value = asdict(replace(state, updated=time.time()))
        try:
            write_json(path, value, durable=not state.alive)
        except GlicoError:
            if not path.exists():
                raise
            with writing(path), path.open("r+b") as file:
                file.write(json_text(value).encode() + b"\n")
                file.truncate()

    def write_result(self, result: dict[str, Any]) -> None:
        """Write result.json."""
        write_json(self.folder.file("result.json"), result)

    def write_file(self, name: str, content: bytes) -> None:
        """Write another file of the run, atomically."""
        write_atomically(self.folder.file(name), content)

    def write_arrays(self, name: str, arrays: "Mapping[str, NDArray[Any]]") -> None:
        """Write an .npz file of the run, atomically."""
        import numpy as np  # the command line, which writes none, does without it

        write_atomically(self.folder.file(name), lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]

    def remove_saved_state(self) -> None:
        """Delete the state from which the run would be resumed."""
        with writing(self.folder.path):
            self.folder.file("state.safetensors").unlink(missing_ok=True)

    def add_metric(self, record: Metric) -> None:
        """Add a record to metrics.jsonl."""
        append_metric(self.folder.file("metrics.jsonl"), record)

    def truncate_metrics(self, step: int) -> list[Metric]:
        """Delete the metrics after ``step``, and return the rest."""
        return truncate_metrics(self.folder.file("metrics.jsonl"), step)

    def log(self, line: str) -> None:
        """Add a line with the time to log.txt. A log that cannot be written stops nothing."""
        try:
            append(self.folder.file("log.txt"), f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}")
        except GlicoError:
            return

    def clear(self) -> None:
        """Delete everything that the run has written, so that it starts from nothing. Its name and notes stay."""
        with writing(self.folder.path):
            for path in self.folder.path.iterdir():
                if path.name not in KEPT and path.is_file():
                    path.unlink()

    def sweep(self) -> None:
        """Delete the request to cancel, and what a killed process left: partial files, the state of a finished run."""
        with writing(self.folder.path):
            self.folder.file("cancel").unlink(missing_ok=True)
            if self.folder.state.status == "done":
                self.remove_saved_state()
            for path in self.folder.path.glob(".*.partial"):
                path.unlink(missing_ok=True)
