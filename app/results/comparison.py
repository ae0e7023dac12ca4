"""Series of classifier runs compared: live curves with bands of standard error, a table, and their configurations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import cached
from app.components.live_chart import live_chart
from app.results.series import HEADER, Row, Series, cells, scored_on, to_csv, to_latex, to_markdown
from app.runs.naming import run_titles, value_in_words
from app.session.public import without_paths
from app.widgets import figures
from app.widgets.figures import Curve
from app.widgets.forms import label
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.config import SCORED, TrainConfig
from glico.evaluation.statistics import INTERVALS, VERDICT, weight_of_one
from glico.experiments.grid import Grid
from glico.formats import json_text
from glico.runs.folder import RunFolder

VALUES = {  # metric -> title, and whether it is a share
    "{scored_on}_accuracy": ("accuracy", True),
    "{scored_on}_top5": ("top-5 accuracy", True),
    "{scored_on}_loss": ("loss", False),
    "loss": ("training loss", False),
    "learning_rate": ("learning rate", False),
    "images_per_second": ("images per second", False),
    "kept": ("share of generated images accepted", True),
}


@dataclass(frozen=True)
class ChartSettings:
    """The metric of a chart and its axes; ``smoothing`` is from 0 (none) to 0.99."""

    value: str
    log_x: bool
    log_y: bool
    smoothing: float


def training_of(run: RunFolder) -> TrainConfig | None:
    """Return how the checkpoint of a classifier run was trained; None if the file is gone."""
    return cached.trained_with(Path(run.settings["checkpoint"]))


def chart_settings(key: str) -> ChartSettings:
    """Show the controls above a chart; return their values."""
    with st.container(horizontal=True):  # aligned at the top, since a segmented control is lower than the others
        value = st.selectbox(
            "Shown",
            list(VALUES),
            format_func=lambda name: VALUES[name][0],
            key=f"{key}_value",
            persist_state="session",
            width=200,
        )
        log = st.segmented_control(
            "Logarithmic axes", ["steps", "values"], selection_mode="multi", key=f"{key}_log", persist_state="session"
        )
        smoothing = st.slider(
            "Smoothing",
            0.0,
            0.99,
            0.0,
            0.01,
            key=f"{key}_smoothing",
            persist_state="session",
            width=200,
            help="Weight of earlier values in the moving average; the raw line stays visible, fainter.",
        )
    return ChartSettings(value, "steps" in log, "values" in log, smoothing)


def scored_images_of(series: Sequence[Series]) -> str:
    """Return the images on which the accuracy of these runs is computed, in words."""
    return " or ".join(dict.fromkeys(SCORED[scored_on(one.settings)] for one in series))


def chart(series: Sequence[Series], key: str, settings: ChartSettings) -> None:
    """Show a curve for each series: the mean over seeds, with a band of standard error if there are several."""
    title, share = VALUES[settings.value]
    if settings.value.startswith("{scored_on}"):
        title += f" on {scored_images_of(series)}"
    curves = [_curve(one, settings) for one in series]
    figure = figures.lines(
        curves,
        "step",
        title,
        log_x=settings.log_x,
        log_y=settings.log_y,
        percent=share,
        until=max(int(one.settings["steps"]) for one in series),
    )
    names = ", ".join(curve.name for curve in curves)
    first = min((run for one in series for run in one.runs.values()), key=lambda run: run.created)
    live_chart(figure, key, f"{title} by step: {names}", height=400, revision=f"{settings} {first.id}")


def baseline_of(series: Sequence[Series], key: str) -> Series:
    """Return the series that the others are compared with: the chosen one, at first the first standard one."""
    by_name = {one.name: one for one in series}
    if st.session_state.get(f"{key}_baseline") not in by_name:
        standard = [name for name, one in by_name.items() if one.settings["augmentation"] == "standard"]
        st.session_state[f"{key}_baseline"] = (standard or list(by_name))[0]
    return by_name[st.session_state[f"{key}_baseline"]]


def results_table(rows: Sequence[Row], key: str) -> None:
    """Show mean ± standard error over seeds and the paired difference to a baseline, with exports."""
    series = [row.series for row in rows]
    st.selectbox(
        "Baseline",
        [one.name for one in series],
        key=f"{key}_baseline",
        width=360,
        help="Differences from this method are paired by seed, if both were scored on the same images.",
    )
    columns = Grid(HEADER, [cells(row) for row in rows]).columns()
    columns["seeds"] = [f"{len(row.series.scores())} of {len(row.series.runs)}" for row in rows]
    counts = {len(hits.right) for one in series for hits in one.hits().values()}
    weight = f" ({weight_of_one(counts)})" if counts else ""
    st.caption(
        plain(f"In per cent of the {scored_images_of(series)}{weight}; mean ± standard error over seeds. {INTERVALS}")
    )
    # The tool bar of a table covers the line above it: the caption, and no choice.
    data_table(columns, column_order=verdict_first(columns), key=f"{key}_table")
    with st.container(horizontal=True):
        for label, name, text in (
            ("CSV", "results.csv", to_csv(rows)),
            ("Markdown", "results.md", to_markdown(rows)),
            ("LaTeX", "results.tex", to_latex(rows)),
        ):
            st.download_button(label, text, name, icon=":material/download:", key=f"{key}_{label}", on_click="ignore")


def verdict_first(columns: Iterable[str]) -> list[str]:
    """Return the columns of a table with the verdict second, where a phone shows it."""
    first, *others = columns
    return sorted([first, *others], key=lambda name: (name != first, name != VERDICT))


def _curve(series: Series, settings: ChartSettings) -> Curve:
    curves = [
        cached.curve(run.path, settings.value.format(scored_on=scored_on(run.settings))) for run in series.runs.values()
    ]
    runs = [curve for curve in curves if len(curve[0])]
    x, mean, error = figures.mean_over_seeds(runs)
    smoothed = figures.smooth(mean, settings.smoothing)
    return Curve(
        series.name,
        x,
        smoothed,
        series.colour,
        dash=series.dash,
        error=error if len(runs) > 1 else None,
        raw=mean if settings.smoothing else None,
    )


def configurations(runs: Sequence[RunFolder]) -> None:
    """Show a column for each run with the settings that differ or, on demand, all."""
    titles = run_titles(runs)
    fields = list(dict.fromkeys(name for run in runs for name in run.settings))
    texts = {run.id: {name: value_in_words(run.settings.get(name)) for name in fields} for run in runs}
    differing = [name for name in fields if len({texts[run.id][name] for run in runs}) > 1]
    if len(runs) == 1:
        shown = fields
    else:
        every = st.toggle("Also show identical fields", key="configurations_all")
        shown = fields if every else differing
        same = len(fields) - len(differing)
        st.caption(plain(f"{len(runs)} runs differ in {len(differing)} fields and agree in {same}."))
    if shown:
        columns = {"field": [label(name) for name in shown]}
        columns |= {titles[run.id]: [texts[run.id][name] for name in shown] for run in runs}
        data_table(columns, key="configurations_table", height="content")
    text = without_paths(json_text({run.id: run.settings for run in runs}, indent=2))
    st.download_button(
        "Configurations as JSON",
        text,
        "configurations.json",
        icon=":material/download:",
        on_click="ignore",
    )
