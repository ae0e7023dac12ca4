"""Classifier runs that can be compared, live: their status, errors, chart, table, and each run on its own."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from app import cached
from app.components.strips import Strip, strips
from app.results import reference
from app.results.comparison import baseline_of, chart, chart_settings, results_table, training_of
from app.results.series import Series, common_settings, group, of_a_method, table
from app.results.verdict import show_verdict
from app.runs import notifying
from app.runs.naming import checkpoint_title, network, run_titles
from app.runs.panel import EMPTY_LOG, run_panel
from app.session import public, selection
from app.widgets.feedback import attempt, show_problem
from app.widgets.text import plain
from glico.runs.folder import RunFolder
from glico.runs.pace import seconds_left
from glico.runs.slots import at_once
from glico.runs.state import State
from glico.words import counted, duration, listed

NAMED = 3  # runs in one error message
EVERY_SECONDS = 1.0


def show(runs: list[RunFolder]) -> None:
    """Let a person choose one comparison, and show it."""
    offered = comparisons(runs)
    run = selection.current().runs.run
    chosen = next((name for name, members in offered.items() if run in {each.id for each in members}), None)
    names = list(offered)
    st.session_state["classify_comparison"] = chosen or names[0]

    def changed() -> None:
        selection.update(run=offered[st.session_state["classify_comparison"]][0].id)

    members = offered[st.selectbox("Comparison", names, key="classify_comparison", on_change=changed)]
    alive = any(run.state.alive for run in members)

    @st.fragment(run_every=EVERY_SECONDS if alive else None)
    def live() -> None:
        states = {run.id: run.state for run in members}
        if any(state.alive for state in states.values()) != alive:
            st.rerun()
        series = group(members, training_of)
        baseline = baseline_of(series, "classify")
        rows = table(series, baseline)
        show_verdict(rows, baseline, "classify")
        notifying.show(members, states, run_titles(members), "classify_notify")
        _summary(members, states)
        _errors(series, states)
        chart(series, "classify_chart", chart_settings("classify"))
        results_table(rows, "classify")
        _single_runs(series, states)

    live()
    reference.show(members, "classify")


def comparisons(runs: list[RunFolder]) -> dict[str, list[RunFolder]]:
    """Group runs that differ only in method and seed, newest first, each group under a title."""
    groups: dict[str, list[RunFolder]] = {}
    for run in runs:
        settings = common_settings(run, None)
        key = repr(sorted((name, value) for name, value in settings.items() if not of_a_method(name)))
        groups.setdefault(key, []).append(run)
    titled: dict[str, list[RunFolder]] = {}
    for members in groups.values():
        first = members[0].settings
        methods = len({run.settings["augmentation"] for run in members})
        title = f"{checkpoint_title(Path(first['checkpoint']))} · {network(first)}"
        title += f" · {first['steps']} steps · {counted(methods, 'method')}, {counted(len(members), 'run')}"
        titled[title if title not in titled else f"{title} ({len(titled)})"] = members
    return titled


def _summary(members: list[RunFolder], states: dict[str, State]) -> None:
    """Show the number of runs by status, the time left, and buttons for all of them."""
    by_status: dict[str, list[RunFolder]] = {}
    for run in members:
        by_status.setdefault(states[run.id].status, []).append(run)
    parts = [f"{len(runs)} {status}" for status, runs in by_status.items()]
    parallel = at_once(members[0].settings["device"], members[0].kind)
    left = seconds_left([states[run.id] for run in members], parallel) if "running" in by_status else None
    if left is not None:
        parts.append(f"about {duration(left)} left")
    own = {status: [run for run in each if public.is_own(run)] for status, each in by_status.items()}
    alive = own.get("running", []) + own.get("queued", [])
    stopped = [run for status in ("cancelled", "failed", "died") for run in own.get(status, [])]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(plain(" · ".join(parts)))
        if alive:
            st.button(
                f"Cancel all {len(alive)}",
                icon=":material/stop:",
                key="classify_cancel_all",
                on_click=attempt,
                args=[run.cancel for run in alive],
            )
        if stopped:
            st.button(
                f"Resume {len(stopped)}",
                icon=":material/play_arrow:",
                key="classify_resume_all",
                on_click=attempt,
                args=[partial(public.start, run) for run in stopped],
            )
    show_problem()


def _errors(series: Sequence[Series], states: dict[str, State]) -> None:
    """Show every different error once, with its runs and the end of the first one's log."""
    by_message: dict[str, dict[str, RunFolder]] = {}
    for one in series:
        for (_, seed), run in one.runs.items():
            if states[run.id].status in ("failed", "died"):
                by_message.setdefault(states[run.id].message, {})[f"{one.name} · seed {seed}"] = run
    for message, runs in by_message.items():
        st.error(plain(f"{listed(list(runs), NAMED)}: {message}"), icon=":material/error:")
        if not public.is_public():
            st.code("\n".join(next(iter(runs.values())).log_tail(4)) or EMPTY_LOG, language=None, wrap_lines=True)


def _single_runs(series: Sequence[Series], states: dict[str, State]) -> None:
    """Show one run at a time: its status, its log and its last batch."""
    # The names hold no status: the browser sends the chosen name, and a changed one would be unknown.
    names = {run.id: f"{one.name} · seed {seed}" for one in series for (_, seed), run in one.runs.items()}
    by_id = {run.id: run for one in series for run in one.runs.values()}
    with st.expander("Single runs", key="classify_single"):
        if st.session_state.get("classify_run") not in by_id:  # start with a running one, whose batch changes
            running = (run for run in by_id if states[run].status == "running")
            st.session_state["classify_run"] = next(running, next(iter(by_id)))
        chosen = st.selectbox("Run", list(by_id), format_func=names.__getitem__, key="classify_run")
        run_panel(by_id[chosen], states[chosen])
        _last_batch(by_id[chosen])


def _last_batch(run: RunFolder) -> None:
    arrays = cached.run_preview(run.file("preview.npz"), run.kind)
    if arrays is None:
        return
    generated, rejected = arrays["generated"], arrays["refused"]
    words = f"{len(generated)} images in the batch, {int(generated.sum())} of them generated (framed)"
    if rejected.any():
        words += f"; {counted(int(rejected.sum()), 'real image')} kept because the generated one was rejected"
    st.caption(f"Training batch at step {int(arrays['step'])}: {words}")
    kinds = np.select([generated, rejected], ["generated", "real: the generated one was rejected"], "real")
    strips(
        [Strip("", arrays["images"], kinds.tolist(), generated.tolist())],
        f"batch_{run.id}",
        tile=40,
        title="training batch",
    )
