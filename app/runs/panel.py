"""Runs on a page: what one is doing, what can be done about it, and whether others have started or deleted some.

Files are read and requests are written, no more.
"""

import os
from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import cached
from app.session import public, selection
from app.widgets.feedback import attempt, show_problem
from app.widgets.text import plain
from glico.config import RunConfig
from glico.places import runs_directory
from glico.runs.folder import RunFolder, list_runs
from glico.runs.pace import busy, total_seconds
from glico.runs.state import State

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
    """Status, progress, what can be done now, and the log."""
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
            st.caption("Another visitor's.")
        elif state.alive:
            asked = folder.cancel_requested
            st.button(
                "Stopping …" if asked else "Cancel", key=f"cancel_{folder.id}", icon=":material/stop:", disabled=asked,
                on_click=attempt, args=(folder.cancel,),
                help="Stop after the current step. It can be resumed from there.",
            )  # fmt: skip
        elif state.status != "done":
            st.button(
                f"Resume from step {state.step}" if state.step else "Start again", key=f"resume_{folder.id}",
                icon=":material/play_arrow:", type="primary", on_click=attempt, args=(partial(public.start, folder),),
            )  # fmt: skip
        if not public.is_public():
            _owners_part(folder, state)
    show_problem()


def _owners_part(folder: RunFolder, state: State) -> None:
    """The log, and what forgets a run."""
    with st.popover("Log", icon=":material/notes:"):
        st.code("\n".join(folder.log_tail(LOG_LINES)) or EMPTY_LOG, language=None, height=320)
    if not state.alive and st.button("Repeat …", key=f"repeat_{folder.id}", icon=":material/replay:"):
        _ask_to_repeat(folder)
    if not state.alive and st.button("Delete …", key=f"delete_{folder.id}", icon=":material/delete:"):
        _ask_to_delete(folder)


def status_line(state: State) -> None:
    """The status as a badge."""
    icon, colour = BADGES[state.status]
    st.badge(state.status, icon=icon, color=colour)  # type: ignore[arg-type]


def progress_text(state: State) -> str:
    """Step, pace, time left, memory: what is known of them."""
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


def duration(seconds: float) -> str:
    """In the two largest units: "1 h 5 min", "40 s"."""
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def expected(configs: Sequence[RunConfig]) -> str:
    """How long these take on this machine when nothing else keeps it, and whether something does now."""
    words = f"about {duration(total_seconds(configs, list_runs(), cached.pace))} on this machine"
    return f"{words} when idle; it is busy now" if busy() else words


@st.dialog("Delete this run?")
def _ask_to_delete(folder: RunFolder) -> None:
    st.write(f"{plain(folder.id)} and all its files will be deleted permanently.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", key="delete_for_good", on_click=_delete, args=(folder,)):
            st.rerun()
        if st.button("Keep", key="delete_keep"):
            st.rerun()


@st.dialog("Repeat this run from its first step?")
def _ask_to_repeat(folder: RunFolder) -> None:
    st.write(f"The results of {plain(folder.id)} so far will be deleted.")
    with st.container(horizontal=True):
        if st.button("Repeat", type="primary", key="repeat_for_good", on_click=_repeat, args=(folder,)):
            st.rerun()
        if st.button("Keep", key="repeat_keep"):
            st.rerun()


def _repeat(folder: RunFolder) -> None:
    attempt(partial(public.start, folder, restart=True))


def _delete(folder: RunFolder) -> None:
    attempt(folder.delete)
    selection.update(run="")


EVERY_SECONDS = 4.0


def run_names() -> frozenset[str]:
    """The names of all runs, without a look into them."""
    try:
        return frozenset(entry.name for entry in os.scandir(runs_directory()) if not entry.name.startswith("."))
    except OSError:
        return frozenset()


@st.fragment(run_every=EVERY_SECONDS)
def notice_changes(known: frozenset[str]) -> None:
    """Draw the page anew when the runs are no longer those ``known`` when it was drawn."""
    if run_names() != known:
        st.rerun()
