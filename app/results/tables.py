"""The declared tables: measured figures next to the paper's, and the command that runs what is missing."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

import numpy as np
import streamlit as st

from app.components.live_chart import live_chart
from app.session.public import is_public, without_paths
from app.widgets import figures
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.figures import Curve
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.errors import GlicoError
from glico.evaluation.statistics import Estimate, PairedDifference
from glico.experiments import TABLES
from glico.experiments.grid import Grid
from glico.experiments.order import Order, stored_orders
from glico.experiments.plan import Plan, Result
from glico.experiments.report import Report, report
from glico.experiments.report_file import shipped
from glico.experiments.report_text import LABELS, chosen, compared, markdown, measured
from glico.web.palette import PALETTE

EVERY_SECONDS = 5.0  # while runs are alive
BADGES = {"paper": (":material/menu_book:", "green"), "scaled-down": (":material/laptop:", "orange")}
Point = tuple[int, Estimate | PairedDifference]
"""A position on the x axis, and what was measured there."""
UNFINISHED = ("running", "queued", "failed", "died", "cancelled")


def show() -> None:
    """Show one of the tables, as it was run with some data set and changes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Table",
            list(TABLES),
            format_func=lambda name: TABLES[name].title,
            key="declared_table",
            persist_state="session",
            width=460,
        )
        orders = {order.command(): order for order in stored_orders(name)}
        chosen_order = next(iter(orders), "")
        if len(orders) > 1:
            chosen_order = st.selectbox(
                "Run with",
                list(orders),
                format_func=lambda command: _title(orders[command]),
                key=f"declared_{name}",
                width=360,
            )
    table = TABLES[name]
    icon, colour = BADGES[table.protocol]
    st.badge(LABELS[table.protocol], icon=icon, color=colour)  # type: ignore[arg-type]
    st.caption(plain(" ".join([f"{table.note[0].upper()}{table.note[1:]}.", *table.declared])))
    if not chosen_order:
        if (stored := shipped(name)) is not None:
            _report(stored)
        _offer(name)
        return
    order = orders[chosen_order]
    try:
        alive = _is_alive(order.plan())
    except GlicoError as error:
        show_error(error)
        return
    st.fragment(run_every=EVERY_SECONDS if alive else None)(_results)(order, alive)


def _results(order: Order, alive: bool) -> None:
    """Show the results of an order so far, live while runs are alive."""
    plan = order.plan()
    statuses, results = plan.statuses(), plan.results()
    if alive and not _is_alive(plan):
        st.rerun()
    total, finished = statuses.total(), statuses["done"]
    parts = [f"{finished} of {total} runs are done", *(f"{statuses[s]} {s}" for s in UNFINISHED if statuses[s])]
    notes = order.notes()
    stored = None if notes or order.methods or any(result.scores for result in results) else shipped(order.name)
    if stored is None or len(parts) > 1:
        st.progress(finished / total, text=plain(f"{', '.join(parts)}."))
    else:
        st.caption("The figures that are shipped with the program; none of these runs has finished on this machine.")
    _report(stored or report(plan.table, results, notes))
    if finished < total:
        with st.container(horizontal=True, vertical_alignment="center"):
            if not is_public():
                st.button(
                    "Run what is missing",
                    icon=":material/play_arrow:",
                    type="primary",
                    key="declared_run",
                    disabled=alive,
                    on_click=attempt,
                    args=(order.start,),
                )
            st.write("This command runs what is missing:" if is_public() else "or by this command:")
        st.code(without_paths(order.command()), language="sh", wrap_lines=True)
        show_problem()
    _downloads(order, results)


def _offer(name: str) -> None:
    """Let a person run a table on a data set of their own."""
    st.write("This table needs a data set of your own: a name, a folder, a .zip or an .npz file.")
    if is_public():  # a visitor names no data set of this machine
        st.code(Order(name, "PATH").command(), language="sh", wrap_lines=True)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset = st.text_input("Data set", key=f"declared_data_{name}", placeholder="PATH", width=360)
        st.button(
            "Run it",
            icon=":material/play_arrow:",
            type="primary",
            key="declared_run",
            disabled=not dataset,
            on_click=attempt,
            args=(Order(name, dataset or None).start,),
        )
    st.code(Order(name, dataset or "PATH").command(), language="sh", wrap_lines=True)
    show_problem()


