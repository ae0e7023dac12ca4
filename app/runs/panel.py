"""Runs on a page: status, progress and log of one, what can be done with it, and whether the list has changed."""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.runs.naming import run_titles
from app.session import public, selection
from app.widgets.dialogs import confirm
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.text import plain
from glico.config import RunConfig
from glico.errors import GlicoError
from glico.places import runs_directory
from glico.runs.folder import RunFolder, list_runs
from glico.runs.pace import estimate
from glico.runs.state import State
from glico.runs.timing import NotTimedError, pace
from glico.words import duration

BADGES = {  # status -> icon, colour
    "queued": (":material/schedule:", "gray"),
    "running": (":material/play_circle:", "blue"),
    "done": (":material/check_circle:", "green"),
    "failed": (":material/error:", "red"),
    "died": (":material/error:", "red"),
    "cancelled": (":material/stop_circle:", "orange"),
}
LOG_LINES = 200
EMPTY_LOG = "The log is empty."


def run_panel(folder: RunFolder, state: State) -> None:
    """Show status, progress, the buttons that apply now, and the log."""
    status_line(state)
    if state.total_steps:
        st.progress(min(1.0, state.step / state.total_steps), text=progress_text(state))
    if state.status in ("failed", "died"):
        st.error(plain(state.message), icon=":material/error:")
        if not public.is_public():
            st.code("\n".join(folder.log_tail(8)) or EMPTY_LOG, language=None, wrap_lines=True)
    elif state.message:
        st.caption(plain(state.message))
    with st.container(horizontal=True):
        if not public.is_own(folder):
            st.caption("Started by another visitor.")
        elif state.alive:
            cancelled = folder.cancel_requested
            st.button(
                "Stopping …" if cancelled else "Cancel",
                key=f"cancel_{folder.id}",
                icon=":material/stop:",
                disabled=cancelled,
                on_click=attempt,
                args=(folder.cancel,),
                help="Stop after the current step. The run can be resumed from there.",
            )
        elif state.status != "done":
            st.button(
                f"Resume from step {state.step}" if state.step else "Start again",
                key=f"resume_{folder.id}",
                icon=":material/play_arrow:",
                type="primary",
                on_click=attempt,
                args=(partial(public.start, folder),),
            )
        if not public.is_public():
            _owners_buttons(folder, state)
    show_problem()


def _owners_buttons(folder: RunFolder, state: State) -> None:
    """Show the log, and the buttons that delete files."""
    with st.popover("Log", icon=":material/notes:"):
        st.code("\n".join(folder.log_tail(LOG_LINES)) or EMPTY_LOG, language=None, height=320)
    if not state.alive and st.button("Repeat …", key=f"repeat_{folder.id}", icon=":material/replay:"):
        confirm(
            "Repeat this run from its first step?",
            f"The results of {_title(folder)} so far will be deleted.",
            "Repeat",
            partial(attempt, partial(public.start, folder, restart=True)),
        )
    if not state.alive and st.button("Delete …", key=f"delete_{folder.id}", icon=":material/delete:"):
        confirm(
            "Delete this run?",
            f"{_title(folder)} and all its files will be deleted permanently.",
            "Delete",
            partial(_delete, folder),
        )


def _title(folder: RunFolder) -> str:
    return run_titles(list_runs()).get(folder.id, folder.id)


def status_line(state: State) -> None:
    """Show the status as a badge."""
    icon, colour = BADGES[state.status]
    st.badge(state.status, icon=icon, color=colour)  # type: ignore[arg-type]


def progress_text(state: State) -> str:
    """Return step, pace, time left and memory, if they are known."""
    parts = [f"step {state.step:,} of {state.total_steps:,}"]
    if state.status == "running" and state.steps_per_second:
        parts.append(f"{state.steps_per_second:.3g} steps/s")
    if state.seconds_left is not None:
        parts.append(f"{duration(state.seconds_left)} left")
    elif state.ended and state.started:
        parts.append(f"took {duration(state.ended - state.started)}")
    if state.status == "running" and state.memory:
        parts.append(f"{state.memory / 2**20:.0f} MiB")
    if state.device:
        parts.append(state.device)
    return plain(" · ".join(parts))


def show_estimate(configs: Sequence[RunConfig], slot: DeltaGenerator) -> None:
    """Show in ``slot`` how long these runs would take, as soon as that is known: the page does not wait for it."""
    if not configs:
        return
    try:
        words = expected(configs)
    except NotTimedError as error:
        slot.caption(plain(str(error)))
        return
    except GlicoError as error:
        show_error(error)
        return
    if words is not None:
        slot.write(plain(words))
        return

    @st.fragment(run_every=1.0)
    def timing() -> None:
        st.caption("Timing a few steps …")
        with suppress(GlicoError):  # the page says it on its next run
            if expected(configs) is None:
                return
        st.rerun()

    with slot.container():
        timing()


def expected(configs: Sequence[RunConfig]) -> str | None:
    """Return how long these runs would take on this machine, alone and at its present load; None until it is known.

    Raises GlicoError if a run could not start, NotTimedError if a step takes too long to be timed.
    """
    time_estimate = estimate(configs, list_runs(), pace)
    if time_estimate is None:
        return None
    words = f"about {duration(time_estimate.seconds)} on this machine"
    if not time_estimate.is_slowed:
        return words
    return f"{words} when nothing else works on it; about {duration(time_estimate.seconds_now)} at its present load"


def _delete(folder: RunFolder) -> None:
    attempt(folder.delete)
    selection.update(run="")


EVERY_SECONDS = 4.0


def run_names() -> frozenset[str]:
    """Return the names of all run folders, without opening them."""
    try:
        return frozenset(entry.name for entry in os.scandir(runs_directory()) if not entry.name.startswith("."))
    except OSError:
        return frozenset()


@st.fragment(run_every=EVERY_SECONDS)
def notice_changes(known: frozenset[str]) -> None:
    """Rerun the page when a run folder has come or gone since the names ``known`` were read."""
    if run_names() != known:
        st.rerun()
