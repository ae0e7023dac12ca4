"""Results: every run there is, past and present, to choose from and compare; and the declared tables."""

from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from app.components.live_chart import live_chart
from app.results.analysis import by_class, calibrated, confused, finished
from app.results.comparison import chart, chart_settings, configurations, measured, results_table, training_of
from app.results.series import group, network, scored_on
from app.results.tables import declared_tables
from app.results.try_classifier import use
from app.runs.naming import checkpoint_title, edit_about, run_titles, show_about
from app.runs.panel import notice_changes, run_names, run_panel
from app.widgets import figures
from app.widgets.figures import Curve
from app.widgets.text import counted, plain
from glico.config import DataConfig
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, find_runs, list_runs
from glico.runs.kinds import KINDS
from glico.runs.naming import About, dataset_name
from glico.runs.state import State
from glico.web.palette import PALETTE

ALL = "all"
ROWS = 9  # of the table; with more it scrolls
REFRESH_SECONDS = 2.0  # while runs are at work


def line(run: RunFolder, state: State, title: str) -> dict[str, Any]:
    """A run as a row of the table."""
    settings, result, kind = run.settings, run.result or {}, KINDS[run.kind]
    classifies = "classifier" in settings
    took = (state.ended or state.updated or 0) - state.started if state.started else None
    return {
        "started": datetime.fromtimestamp(run.created),
        "status": state.status,
        "method": settings.get(kind.method, kind.method),
        "network": network(settings) if classifies else settings["generator"],
        "seed": settings["seed"],
        "steps": f"{state.step} / {state.total_steps or settings['steps']}",
        "scored on": scored_on(settings) if classifies else None,
        in_words(kind.measure): result.get(kind.measure),
        "minutes": took / 60 if took else None,
        "run": title,
    }


def in_words(name: str) -> str:
    """A value's name as it is shown."""
    return name.replace("_", " ")


def small_sample(run: RunFolder) -> str:
    """The images that a run learned from, in words: runs on others are not compared unless a person asks for it."""
    try:
        training = training_of(run) if "checkpoint" in run.settings else run.config
    except GlicoError:
        return "configured by another version"
    if not isinstance(training, DataConfig):
        return f"checkpoint missing: {checkpoint_title(Path(run.settings['checkpoint']))}"
    words = [dataset_name(training.dataset), f"{training.sample_size} per class"]
    words += [f"{training.resolution} px"] * (training.resolution is not None)
    return " · ".join(words)


def choose(runs: list[RunFolder]) -> list[RunFolder]:
    """The table with its filters; gives the runs that are selected."""
    states = {run.id: run.state for run in runs}
    filters_row = st.container(horizontal=True, vertical_alignment="bottom")
    with filters_row:
        kind = st.segmented_control(
            "Kind",
            list(KINDS),
            format_func=lambda name: KINDS[name].title,
            default="classify",
            required=True,
            key="results_kind",
            persist_state="session",
        )
        statuses = st.multiselect(
            "Status", sorted({state.status for state in states.values()}), key="results_status", width=260,
            placeholder="any",
        )  # fmt: skip
        words = st.text_input("Contains", key="results_words", placeholder="mixup small-cnn", width=260).split()
    samples = {run.id: small_sample(run) for run in runs if run.kind == kind}
    if len(choices := list(dict.fromkeys(samples.values()))) > 1:
        with filters_row:
            sample = st.selectbox("Small sample", [*choices, ALL], key=f"results_sample_{kind}", width=280)
    else:
        sample = ALL
    kept = [
        run
        for run in runs
        if run.kind == kind
        and sample in (ALL, samples[run.id])
        and (not statuses or states[run.id].status in statuses)
        and all(word in run.id or word in str(run.settings) for word in words)
    ]
    if not kept:
        st.info("No run matches these filters.", icon=":material/filter_alt:")
        return []
    titles = run_titles(runs)
    rows = [line(run, states[run.id], titles[run.id]) for run in kept]
    hidden = {"scored on"} if all(row["scored on"] in ("test", None) for row in rows) else set()
    table = {name: [row[name] for row in rows] for name in rows[0] if name not in hidden}
    percent = st.column_config.NumberColumn(format="percent")
    # Rows are selected by index: when runs come and go, the table is another one, with the same runs ticked.
    before = st.session_state.setdefault("results_ticked", set())
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="multi-row", placeholder="–",
        height="content" if len(rows) <= ROWS else 360,
        key=f"results_table_{kind}_{hash(tuple(run.id for run in kept))}",
        selection_default={"selection": {"rows": [index for index, run in enumerate(kept) if run.id in before]}},
        column_config={
            "started": st.column_config.DatetimeColumn(format="calendar"),
            in_words(KINDS[kind].measure): st.column_config.NumberColumn(format="%.4g"),
            "accuracy": percent,
            "minutes": st.column_config.NumberColumn(format="%.1f"),
        },
    )  # fmt: skip
    ticked = [kept[index] for index in event.selection.rows if index < len(kept)]
    st.session_state["results_ticked"] = before.difference(run.id for run in kept).union(run.id for run in ticked)
    if ticked:
        said = f"{len(ticked)} of {counted(len(kept), 'run')} selected."
    else:
        said = f"{counted(len(kept), 'run')}. Select some to compare them; otherwise all are compared."
    st.caption(plain(said))
    return ticked or kept