def _report(table: Report) -> None:
    """Show measured figures, paired differences, chosen settings and the chart."""
    for note in table.notes:
        st.caption(plain(note))
    _grid(measured(table), "measured")
    st.caption(plain(table.about))
    if table.comparisons:
        st.subheader("Paired differences")
        _grid(compared(table), "differences")
        st.caption("Only seeds finished by both methods are compared.")
    if (settings := chosen(table)).lines:
        st.subheader("Chosen on the small sample")
        _grid(settings, "chosen")
    _chart(table)


def _title(order: Order) -> str:
    """Return how an order differs from the others of its table."""
    changes = [f"{name.replace('_', ' ')} {Path(str(value)).name}" for name, value in order.changes.items()]
    methods = [f"only {', '.join(order.methods)}"] if order.methods else []
    return ", ".join([Path(order.dataset).name if order.dataset else "as declared", *changes, *methods])


def _is_alive(plan: Plan) -> bool:
    statuses = plan.statuses()
    return statuses["running"] + statuses["queued"] > 0


def _grid(grid: Grid, key: str) -> None:
    """Show a grid. A column of data sets that are all the same is dropped, to save space on a phone."""
    columns = grid.columns()
    shown = {name: words for name, words in columns.items() if name != "data set" or len(set(words)) > 1}
    data_table(shown, height="content", key=f"declared_{key}")


def _chart(table: Report) -> None:
    """Show the gain over the first method by the classifier's steps if there are several, else the measure by samples
    per class, with the paper's figures dotted."""
    methods = list(dict.fromkeys(row.method for row in table.rows))
    by_steps = any(row.steps is not None for row in table.rows)
    x_title, y_title = "samples per class", table.measures[0].title
    if by_steps:
        x_title, y_title = "steps of the classifier", f"{y_title} − {methods[0]}"
    points = _gains(table, methods[0]) if by_steps else _means(table)
    curves = []
    for method, colour in zip(methods, PALETTE, strict=False):
        for name, dash in ((method, "solid"), (_printed(method), "dot")):
            curve = points.get(name, [])
            if len(curve) > 1:
                x = np.array([place for place, _ in curve])
                y = np.array([estimate.mean for _, estimate in curve])
                error = np.nan_to_num([estimate.standard_error for _, estimate in curve])
                curves.append(Curve(name, x, y, colour, error=error if dash == "solid" else None, dash=dash))
    if curves:
        shown = ", ".join(curve.name for curve in curves)
        figure = figures.lines(curves, x_title, y_title, log_x=by_steps)
        if by_steps:  # by default, a logarithmic axis has the ticks 3, 4 … 1000, 2, 3
            marks = list(dict.fromkeys(place for curve in points.values() for place, _ in curve))
            figure.update_xaxes(tickvals=marks, ticktext=[f"{mark:,}" for mark in marks])
        live_chart(figure, "declared_chart", f"{y_title} by {x_title}: {shown}", height=400)


def _gains(table: Report, baseline: str) -> dict[str, list[Point]]:
    """Return each method's difference from the ``baseline``, by the classifier's steps."""
    points: dict[str, list[Point]] = {}
    for row in table.comparisons:
        if row.baseline == baseline and row.steps is not None:
            points.setdefault(row.method, []).append((row.steps, row.difference))
    return points


def _means(table: Report) -> dict[str, list[Point]]:
    """Return each method's mean by samples per class, and the paper's."""
    points: dict[str, list[Point]] = {}
    measure = table.measures[0].name
    for row in table.rows:
        if (estimate := row.estimates[measure]) is not None:
            points.setdefault(row.method, []).append((row.samples_per_class, estimate))
        if row.figure is not None and measure == "accuracy":
            printed = Estimate(row.figure.top1, nan, 0)
            points.setdefault(_printed(row.method), []).append((row.samples_per_class, printed))
    return points


def _printed(method: str) -> str:
    """Return the name of the paper's curve for a method."""
    return f"{method} (paper)"


def _downloads(order: Order, results: Sequence[Result]) -> None:
    table = report(order.table, results, order.notes())
    with st.container(horizontal=True):
        for label, ending, text in (
            ("CSV", "csv", measured(table).csv()),
            ("Markdown", "md", markdown(table, order.table) + "\n"),
            ("LaTeX", "tex", measured(table).latex() + "\n"),
        ):
            st.download_button(
                label,
                text,
                f"{order.name}.{ending}",
                icon=":material/download:",
                key=f"declared_{label}",
                on_click="ignore",
            )
