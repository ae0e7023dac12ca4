"""Series of classifier runs side by side: live curves with a band of standard error, the table, and in what their
configurations differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from app import cached
from app.components.live_chart import live_chart
from app.results.series import HEADER, Series, cells, scored_on, table, to_csv, to_latex, to_markdown
from app.runs.naming import run_titles
from app.session.public import without_paths
from app.widgets import figures
from app.widgets.figures import Curve, Numbers
from app.widgets.forms import label
from app.widgets.text import plain
from glico.config import SCORED, TrainConfig
from glico.evaluation.statistics import INTERVALS, weight_of_one
from glico.experiments.grid import Grid
from glico.formats import json_text
from glico.runs.folder import RunFolder

VALUES = {  # value in the metrics -> what the page calls it, whether it is a share
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
    """What is drawn, and on which axes; ``smoothing`` from 0 (none) to 0.99."""

    value: str
    log_x: bool
    log_y: bool
    smoothing: float


def training_of(run: RunFolder) -> TrainConfig | None:
    """How the checkpoint of a classifier run was trained, where the file is still there."""
    return cached.trained_with(Path(run.settings["checkpoint"]))


def chart_settings(key: str) -> ChartSettings:
    """The controls above a chart."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.selectbox(
            "Shown", list(VALUES), format_func=lambda name: VALUES[name][0], key=f"{key}_value",
            persist_state="session", width=200,
        )  # fmt: skip
        log = st.segmented_control(
            "Logarithmic axes", ["steps", "values"], selection_mode="multi", key=f"{key}_log", persist_state="session"
        )
        smoothing = st.slider(
            "Smoothing", 0.0, 0.99, 0.0, 0.01, key=f"{key}_smoothing", persist_state="session", width=200,
            help="Weight of earlier values in the moving average; the raw line stays in the background.",
        )  # fmt: skip
    return ChartSettings(value, "steps" in log, "values" in log, smoothing)


def scored(series: Sequence[Series]) -> str:
    """Which images the accuracy of these runs is taken on."""
    return " or ".join(dict.fromkeys(SCORED[scored_on(one.settings)] for one in series))


def chart(series: Sequence[Series], key: str, settings: ChartSettings) -> None:
    """One colour per method: the mean over seeds, with a band of standard error where there are several."""
    title, share = VALUES[settings.value]
    if settings.value.startswith("{scored_on}"):
        title += f" on {scored(series)}"
    curves = [_curve(one, settings) for one in series]
    figure = figures.lines(
        curves, "step", title, log_x=settings.log_x, log_y=settings.log_y, percent=share,
        until=max(int(one.settings["steps"]) for one in series),
    )  # fmt: skip
    names = ", ".join(curve.name for curve in curves)
    first = min((run for one in series for run in one.runs.values()), key=lambda run: run.created)
    live_chart(figure, key, f"{title} by step: {names}", height=400, revision=f"{settings} {first.id}")


def results_table(series: Sequence[Series], key: str) -> None:
    """Mean ± standard error over seeds, the paired difference to a baseline, and both to take away."""
    by_name = {one.name: one for one in series}
    if st.session_state.get(f"{key}_baseline") not in by_name:
        plainest = [name for name, one in by_name.items() if one.settings["augmentation"] == "standard"]
        st.session_state[f"{key}_baseline"] = (plainest or list(by_name))[0]
    baseline = st.selectbox(
        "Baseline", list(by_name), key=f"{key}_baseline", width=360,
        help="Differences are taken seed by seed against this method, where both were scored on the same images.",
    )  # fmt: skip
    rows = table(series, by_name[baseline])
    columns = Grid(HEADER, [cells(row) for row in rows]).columns()
    columns["seeds"] = [f"{len(row.series.scores())} of {len(row.series.runs)}" for row in rows]
    st.dataframe(columns, hide_index=True, key=f"{key}_table")
    counts = {len(found.right) for one in series for found in one.hits().values()}
    weight = f" ({weight_of_one(counts)})" if counts else ""
    st.caption(plain(f"In per cent of the {scored(series)}{weight}; mean ± standard error over seeds. {INTERVALS}"))
    with st.container(horizontal=True):
        for label, name, text in (
            ("CSV", "results.csv", to_csv(rows)),
            ("Markdown", "results.md", to_markdown(rows)),
            ("LaTeX", "results.tex", to_latex(rows)),
        ):
            st.download_button(
                label, text, name, icon=":material/download:", key=f"{key}_{label}", on_click="ignore"
            )  # fmt: skip


def measured(run: RunFolder, value: str) -> tuple[Numbers, Numbers]:
    """The steps (n,) at which a run has measured something so far, and what it found (n,)."""
    name = value.format(scored_on=scored_on(run.settings))
    points = [(r["step"], r[name]) for r in cached.metrics(run.path) if r.get(name) is not None]
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return x, y


def _curve(series: Series, settings: ChartSettings) -> Curve:
    runs = [points for run in series.runs.values() if len((points := measured(run, settings.value))[0])]
    x, mean, error = figures.mean_over_seeds(runs)
    smoothed = figures.smooth(mean, settings.smoothing)
    return Curve(
        series.name, x, smoothed, series.colour, dash=series.dash,
        error=error if len(runs) > 1 else None, raw=mean if settings.smoothing else None,
    )  # fmt: skip


def configurations(runs: Sequence[RunFolder]) -> None:
    """A column per run; first what differs, then, on demand, all."""
    titles = run_titles(runs)
    fields = list(dict.fromkeys(name for run in runs for name in run.settings))
    spelt = {run.id: {name: _spelt(run.settings.get(name)) for name in fields} for run in runs}
    differing = [name for name in fields if len({spelt[run.id][name] for run in runs}) > 1]
    if len(runs) == 1:
        shown = fields
    else:
        every = st.toggle("Also show identical fields", key="configurations_all")
        shown = fields if every else differing
        same = len(fields) - len(differing)
        st.caption(plain(f"{len(runs)} runs differ in {len(differing)} fields and agree in {same}."))
    if shown:
        columns = {"field": [label(name) for name in shown]}
        columns |= {titles[run.id]: [spelt[run.id][name] for name in shown] for run in runs}
        st.dataframe(columns, hide_index=True, key="configurations_table", height="content")
    written = without_paths(json_text({run.id: run.settings for run in runs}, indent=2))
    st.download_button(
        "Configurations as JSON", written, "configurations.json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _spelt(value: object) -> str:
    if value is None:
        return "by default"
    return without_paths(", ".join(map(str, value)) if isinstance(value, list) else str(value))