def classifier_sections(runs: list[RunFolder]) -> None:
    """One way of looking at classifier runs at a time."""
    section = st.segmented_control(
        "View", ["Table", "Curves", "Classes", "Confusion", "Calibration", "Use", "Configuration", "Log"],
        default="Table", required=True, key="results_view", persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    series = group(runs, training_of)
    match section:
        case "Curves":
            chart(series, "results_chart", chart_settings("results"))
        case "Use":
            use(runs)
        case "Configuration":
            configurations(runs)
        case "Log":
            one_run(runs)
        case _ if not finished(series):
            st.info("None of these runs has finished yet.", icon=":material/hourglass_empty:")
        case "Table":
            results_table(series, "results")
        case "Classes":
            by_class(finished(series))
        case "Confusion":
            confused(finished(series))
        case "Calibration":
            calibrated(finished(series))


def training_sections(runs: list[RunFolder]) -> None:
    """Training runs: their losses, configurations and logs."""
    section = st.segmented_control(
        "View", ["Curves", "Configuration", "Log"], default="Curves", required=True, key="results_training_view",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    match section:
        case "Curves":
            value = st.selectbox(
                "Shown", KINDS[runs[0].kind].curves, format_func=in_words,
                key=f"results_loss_{runs[0].kind}", width=240,
            )  # fmt: skip
            shown, titles = runs[: len(PALETTE)], run_titles(runs)
            curves = [
                Curve(titles[run.id], *measured(run, value), colour)
                for run, colour in zip(shown, PALETTE, strict=False)
            ]
            if len(runs) > len(shown):
                st.caption(plain(f"The newest {len(shown)} of {len(runs)} are shown; select the ones to show instead."))
            log = value not in ("accuracy", "images_per_second") and runs[0].kind == "train"
            drawn = [curve for curve in curves if len(curve.x)]
            figure = figures.lines(drawn, "step", in_words(value), log_y=log, percent=value == "accuracy")
            live_chart(figure, "results_training", f"{value} by step", height=400, revision=value)
        case "Configuration":
            configurations(runs)
        case "Log":
            one_run(runs)


def one_run(runs: list[RunFolder]) -> None:
    """Status, log, and what can be done to one run."""
    by_id, titles = {run.id: run for run in runs}, run_titles(runs)
    run = by_id[st.selectbox("Run", list(by_id), format_func=titles.__getitem__, key="results_run")]
    show_about(About.read(run.path))
    run_panel(run, run.state)
    edit_about(run, titles[run.id])


def all_runs() -> None:
    """Every run there is, and what can be seen of those that are chosen; live while one is at work."""
    known = run_names()
    alive = any(run.state.alive for run in list_runs())

    @st.fragment(run_every=REFRESH_SECONDS if alive else None)
    def live() -> None:
        runs, problems = find_runs()
        if any(run.state.alive for run in runs) != alive:
            st.rerun()
        for problem in problems:
            st.warning(plain(problem), icon=":material/warning:")
        if not runs:
            st.info(
                "There are no runs yet. Start one on the Train or Classify page, or see under Tables what was measured "
                "before.",
                icon=":material/info:",
            )
        elif chosen := choose(runs):
            (training_sections if KINDS[chosen[0].kind].curves else classifier_sections)(chosen)

    live()
    notice_changes(known)


st.title("Results")
st.write("All runs, from these pages and from the command line.")
SECTIONS = {"Runs": all_runs, "Tables": declared_tables}
section = st.segmented_control(
    "Show", list(SECTIONS), default="Runs", required=True, key="results_section", persist_state="session",
    label_visibility="collapsed",
)  # fmt: skip
SECTIONS[section]()
