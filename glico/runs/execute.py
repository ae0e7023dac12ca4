"""The life of one run, in its own process: wait for a device, train, save the state, finish."""

import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glico.errors import GlicoError
from glico.files import open_regular, read_bytes
from glico.runs import webhook
from glico.runs.folder import RunFolder
from glico.runs.kinds import digest
from glico.runs.process import Stopped, StopSignals
from glico.runs.slots import Ticket
from glico.runs.state import State
from glico.runs.writing import RunWriter
from glico.words import counted, listed, percent

if TYPE_CHECKING:
    from torch import Tensor

    from glico.training.loop import Record, Training
    from glico.types import Progress

STATE_SECONDS = 5.0  # between two saved states; more if saving would take over a twentieth of the time
NEWS_SECONDS = 0.5  # between two updates of state.json
LOG_SECONDS = 10.0  # between two lines of the log


def execute(folder: RunFolder, device: str | None = None) -> State:
    """Take the run's lock and :func:`carry_out` the run. Return the state in which it ends.

    Raises GlicoError if the run is alive, or if not even its end can be written.
    """
    if folder.state.status == "done":
        return folder.state
    lock = folder.claim()
    if lock is None:
        raise GlicoError(
            f"{folder.id} is already running, as process {folder.state.pid}. Wait for its end, or cancel it."
        )
    writer = RunWriter(folder, lock)
    try:
        writer.sweep()
    except GlicoError:
        writer.release()
        raise
    return carry_out(writer, device)


def carry_out(writer: RunWriter, device: str | None = None) -> State:
    """Execute a run from the step at which it stopped last time, and release its lock. Return its last state.

    ``device`` is the assigned device; without one, the run queues for one. Raises
    GlicoError if not even the end can be written.
    """
    folder = writer.folder
    if folder.state.status == "done":
        writer.release()
        return folder.state
    execution = _Execution(writer)
    try:
        with StopSignals() as signals:
            execution.run(device, lambda: signals.received or folder.cancel_requested)
    except Stopped:
        execution.end("cancelled", "Cancelled before it started.")
    except GlicoError as error:
        execution.end("failed", str(error))
    except MemoryError:
        execution.end("failed", "Out of memory: choose a smaller batch, resolution or network.")
    except KeyboardInterrupt:
        execution.end("cancelled", "Interrupted; when resumed, it continues from its last saved state.")
    except Exception as error:
        if type(error).__name__ == "OutOfMemoryError":
            execution.end("failed", "The device is out of memory: choose a smaller batch or resolution.")
        else:
            writer.log(traceback.format_exc())
            execution.end("failed", f"Internal error: {type(error).__name__}: {error}. See the log.")
    finally:
        writer.release()
    return execution.state


class _Execution:
    def __init__(self, writer: RunWriter) -> None:
        self.writer, self.folder = writer, writer.folder
        before = self.folder.state
        now = time.time()
        self.state = State("queued", before.step, before.total_steps, pid=os.getpid(), queued=before.queued or now)
        self.saved_step = 0
        self.reported_collapse = False

    def update(self, **changes: object) -> None:
        """Change the run's state, and write it."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.writer.write_state(self.state)

    def end(self, status: str, message: str) -> None:
        """Write the last state, and the reason for it to the log."""
        if status == "cancelled" and (reason := self.folder.cancel_reason):
            self.writer.log(reason)
        self.writer.log(f"{status}: {message}" if message else status)
        self.update(status=status, message=message, ended=time.time(), steps_per_second=None)
        if status != "cancelled":  # the person who cancelled it knows
            self.notify(status, message)

    def notify(self, event: str, message: str) -> None:
        """Tell the webhook, if there is one, that the run is done, has failed, or has collapsed classes."""
        folder, state = self.folder, self.state
        text = f"{folder.id}: {event}" + (f". {message}" if message else "")
        about = {"event": event, "run": folder.id, "kind": folder.kind, "message": message, "text": text}
        progress = {"step": state.step, "total_steps": state.total_steps}
        if problem := webhook.send(about | progress | {"result": folder.result if event == "done" else None}):
            self.writer.log(problem)

    def notify_collapse(self, names: Sequence[str]) -> None:
        """Tell the webhook once that these classes have collapsed, if there are any."""
        if names and not self.reported_collapse:
            self.reported_collapse = True
            self.notify("collapsed", f"{listed(names, 5)} collapsed.")

    def run(self, device: str | None, stop: Callable[[], bool]) -> None:
        """Work on ``device``, or wait for one."""
        folder = self.folder
        self.update(message="Waiting for a free device.")
        for path, content in folder.inputs.items():
            if digest(Path(path)) != content:
                raise GlicoError(f"{path} has changed since this run was made: launch a new run of it.")
        if device is not None:
            return self.begin(device, stop)
        runs = folder.path.parent
        ticket = Ticket.for_run(runs, folder.id) or Ticket.draw(runs, folder.id, folder.config.device)
        slot = ticket.wait(stop=stop, report=self.waiting, threads=folder.threads)
        if slot is None:
            raise Stopped
        try:
            self.begin(slot.device, stop)
        finally:
            slot.release()
        return None

    def begin(self, device: str, stop: Callable[[], bool]) -> None:
        """Write that the run is running, and train."""
        self.update(status="running", device=device, started=time.time(), message="Loading the data.")
        self.writer.log(f"working on {device} with {self.folder.threads} threads, process {os.getpid()}")
        self.work(device, stop)

    def waiting(self, ahead: int) -> None:
        """Write how many runs are ``ahead`` in the queue."""
        position = f"{counted(ahead, 'run')} ahead" if ahead else "next in line"
        self.update(message=f"Waiting for a free device, {position}.")

    def work(self, device: str, stop: Callable[[], bool]) -> None:
        """Train from where the run stopped last time to the end, or until it is stopped."""
        from glico.runs.job import build_job, choose_arithmetic, save_preview, usable
        from glico.runs.together import broadcast_next, send_run

        folder = self.folder
        device = usable(device, folder.config.device)
        choose_arithmetic(folder.threads, device)
        job = build_job(folder.kind, folder.config.model_copy(update={"device": device}), self.progress(stop))
        training = job.training
        seconds = self.resume(training)
        self.update(step=training.step, total_steps=training.total_steps, message="")
        send_run(folder, training)

        pace, news, log, saving = _Pace(training.step), _Every(NEWS_SECONDS), _Every(LOG_SECONDS), _Every(STATE_SECONDS)
        for record in training:
            if record is not None:
                record |= {"step": training.step, "seconds": seconds + record.get("seconds", 0.0)}
                self.writer.add_metric(record)
                self.events.add(record)
                self.notify_collapse(job.collapsed())
                if log.due():
                    self.writer.log(_line(training, record))
            stopping = False
            if news.due():
                self.update(step=training.step, steps_per_second=pace.update(training.step), memory=_memory(device))
                stopping = stop()
            broadcast_next(stopping)
            if stopping or saving.due():
                self.save(training)
                save_preview(self.writer, job)
                saving.rest()
            if stopping:
                self.update(step=training.step)
                return self.end("cancelled", f"Stopped after step {training.step}; it can be resumed from there.")

        if self.saved_step < training.step and not self.save(training):
            raise GlicoError(f"The training diverged (NaN) at step {training.step}.")
        self.update(step=training.step, message="Writing the results.", memory=_memory(device))
        save_preview(self.writer, job)
        job.finish(self.writer)
        self.end("done", "")
        self.writer.remove_saved_state()
        return None

    def save(self, training: "Training") -> bool:
        """Save the training's state. Return whether it was saved: see :func:`save_state`."""
        saved = save_state(self.writer, training)
        if saved:
            self.saved_step = training.step
        return saved

    def progress(self, stop: Callable[[], bool]) -> "Progress":
        """Return the function to which the loading of the data reports; it raises Stopped after ``stop()``."""
        last = 0.0

        def report(fraction: float, what: str) -> None:
            nonlocal last
            if stop():
                raise Stopped
            if time.monotonic() - last > NEWS_SECONDS:
                last = time.monotonic()
                self.update(message=f"{what} ({percent(fraction)})")

        return report

    def resume(self, training: "Training") -> float:
        """Restore the last saved state and the metrics of that step. Return the seconds trained until then."""
        from glico.runs.events import EventFile

        folder = self.folder
        step = self.saved_step = load_state(self.writer, training)
        metrics = self.writer.truncate_metrics(step)
        self.events = EventFile(folder.path, folder.created, metrics)
        self.writer.log(f"resumed after step {step}" if step else "started at the first step")
        return float(metrics[-1].get("seconds") or 0.0) if metrics else 0.0


