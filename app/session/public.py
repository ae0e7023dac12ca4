"""The app shown to a class: bounds for visitors if ``$GLICO_PUBLIC`` is 1, as ``glico app --public`` sets it.

Visitors train on known data sets and on their uploads, a few runs a day from each address. They neither delete nor
stop what others started, and see no paths of this machine. What their configurations may hold is in
:mod:`app.session.bounds`. Uploads go after a day.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import streamlit as st

from app.session import bounds
from glico.config import ClassifyConfig, Config, TrainConfig
from glico.config.limits import is_public, limit
from glico.data.decision_file import is_frozen
from glico.errors import GlicoError
from glico.places import decisions_directory, uploads_directory
from glico.runs import launch as launching
from glico.runs.folder import RunFolder, list_runs

__all__ = ["allow_data", "is_own", "is_public", "launch", "notice", "start", "sweep", "without_paths"]

PHOTOGRAPHS_EACH = 24  # that a session may have found on a map
DAY = 86_400  # seconds after which an upload goes, and a run no longer counts
SWEEP_SECONDS = 5.0
STARTED = "started_runs"  # in the session: the ids of its runs
WHOLE_PATH = re.compile(r"(?<![\w.])(?:~|[A-Za-z]:)?(?:[\\/][^\s\\/:,;'\"]+)+[\\/]([^\s\\/:,;'\"]+)")


class _Ledger:
    """The runs that visitors have started, by address, for the whole server and all sessions."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.started: dict[str, list[tuple[float, str]]] = {}  # address -> when, and the run's id once it has one
        self.swept = 0.0

    def reserve(self, address: str) -> None:
        """Count a run that is about to start. Raises GlicoError if the address has started its share."""
        with self.lock:
            recent = [entry for entry in self.started.get(address, []) if time.time() - entry[0] < DAY]
            if len(recent) >= limit("visitor_runs"):
                raise GlicoError(
                    f"From your address {limit('visitor_runs')} runs were started today, which is the limit for "
                    "visitors. Their results can still be explored."
                )
            self.started[address] = [*recent, (time.time(), "")]

    def settle(self, address: str, run_id: str) -> None:
        """Say which run came of the last reservation; none if ``run_id`` is empty: then it does not count."""
        with self.lock:
            place = max(i for i, (_, known) in enumerate(self.started[address]) if not known)
            began, _ = self.started[address].pop(place)
            if run_id:
                self.started[address].append((began, run_id))

    def runs(self) -> set[str]:
        """The ids of all that visitors have started."""
        with self.lock:
            return {run for entries in self.started.values() for _, run in entries if run}

    def is_due(self) -> bool:
        """Return whether the next check is due."""
        with self.lock:
            due = time.monotonic() - self.swept > SWEEP_SECONDS
            self.swept = time.monotonic() if due else self.swept
            return due


ledger = _Ledger()


def launch(config: TrainConfig | ClassifyConfig) -> RunFolder:
    """glico.runs.launch.launch, if this session may. Raises GlicoError."""
    if not is_public():
        return launching.launch(config)
    bounds.check(config)
    return _counted(lambda: launching.launch(config))


def start(folder: RunFolder, *, restart: bool = False) -> None:
    """glico.runs.launch.start, if this session may. Raises GlicoError."""

    def begin() -> RunFolder:
        launching.start(folder, restart=restart)
        return folder

    if is_public():
        bounds.check(folder.config)
        _counted(begin)
    else:
        begin()


def notice() -> None:
    """Tell a visitor the bounds, once, on a page that starts runs."""
    if is_public():
        st.caption(
            f"This server is shared. From your address {limit('visitor_runs')} runs may be started in a day, each of "
            f"at most {limit('visitor_minutes')} minutes, {limit('visitor_steps')} steps and {limit('visitor_pixels')} "
            "pixels; what you upload is removed after a day."
        )


def is_own(folder: RunFolder) -> bool:
    """Whether this session may stop and resume the run."""
    return not is_public() or folder.id in st.session_state.get(STARTED, ())


def without_paths(text: str) -> str:
    """``text`` as a visitor may read it: of a path, the name alone."""
    return WHOLE_PATH.sub(r"\1", text) if is_public() else text


def allow_data(config: Config) -> None:
    """Raise GlicoError if a visitor would read a file of this machine by the data set that ``config`` names."""
    of_the_training: dict[str, None] = {
        name: None for name in ("index_file", "decisions", "warm_start") if name in config.names()
    }
    bounds.check_files(config.model_copy(update=of_the_training))


def sweep() -> None:
    """On a public server, remove uploads and tables of decisions older than a day, and stop runs that have worked for
    too long."""
    if not is_public() or not ledger.is_due():
        return
    for path in uploads_directory().rglob("*"):
        with suppress(OSError):  # another session was first, or the folder has another file
            if _is_old(path):
                path.rmdir() if path.is_dir() else path.unlink()
    _sweep_decisions()
    theirs = ledger.runs()
    for run in list_runs() if theirs else []:
        if run.id in theirs and _has_worked_too_long(run):
            with suppress(GlicoError):  # it has just ended
                run.cancel(f"stopped after {limit('visitor_minutes')} minutes, the limit for visitors")


def _sweep_decisions() -> None:
    """Remove frozen tables of decisions that are older than a day and that no run names."""
    old = [path for path in decisions_directory().absolute().glob("*/*.csv") if is_frozen(path) and _is_old(path)]
    named = {str(run.settings.get("decisions")) for run in list_runs()} if old else set()
    for path in old:
        if str(path) not in named:
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > DAY
    except OSError:  # another session was first
        return False


def _has_worked_too_long(run: RunFolder) -> bool:
    state = run.state
    if state.status != "running" or state.started is None or run.cancel_requested:
        return False
    return time.time() - state.started > 60 * limit("visitor_minutes")


def _counted(begin: Callable[[], RunFolder]) -> RunFolder:
    """Start a run, if address and server have not had their share; remember whose it is."""
    if sum(run.state.alive for run in list_runs()) >= limit("visitor_queue"):
        raise GlicoError(
            f"{limit('visitor_queue')} runs are running or queued, which is the limit: try again when some have "
            "finished."
        )
    address = st.context.ip_address or "this machine"
    ledger.reserve(address)
    run_id = ""
    try:
        folder = begin()
        run_id = folder.id
    finally:
        ledger.settle(address, run_id)
    st.session_state[STARTED] = [*st.session_state.get(STARTED, ()), folder.id]
    return folder
