"""The app shown to a class: what a visitor may not do where ``$GLICO_PUBLIC`` is 1, as ``glico app --public`` sets it.

Visitors train on known data sets and on what they upload, a few runs each. They do not name files of this machine,
see no paths of it, and neither delete nor stop what others started. Uploads go after a day.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

import streamlit as st

from glico.config import ClassifyConfig, Config, TrainConfig
from glico.errors import GlicoError
from glico.places import SHIPPED, runs_directory, uploads_directory
from glico.runs import launch as launching
from glico.runs.folder import RunFolder, list_runs
from glico.runs.kinds import KINDS

RUNS_EACH = 6  # that a session may launch or resume
PHOTOGRAPHS_EACH = 24  # that a session may have found on a map
RUNS_AT_ONCE = 20  # that work or wait, of all sessions together
UPLOAD_SECONDS = 86_400
STARTED = "started_runs"  # in the session: the ids of its runs
WHOLE_PATH = re.compile(r"(?<![\w.])(?:~|[A-Za-z]:)?(?:[\\/][^\s\\/:,;'\"]+)+[\\/]([^\s\\/:,;'\"]+)")


def is_public() -> bool:
    """Whether the app is shown to visitors."""
    return os.environ.get("GLICO_PUBLIC") == "1"


def launch(config: TrainConfig | ClassifyConfig) -> RunFolder:
    """glico.runs.launch.launch, where this session may. Raises GlicoError."""
    _allow(config)
    folder = launching.launch(config)
    _remember(folder)
    return folder


def start(folder: RunFolder, *, restart: bool = False) -> None:
    """glico.runs.launch.start, where this session may. Raises GlicoError."""
    _allow(None)
    launching.start(folder, restart=restart)
    _remember(folder)


def is_own(folder: RunFolder) -> bool:
    """Whether this session may stop and resume the run."""
    return not is_public() or folder.id in st.session_state.get(STARTED, ())


def without_paths(text: str) -> str:
    """``text`` as a visitor may read it: of a path, the name alone."""
    return WHOLE_PATH.sub(r"\1", text) if is_public() else text


def sweep() -> None:
    """Remove uploads that are older than a day, where visitors upload."""
    if not is_public():
        return
    for path in uploads_directory().rglob("*"):
        with suppress(OSError):  # another session was first, or the folder has another file
            if time.time() - path.stat().st_mtime > UPLOAD_SECONDS:
                path.rmdir() if path.is_dir() else path.unlink()


def _allow(config: Config | None) -> None:
    if not is_public():
        return
    if len(st.session_state.get(STARTED, ())) >= RUNS_EACH:
        raise GlicoError(
            f"A visitor may start {RUNS_EACH} runs, and you have started them all. Their results can still be explored."
        )
    if sum(run.state.alive for run in list_runs()) >= RUNS_AT_ONCE:
        raise GlicoError(
            f"{RUNS_AT_ONCE} runs are running or queued, which is the limit: try again when some have finished."
        )
    _refuse_files(config)


def allow_data(config: Config) -> None:
    """Raises GlicoError where a visitor would read a file of this machine by the data set that ``config`` names."""
    if is_public():
        _refuse_files(config)


def _refuse_files(config: Config | None) -> None:
    for name in {name for kind in KINDS.values() for name in kind.inputs}:
        value = getattr(config, name, None)
        if value and (re.search(r"[~\\/]", value) or os.path.exists(value)) and not _is_shown(Path(value)):
            raise GlicoError(f"{name.replace('_', ' ').capitalize()}: visitors cannot name files of this machine.")


def _is_shown(path: Path) -> bool:
    """Whether a file came from a visitor, or is one that the pages offer."""
    places = (uploads_directory(), runs_directory(), SHIPPED)
    return any(path.resolve().is_relative_to(place.resolve()) for place in places)


def _remember(folder: RunFolder) -> None:
    st.session_state[STARTED] = [*st.session_state.get(STARTED, ()), folder.id]