def save_state(writer: RunWriter, training: "Training") -> bool:
    """Save the state from which a resumed run continues, and return True.

    If the state has a value that is not finite, keep the last saved state instead and return False.
    """
    from safetensors.torch import save

    state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in training.state().items()}
    if not all(tensor.isfinite().all() for tensor in state.values() if tensor.is_floating_point()):
        return False
    writer.write_file("state.safetensors", save(state, metadata={"step": str(training.step)}))
    return True


def load_tensors(writer: RunWriter) -> "dict[str, Tensor] | None":
    """Return the saved state, or None if there is none that can be read."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = writer.folder.file("state.safetensors")
    if not path.exists():
        return None
    try:
        with open_regular(path, "checkpoint_mib"):
            return load_file(path)
    except (OSError, SafetensorError) as error:
        writer.log(f"cannot read the saved state ({error}); restarting from step 0")
        return None


def load_state(writer: RunWriter, training: "Training") -> int:
    """Restore the saved state into a new training. Return its step, or 0 if there is no saved state.

    Raises GlicoError if the state does not fit the training.
    """
    state = load_tensors(writer)
    if state is None:
        return 0
    try:
        training.restore(state)
    except (KeyError, RuntimeError, ValueError) as error:
        raise GlicoError(
            f"{writer.folder.id} was started by another version and cannot be resumed: restart it."
        ) from error
    return training.step


class _Every:
    """A clock that is due at once, then again after each interval of ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.last_look = self.next = time.monotonic()

    def due(self) -> bool:
        """Return whether it is time. If so, the next interval begins now."""
        self.last_look = time.monotonic()
        if self.last_look < self.next:
            return False
        self.next = self.last_look + self.seconds
        return True

    def rest(self) -> None:
        """Begin the next interval now. It lasts at least twenty times the time since the last call of :meth:`due`."""
        now = time.monotonic()
        self.next = now + max(self.seconds, 20 * (now - self.last_look))


class _Pace:
    """Steps per second over the last few seconds."""

    def __init__(self, step: int) -> None:
        self.marks = [(time.monotonic(), step)]

    def update(self, step: int) -> float | None:
        now = time.monotonic()
        self.marks = [*self.marks[-20:], (now, step)]
        then, first = self.marks[0]
        return (step - first) / (now - then) if now > then and step > first else None


def _line(training: "Training", record: "Record") -> str:
    values = ", ".join(f"{name} {value:.4g}" for name, value in record.items() if name not in ("step", "seconds"))
    return f"step {training.step} of {training.total_steps}: {values}"


def _memory(device: str) -> int | None:
    """Return the bytes that this process holds: on its GPU if it has one, else in main memory."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_reserved(device)
    try:
        return int(read_bytes("/proc/self/statm", "text_mib").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
