"""Start runs, and follow them to their end."""

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from glico.cli.outcome import BadArguments
from glico.cli.progress import Display, display_of
from glico.config import RunConfig
from glico.errors import GlicoError
from glico.runs.execute import carry_out
from glico.runs.folder import RunFolder
from glico.runs.launch import follow, prepare, start, stop
from glico.runs.state import State
from glico.runs.together import launched, work_together

SAID = {
    "done": "{id} is already finished; this is its result (--restart runs it again).",
    "alive": "{id} is already {status}, in {path}; following it.",
    "resumed": "{id} resumes after step {step}, in {path}.",
    "started": "{id} starts, in {path}.",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that trains, apart from its schema."""
    group = parser.add_argument_group(
        "Run", "Started by torchrun --nproc-per-node N -m glico ..., N processes with a GPU each share every run."
    )
    group.add_argument("--restart", action="store_true", help="discard what the same configuration has computed so far")
    group.add_argument("--detach", action="store_true", help="start without waiting for the end")


def start_all(configs: Sequence[RunConfig], arguments: argparse.Namespace) -> list[RunFolder]:
    """Start a run for each configuration and, unless detached, wait for all. Print what happens to each run."""
    folders = [RunFolder.create(config) for config in configs]
    return start_folders(folders, arguments)


def start_folders(folders: list[RunFolder], arguments: argparse.Namespace) -> list[RunFolder]:
    """As :func:`start_all`, for folders that are there. Under torchrun the runs' work is done here, one by one."""
    if launched():
        return _work(folders, arguments)
    own = []
    for folder in folders:
        how = start(folder, restart=arguments.restart)
        state = folder.state
        _say(SAID[how].format(id=folder.id, status=state.status, path=folder.path, step=state.step))
        if how in ("started", "resumed"):
            own.append(folder)
    if not arguments.detach:
        _follow(folders, own)
    return folders


def _work(folders: list[RunFolder], arguments: argparse.Namespace) -> list[RunFolder]:
    """Do the runs together with the other processes that torchrun started; the leader alone comes back."""
    if arguments.detach:
        raise BadArguments("--detach cannot be used with torchrun, which waits for its processes.")

    def lead(device: str) -> None:
        for folder in folders:
            how, writer = prepare(folder, restart=arguments.restart)
            if how == "alive":
                raise GlicoError(
                    f"{folder.id} is already {folder.state.status} elsewhere. Wait for its end, or cancel it there."
                )
            _say(SAID[how].format(id=folder.id, path=folder.path, step=folder.state.step))
            if writer is not None:
                with showing([folder], [folder]) as progress:
                    watcher = Thread(target=follow, args=([folder], progress), daemon=True)
                    watcher.start()
                    carry_out(writer, device)
                    watcher.join()

    if not work_together(lead, folders[0].config.device):
        raise SystemExit(0)
    return folders


def _follow(folders: list[RunFolder], own: list[RunFolder]) -> None:
    with showing(folders, own) as progress:
        follow(folders, progress)


@contextmanager
def showing(folders: list[RunFolder], own: list[RunFolder]) -> Iterator[Display]:
    """Progress on standard error. An interruption stops the command's ``own`` runs, and the message says how to
    continue."""
    progress = display_of(folders)
    try:
        yield progress
    except KeyboardInterrupt:
        progress.close()
        _say("Stopping ...")
        stop(own)
        steps = ", ".join(f"{folder.id} after step {folder.state.step}" for folder in own)
        again = shlex.join(["python", "-m", "glico", *sys.argv[1:]]).replace(" --restart", "")
        stopped = f"Stopped {steps}" if own else "Stopped following; the runs go on"
        raise GlicoError(f"{stopped}. To go on: {again}") from None
    finally:
        progress.close()


def failure(folder: RunFolder, state: State) -> str | None:
    """Return why the run is not done, with the last lines of its log if it died; None if it is done or alive."""
    if state.status == "done" or state.alive:
        return None
    log = "".join(f"\n  {line}" for line in folder.log_tail(5)) if state.status == "died" else ""
    return f"{folder.id} {'was ' * (state.status == 'cancelled')}{state.status}: {state.message}{log}"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
