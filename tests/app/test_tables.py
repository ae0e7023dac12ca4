"""The declared tables on the Results page show the same runs and figures as the command line."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from component_data import data_of
from holding import until
from streamlit.testing.v1 import AppTest

from glico.evaluation.statistics import with_error
from glico.experiments import TABLES
from glico.experiments.methods import GLICO, STANDARD
from glico.experiments.order import Order, stored_orders
from glico.experiments.report_file import shipped
from glico.experiments.report_text import compared, measured
from glico.runs.execute import execute
from glico.runs.folder import RunFolder

VIEW = str(Path(__file__).parents[2] / "app" / "views" / "results.py")
TINY = replace(
    TABLES["digits"],
    title="Tiny",
    samples_per_class=(2,),
    seeds=(0, 1),
    methods=(STANDARD, GLICO),
    train={"steps": 1, "generator_width": 4, "dimension": 8, "snapshots": 0},
    classify={"steps": 1, "batch_size": 8, "evaluations": 1},
)


def tables_of(name: str, order: int = 0) -> AppTest:
    app = AppTest.from_file(VIEW, default_timeout=120)
    app.session_state["results_section"], app.session_state["declared_table"] = "Tables", name
    if order:
        app.session_state[f"declared_{name}"] = stored_orders(name)[order].command()
    app.run()
    assert not app.exception
    return app


@pytest.mark.slow
def test_table_shows_paper_figures_and_missing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLES, "tiny", TINY)
    order = Order("tiny", seeds=(0,))
    order.keep()
    for stage in order.plan().stages():
        for config in stage():
            execute(RunFolder.create(config), device="cpu")
    app = tables_of("tiny")
    (measured, differences) = (frame.value for frame in app.dataframe)
    shown = {result.cell.method.name: result.scores[0]["accuracy"] for result in order.plan().results()}
    assert measured["seeds"].tolist() == ["1 of 2", "1 of 2"], "as declared, not as was asked"
    assert measured["top-1 (%)"].tolist() == [f"{100 * value:.2f}" for value in shown.values()]
    assert differences["top-1 (%)"].tolist() == [
        with_error(100 * (shown["GLICO"] - shown["standard"]), None, signed=True)
    ]
    assert "python -m glico table tiny" in [block.value for block in app.code]
    assert not any("paper" in column for column in measured.columns)

    app = tables_of("cifar100")
    (printed,) = (frame.value for frame in app.dataframe)
    assert printed["paper's top-1 (%)"].tolist()[:2] == ["22.89 ± 0.09", "28.55 ± 0.40"]
    assert set(printed["seeds"]) == {"0 of 3"}
    Order("cifar100", changes={"reconstruction": "laplacian"}).keep()
    app = tables_of("cifar100", order=1)
    assert "paper's top-1 (%)" not in app.dataframe[0].value.columns, "another loss is not the paper's protocol"


def test_the_gain_by_length_is_drawn_of_what_was_measured_before() -> None:
    app = tables_of("length-small")
    before = shipped("length-small")
    assert before is not None
    (chart,) = data_of(app, "live_chart")
    curves = {trace["name"]: trace for trace in json.loads(chart["figure"])["data"] if trace.get("showlegend", True)}
    assert list(curves) == [method.name for method in TABLES["length-small"].methods[1:]], "over the first one"
    ticks = json.loads(chart["figure"])["layout"]["xaxis"]
    assert (ticks["tickvals"], ticks["ticktext"]) == ([300, 1000, 3000], ["300", "1,000", "3,000"])
    for name, curve in curves.items():
        x, y = (np.frombuffer(base64.b64decode(curve[axis]["bdata"]), curve[axis]["dtype"]) for axis in "xy")
        gains = [row for row in before.comparisons if (row.method, row.baseline) == (name, "standard")]
        assert x.tolist() == [row.steps for row in gains]
        assert y.tolist() == [row.difference.mean for row in gains]


def test_shipped_figures_are_shown_and_missing_runs_started(own_places: Path) -> None:
    app = tables_of("cifar10-small")
    before = shipped("cifar10-small")
    assert before is not None
    assert app.dataframe[0].value["top-1 (%)"].tolist() == measured(before).columns()["top-1 (%)"]
    assert app.dataframe[1].value["shown"].tolist() == compared(before).columns()["shown"]
    assert any("Measured by" in caption.value for caption in app.caption)
    assert app.button(key="declared_run").disabled, "it needs a data set"
    app.text_input(key="declared_data_cifar10-small").set_value(str(own_places / "nowhere.npz")).run()
    app.button(key="declared_run").click().run()
    assert not app.exception
    (log,) = (own_places / "runs" / ".tables").glob("cifar10-small-*.log")
    until(lambda: "There is no data set" in log.read_text())
