"""Results, before and after a training with decisions: reached from the bar, paired, with a caution."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.decisions.retrained import BEFORE_AFTER, CHOSEN, SECTION
from glico.checkpoints.latent_space import trained_with
from glico.config import ClassifyConfig
from glico.data.decision_file import Decided, freeze, store_decided
from glico.data.decisions import Decision
from glico.runs.execute import execute
from glico.runs.folder import RunFolder, list_runs

RESULTS = Path(__file__).parents[2] / "app" / "views" / "results.py"
DECISIONS = [
    Decision("3", "7", "test", "relabel"), Decision("4", "7", "test", "leave-out"), Decision("9", "9", "train", "fine"),
]  # fmt: skip


@pytest.fixture
def retrained(finished_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A training with decisions from the checkpoint tiny-glico, which has classifiers of two methods and seeds."""
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    monkeypatch.setenv("GLICO_RUNS", str(runs))
    before = runs / "tiny-glico" / "checkpoint.safetensors"
    for run in list_runs():  # the copies name the checkpoint of the folder that they were copied from
        text = run.file("run.json").read_text()
        run.file("run.json").write_text(text.replace(str(finished_runs), str(runs)))
    store_decided("digits", "digits", Decided().decide(DECISIONS))
    config = trained_with(before).warm_started(str(before)).model_copy(update={"steps": 2, "device": "cpu"})
    run = RunFolder.create(config.model_copy(update={"decisions": str(freeze("digits", DECISIONS))}))
    assert execute(run).status == "done"
    return run


def opened() -> AppTest:
    app = AppTest.from_file(str(RESULTS), default_timeout=120)
    app.session_state["results_section"] = "Before and after"
    return app.run()


def test_button_opens_it_from_results_itself_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar of decisions is below the confusion matrix, on the page whose section it changes."""

    def page() -> None:
        from types import SimpleNamespace

        import streamlit as st

        from app.decisions import retrained

        st.segmented_control("Show", ["Runs", retrained.BEFORE_AFTER], default="Runs", key=retrained.SECTION)
        retrained.offer(SimpleNamespace(after=SimpleNamespace(id="a-run")), "confusion")

    went: list[bool] = []
    results = SimpleNamespace(open=lambda: went.append(True))
    monkeypatch.setattr("app.decisions.retrained.pages", SimpleNamespace(RESULTS=results))
    app = AppTest.from_function(page).run()
    app.button(key="confusion_before_after").click().run()
    assert not app.exception
    assert app.segmented_control(key=SECTION).value == BEFORE_AFTER
    assert app.session_state[CHOSEN] == "a-run"
    assert went


def test_without_a_retraining_the_page_says_how_to_get_one() -> None:
    app = opened()
    assert "No checkpoint has been trained again with decisions yet" in app.info[0].value
    assert not app.exception


def test_classifiers_before_and_after_are_compared_in_pairs(
    retrained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the new checkpoint lacks are started with the settings of the others; then the seeds are paired, on
    the test images that both have, by both kinds of labels, with a caution that they were looked at."""
    started: list[ClassifyConfig] = []
    monkeypatch.setattr("app.session.public.launch", started.append)
    app = opened()
    assert r"3 decisions \(1 relabelled, 1 left out\)" in app.markdown[-1].value
    app.button(key="before_after_start").click().run()
    checkpoint = str(retrained.file("checkpoint.safetensors"))
    assert {(each.checkpoint, each.augmentation, each.seed, each.steps) for each in started} == {
        (checkpoint, method, seed, 4) for method in ("standard", "glico") for seed in (0, 1)
    }
    for config in started:
        if config.augmentation == "standard":
            assert execute(RunFolder.create(config)).status == "done"
    app.run()
    table = app.dataframe[0].value
    assert table["method"].tolist() == ["standard", "standard"]
    assert table["labels"].tolist() == ["as you decided", "as published"]
    assert table["seeds"].tolist() == ["2", "2"]
    assert "You have looked at 2 images of those that are scored" in app.warning[0].value
    assert "598 images" in app.caption[0].value
    assert not app.exception
