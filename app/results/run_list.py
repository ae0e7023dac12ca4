"""All runs: a table with filters to choose from, and the views of those that are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from app import cached
from app.components.live_chart import live_chart
from app.results import reference
from app.results.analysis import finished, show_by_class, show_calibration, show_confusion
from app.results.comparison import baseline_of, chart, chart_settings, configurations, results_table, training_of
from app.results.series import group, scored_on, table
from app.results.try_classifier import try_classifier
from app.results.verdict import show_verdict
from app.runs.naming import checkpoint_title, edit_about, network, run_titles, show_about
from app.runs.panel import notice_changes, run_names, run_panel
from app.widgets import figures
from app.widgets.feedback import show_problem
from app.widgets.figures import Curve
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.config import DataConfig
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, find_runs, list_runs
from glico.runs.naming import About, dataset_name
from glico.runs.presentation import PRESENTATIONS
from glico.runs.state import State
from glico.web.palette import PALETTE
from glico.words import counted

ALL = "all"
ROWS = 9  # of the table; with more it scrolls
EVERY_SECONDS = 2.0  # while runs are alive
TICKED = "results_ticked"  # in the session: the ids of the runs that are selected
VIEWS = ("Table", "Curves", "Classes", "Confusion", "Calibration", "Use", "Configuration", "Log")


@dataclass(frozen=True)
class Filters:
    """The runs that are listed: of one ``kind`` and small ``sample``, in one of the ``statuses`` if there are any, with
    all the ``words`` in their title, notes, tags, id or settings, whatever their case."""

    kind: str
    statuses: Sequence[str]
    words: Sequence[str]
    sample: str

    def accept(self, run: RunFolder, state: State, sample: str, title: str) -> bool:
        """Return whether a run of this state, small sample and title is listed."""
        return (
            run.kind == self.kind
            and self.sample in (ALL, sample)
            and (not self.statuses or state.status in self.statuses)
            and self._matches(run, title)
        )

    def _matches(self, run: RunFolder, title: str) -> bool:
        if not self.words:
            return True
        about = About.read(run.path)
        text = " ".join([title, about.notes, *about.tags, run.id, str(run.settings)]).casefold()
        return all(word.casefold() in text for word in self.words)


def show() -> None:
    """Show the table of runs and the views of those that are chosen, live while a run is alive."""
    known = run_names()
    alive = any(run.state.alive for run in list_runs())

    @st.fragment(run_every=EVERY_SECONDS if alive else None)
    def live() -> None:
        runs, problems = find_runs()
        if any(run.state.alive for run in runs) != alive:
            st.rerun()
        for problem in [*problems, *filter(None, (run.problem for run in runs))]:
            st.warning(plain(problem), icon=":material/warning:")
        if not runs:
            st.info(
                "There are no runs yet. Start one on the Train or Classify page, or see earlier measurements under "
                "Tables.",
                icon=":material/info:",
            )
        elif chosen := choose(runs):
            (training_views if PRESENTATIONS[chosen[0].kind].curves else classifier_views)(chosen)

    live()
    notice_changes(known)


def choose(runs: list[RunFolder]) -> list[RunFolder]:
    """Show the table with its filters; return the runs that are selected, or all listed ones."""
    states = {run.id: run.state for run in runs}
    samples = {run.id: small_sample(run) for run in runs}
    filters = _filters(runs, states, samples)
    titles = run_titles(runs)
    listed = [run for run in runs if filters.accept(run, states[run.id], samples[run.id], titles[run.id])]
    if not listed:
        st.info(_nothing_listed(filters), icon=":material/filter_alt:")
        return []
    selected = _table(listed, states, titles, filters.kind)
    if selected:
        words = f"{len(selected)} of {counted(len(listed), 'run')} selected."
    else:
        words = f"{counted(len(listed), 'run')}. Select some to compare them; otherwise all are compared."
    st.caption(plain(words))
    return selected or listed


def _nothing_listed(filters: Filters) -> str:
    if not (filters.statuses or filters.words):
        return f"There are no runs of this kind ({PRESENTATIONS[filters.kind].title}) yet."
    return "No run matches these filters."


def small_sample(run: RunFolder) -> str:
    """Return the images that a run learned from, in words: by default, only runs on the same images are compared."""
    try:
        training = training_of(run) if "checkpoint" in run.settings else run.config
    except GlicoError:
        return "configured by another version"
    if not isinstance(training, DataConfig):
        return f"checkpoint missing: {checkpoint_title(Path(run.settings['checkpoint']))}"
    words = [dataset_name(training.dataset), f"{training.sample_size} per class"]
    words += [f"{training.resolution} px"] * (training.resolution is not None)
    return " · ".join(words)


def _filters(runs: Sequence[RunFolder], states: dict[str, State], samples: dict[str, str]) -> Filters:
    there = {run.kind for run in runs}
    first = "classify" if "classify" in there else next(kind for kind in PRESENTATIONS if kind in there)
    with st.container(horizontal=True):
        kind = st.segmented_control(
            "Kind",
            list(PRESENTATIONS),
            format_func=lambda name: PRESENTATIONS[name].title,
            default=first,
            required=True,
            key="results_kind",
            persist_state="session",
        )
        statuses = st.multiselect(
            "Status",
            sorted({state.status for state in states.values()}),
            key="results_status",
            width=260,
            placeholder="any",
        )
        words = st.text_input(
            "Contains",
            key="results_words",
            placeholder="a name, a tag, mixup …",
            width=260,
            help="Words in a run's name, notes, tags or settings; a run is listed if it has all of them.",
        ).split()
        choices = list(dict.fromkeys(samples[run.id] for run in runs if run.kind == kind))
        sample = ALL
        if len(choices) > 1:
            sample = st.selectbox("Small sample", [*choices, ALL], key=f"results_sample_{kind}", width=280)
    return Filters(kind, statuses, words, sample)


def _table(runs: Sequence[RunFolder], states: dict[str, State], titles: dict[str, str], kind: str) -> list[RunFolder]:
    """Show the runs as a table; return those that are ticked."""
    rows = [_row(run, states[run.id], titles[run.id]) for run in runs]
    hidden = {"scored on"} if all(row["scored on"] in ("test", None) for row in rows) else set()
    columns = {name: [row[name] for row in rows] for name in rows[0] if name not in hidden}
    # Rows are ticked by index: when the list of runs changes, a new table has the same runs ticked.
    ticked = st.session_state.setdefault(TICKED, set())
    event = data_table(
        columns,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        height="content" if len(rows) <= ROWS else 360,
        key=f"results_table_{kind}_{hash(tuple(run.id for run in runs))}",
        selection_default={"selection": {"rows": [index for index, run in enumerate(runs) if run.id in ticked]}},
        column_config={
            "started": st.column_config.DatetimeColumn(format="calendar"),
            in_words(PRESENTATIONS[kind].measure): st.column_config.NumberColumn(format="%.4g"),
            "accuracy": st.column_config.NumberColumn(format="percent"),
            "minutes": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    selected = [runs[index] for index in event.selection.rows if index < len(runs)]
    st.session_state[TICKED] = ticked.difference(run.id for run in runs).union(run.id for run in selected)
    return selected


def _row(run: RunFolder, state: State, title: str) -> dict[str, Any]:
    settings, result, kind = run.settings, run.result or {}, PRESENTATIONS[run.kind]
    is_classifier = "classifier" in settings
    seconds = (state.ended or state.updated or 0) - state.started if state.started else None
    return {
        "started": datetime.fromtimestamp(run.created),
        "status": state.status,
        "method": settings.get(kind.method, kind.method),
        "network": network(settings) if is_classifier else settings["generator"],
        "seed": settings["seed"],
        "steps": f"{state.step} / {state.total_steps or settings['steps']}",
        "scored on": scored_on(settings) if is_classifier else None,
        in_words(kind.measure): result.get(kind.measure),
        "minutes": seconds / 60 if seconds else None,
        "run": title,
    }


def in_words(name: str) -> str:
    """Return a metric's name as the page shows it."""
    return name.replace("_", " ")


