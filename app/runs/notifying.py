"""Notifications in the browser when runs that this session has seen alive end, fail or collapse classes."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app import cached
from app.components.notify import Event, notify
from app.session import public
from glico.latent.collapse import is_collapsing
from glico.runs.folder import RunFolder
from glico.runs.state import State
from glico.words import listed

ALIVE, TOLD, EVENTS = "notify_alive", "notify_told", "notify_events"  # in the session
KEPT = 20  # events
ENDS = {"done": "is done", "failed": "has failed", "died": "has died"}


def show(runs: Sequence[RunFolder], states: Mapping[str, State], titles: Mapping[str, str], key: str) -> None:
    """Show the switch for notifications, and notify of changes of these runs since the last look."""
    alive: set[str] = st.session_state.setdefault(ALIVE, set())
    notified: set[str] = st.session_state.setdefault(TOLD, set())
    for run in runs:
        state = states[run.id]
        if state.alive:
            alive.add(run.id)
            if run.id not in notified and (names := _merged(run)):
                notified.add(run.id)
                _add(f"{titles[run.id]}: classes are merging", listed(names))
        elif run.id in alive:
            alive.discard(run.id)
            if state.status in ENDS:
                _add(f"{titles[run.id]} {ENDS[state.status]}", public.without_paths(state.message))
    notify(st.session_state.get(EVENTS, []), key)


def _add(title: str, body: str) -> None:
    events: list[Event] = st.session_state.get(EVENTS, [])
    serial = events[-1]["serial"] + 1 if events else 1
    st.session_state[EVENTS] = [*events, Event(serial=serial, title=title, body=body)][-KEPT:]


def _merged(run: RunFolder) -> list[str]:
    """Return the classes that have merged, once that means something: early on, the images of all are alike."""
    if run.kind != "train" or not is_collapsing(cached.metrics(run.path), run.settings["steps"]):
        return []
    arrays = cached.run_preview(run.file("preview.npz"), run.kind)
    names: list[str] = [] if arrays is None or "merged" not in arrays else arrays["merged"].tolist()
    return names