def classifier_views(runs: list[RunFolder]) -> None:
    """Show the verdict on classifier runs, and the runs in one of the views."""
    series = group(runs, training_of)
    baseline = baseline_of(series, "results")
    rows = table(series, baseline)
    show_verdict(rows, baseline, "results")
    show_problem()
    view = st.segmented_control(
        "View",
        VIEWS,
        default="Table",
        required=True,
        key="results_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    match view:
        case "Curves":
            chart(series, "results_chart", chart_settings("results"))
        case "Use":
            try_classifier(runs)
        case "Configuration":
            configurations(runs)
        case "Log":
            _one_run(runs)
        case _ if not finished(series):
            st.info("None of these runs has finished yet.", icon=":material/hourglass_empty:")
        case "Table":
            results_table(rows, "results")
            reference.show(list(baseline.runs.values()), "results")
        case "Classes":
            show_by_class(finished(series))
        case "Confusion":
            show_confusion(finished(series))
        case "Calibration":
            show_calibration(finished(series))


def training_views(runs: list[RunFolder]) -> None:
    """Show training runs in one of the views."""
    view = st.segmented_control(
        "View",
        ["Curves", "Configuration", "Log"],
        default="Curves",
        required=True,
        key="results_training_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    match view:
        case "Curves":
            _training_curves(runs)
        case "Configuration":
            configurations(runs)
        case "Log":
            _one_run(runs)


def _training_curves(runs: list[RunFolder]) -> None:
    kind = runs[0].kind
    value = st.selectbox(
        "Shown", PRESENTATIONS[kind].curves, format_func=in_words, key=f"results_loss_{kind}", width=240
    )
    shown, titles = runs[: len(PALETTE)], run_titles(runs)
    pairs = zip(shown, PALETTE, strict=False)
    curves = [Curve(titles[run.id], *cached.curve(run.path, value), colour) for run, colour in pairs]
    if len(runs) > len(shown):
        st.caption(plain(f"The newest {len(shown)} of {len(runs)} are shown; select the ones to show instead."))
    log = value not in ("accuracy", "images_per_second") and kind == "train"
    drawn = [curve for curve in curves if len(curve.x)]
    figure = figures.lines(drawn, "step", in_words(value), log_y=log, percent=value == "accuracy")
    live_chart(figure, "results_training", f"{value} by step", height=400, revision=value)


def _one_run(runs: list[RunFolder]) -> None:
    """Show status, log and buttons of one run."""
    by_id, titles = {run.id: run for run in runs}, run_titles(runs)
    run = by_id[st.selectbox("Run", list(by_id), format_func=titles.__getitem__, key="results_run")]
    show_about(About.read(run.path))
    run_panel(run, run.state)
    edit_about(run, titles[run.id])
