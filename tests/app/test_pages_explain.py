"""Explanations on the pages: terms, differences, disabled buttons, readable cells, and their order."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from component_data import complete, data_of
from streamlit.testing.v1 import AppTest

from app.training.live_map import aligned_pca, pixel_error
from app.widgets import figures, glossary
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import DcganConfig
from glico.config.data import IN_MEMORY
from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import follow
from glico.runs.naming import About

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runs(finished_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Finished runs of the test's own."""
    copied = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    monkeypatch.setenv("GLICO_RUNS", str(copied))
    monkeypatch.setenv("GLICO_UPLOADS", str(tmp_path / "uploads"))
    return copied


@pytest.fixture
def opened(runs: Path) -> Callable[..., AppTest]:
    """Opens the app, or one view of it, at an address."""

    def at(view: str = "", **query: str) -> AppTest:
        file = f"app/views/{view}.py" if view else "streamlit_app.py"
        app = AppTest.from_file(str(ROOT / file), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        return complete(app)

    return at


def words(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind).replace(
        "\\", ""
    )


def test_the_glossary_in_docs_is_the_one_on_the_pages() -> None:
    assert glossary.FILE.read_text("utf-8") == glossary.page(), "run python -m app.widgets.glossary"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_confusion_numbers_contrast_with_their_cells(theme: str) -> None:
    """Every number has a contrast of at least 4.5 with its cell, in both themes."""
    shares = [count / 100 for count in range(101)]
    matrix = np.array([[share, 100 - share] for share in range(101)])[:2]
    drawn = figures.confusion(matrix.astype(np.int64), ["a", "b"], theme)
    assert [note.text for note in drawn.layout.annotations] == ["0", "100", "1", "99"]
    for share in shares:
        cell = figures.cell_colour(share, theme)
        assert figures.contrast(figures.ink(cell), cell) >= 4.5


def test_introduction_shows_purities_and_three_first_steps(opened) -> None:
    app = opened(method="pca")
    assert not app.exception
    assert "GLICO explorer" in words(app)
    assert [metric.label.replace("\\", "") for metric in app.metric] == ["purity, GLO", "purity, GLICO"]
    assert all(0 < float(metric.value) <= 1 for metric in app.metric)
    assert len([button for button in app.button if (button.key or "").startswith("first_")]) == 3
    assert app.selectbox(key="choose_checkpoint").value == "cifar10-glico"
    app.button(key="on_digits").click().run()
    assert app.selectbox(key="choose_checkpoint").value == "digits-glico"
    app.button(key="introduced_close").click().run()
    assert not app.metric


@pytest.fixture
def without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the data sets that are shipped are on this machine."""
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))


def test_classify_opens_on_digits_if_photographs_are_missing(opened, without_data) -> None:
    """The checkpoint that the app opens on needs a download, so the digits are chosen, and Start works."""
    app = opened("classify")
    assert not app.exception
    assert app.selectbox(key="choose_checkpoint").value == "digits-glico"
    assert any("The digits are chosen" in caption.value for caption in app.caption)
    assert not app.button(key="classify_start").disabled


def test_checkpoint_that_a_person_chooses_stays(opened, without_data) -> None:
    """One click chooses the digits instead, if the data set of a chosen checkpoint is missing."""
    app = opened("classify", checkpoint="digits-glico")
    app.selectbox(key="choose_checkpoint").select("cifar10-glico").run()
    assert app.selectbox(key="choose_checkpoint").value == "cifar10-glico"
    assert "is not on this machine" in words(app)
    assert app.button(key="classify_start").disabled
    app.button(key="use_digits").click().run()
    assert not app.exception
    assert not app.button(key="classify_start").disabled
    assert not any("The digits are chosen" in caption.value for caption in app.caption)


def test_results_open_on_the_kind_of_run_there_is(opened, runs: Path) -> None:
    for run in list_runs():
        if run.kind == "classify":
            shutil.rmtree(run.path)
    app = opened("results")
    assert app.segmented_control(key="results_kind").value == "train"
    assert len(app.dataframe[0].value) == 1
    app.segmented_control(key="results_kind").select("classify").run()
    assert "no runs of this kind" in app.info[0].value


@pytest.mark.parametrize("entered", ["blue", "WHALE blue", "summer", "remember"])
def test_results_find_names_tags_and_notes(entered: str, opened, runs: Path) -> None:
    """Every word counts, in any case, wherever it is: in a name, a tag, a note or a setting."""
    run = next(run for run in list_runs() if run.settings.get("augmentation") == "glico")
    About("Blue whale", "to remember", ("summer",)).write(run.path)
    app = opened("results")
    app.text_input(key="results_words").set_value(f"{entered} GLICO").run()
    assert app.dataframe[0].value["run"].tolist() == ["Blue whale"]


@pytest.mark.parametrize(
    ("recorded", "named", "sentence"),
    [
        ("/gone/birds", None, "in the field Dataset"),
        (IN_MEMORY, None, "arrays in memory"),
        ("digits", "/nowhere/birds", "There is no data set at /nowhere/birds"),
    ],
)
def test_start_waits_for_a_data_set(opened, runs: Path, recorded: str, named: str | None, sentence: str) -> None:
    """No classifier run is started that must fail because the checkpoint's data set is not known here."""
    path = runs / "tiny-glico" / "checkpoint.safetensors"
    model = Checkpoint.load(path)
    model.config = model.config.model_copy(update={"dataset": recorded})
    model.save(path)
    app = opened("classify", checkpoint="tiny-glico")
    if named is not None:
        app.text_input(key="classify_dataset").set_value(named).run()
    assert not app.exception
    assert any(sentence in warning.value.replace("\\", "") for warning in app.warning)
    assert app.button(key="classify_start").disabled
    app.text_input(key="classify_dataset").set_value("digits").run()
    assert not app.warning
    assert not app.button(key="classify_start").disabled


def test_damaged_result_is_a_sentence_on_results(opened, runs: Path) -> None:
    """A run whose result cannot be read says so, as a run whose configuration cannot be read does."""
    run = next(run for run in list_runs() if run.kind == "classify")
    run.file("result.json").write_text('{"accuracy": "good"}')
    app = opened("results")
    assert not app.exception
    assert [f"Cannot read {run.id}/result.json" in warning.value.replace("\\", "") for warning in app.warning] == [True]


def test_what_differs_between_the_maps_is_said_above_them(opened) -> None:
    assert "Left and right differ in: objective glo → glico" in words(opened(method="pca"))


def test_results_start_with_what_belongs_together_and_know_dcgan(opened, runs: Path) -> None:
    run = next(run for run in list_runs() if run.kind == "classify")
    other = Path(shutil.copytree(run.path, runs / f"{run.id}-other"))
    written = json.loads((other / "run.json").read_text())
    written["config"]["checkpoint"] = "/gone/birds.safetensors"
    written["created"] -= 1000
    (other / "run.json").write_text(json.dumps(written))
    RunFolder.create(DcganConfig(samples_per_class=2))
    app = opened("results")
    assert not app.exception
    assert len(app.dataframe[0].value) == 4
    assert "None" not in " ".join(map(str, app.dataframe[1].value["method"]))
    app.selectbox(key="results_sample_classify").select("all").run()
    assert len(app.dataframe[0].value) == 5
    app.segmented_control(key="results_kind").select("dcgan").run()
    assert not app.exception
    assert list(app.dataframe[0].value["method"]) == ["dcgan"]


def test_pair_trains_with_one_click_unless_a_field_is_wrong(opened) -> None:
    """GLO and GLICO train with one click; a wrong field disables it."""
    app = opened("train")
    assert app.button(key="train_start").label == "Train GLO and GLICO as a pair"
    assert not app.button(key="train_start").disabled
    app.number_input(key="train_gamma").set_value(-1.0).run()
    assert "Must be at least 0" in words(app)
    assert app.button(key="train_start").disabled


def test_seeds_out_of_bounds_say_why_and_disable_start(opened) -> None:
    app = opened("classify", checkpoint="tiny-glico")
    app.number_input(key="classify_seeds").set_value(1000).run()
    assert not app.exception
    assert "Must be from 1 to 100" in words(app)
    assert app.button(key="classify_start").disabled


def test_without_originals_nothing_is_called_so(opened, runs: Path, tmp_path: Path) -> None:
    path = runs / "tiny-glico" / "checkpoint.safetensors"
    model = Checkpoint.load(path)
    model.images, model.config = None, model.config.model_copy(update={"dataset": str(tmp_path / "gone")})
    model.save(path)
    for show, name in (("reconstructions", "reconstructions_only"), ("mean", "mean_originals")):
        app = opened("interpolate", checkpoint="tiny-glico", show=show)
        assert not app.exception
        tables = [data for data in data_of(app, "image_table") if "original" in data["title"]]
        assert not tables, name
    model.config = model.config.model_copy(update={"dataset": "digits"})
    model.save(path)
    app = opened("interpolate", checkpoint="tiny-glico", show="reconstructions")
    assert not app.exception
    assert any("originals over" in data["title"] for data in data_of(app, "image_table"))


@pytest.mark.slow
def test_the_map_forms_beside_the_reconstructions(opened, runs: Path) -> None:
    run = next(run for run in list_runs() if run.kind == "train")
    result = json.loads((run.path / "result.json").read_text())
    (run.path / "result.json").write_text(json.dumps(result | {"collapsed": [], "warnings": []}))
    metrics = run.path / "metrics.jsonl"  # four steps: its classes are as good as collapsed
    metrics.write_text(metrics.read_text().replace('"variation"', '"of old"'))
    app = opened("train", run=run.id)
    assert not app.exception
    assert any("the current codes" in chart["description"] for chart in data_of(app, "live_chart"))
    assert "NN purity" in words(app)
    with metrics.open("a") as more:
        more.write(json.dumps({"step": 4, "variation": 0.1}) + "\n")
    app = opened("train", run=run.id)
    assert "NN purity" not in words(app), "no purity is praised if classes have collapsed"
    before = {run.id for run in list_runs()}
    app.button(key=f"fix_{run.id}").click().run()
    assert not app.exception
    (mended,) = [run for run in list_runs() if run.id not in before]
    assert mended.settings["steps"] == 2 * run.settings["steps"]
    assert follow([mended])[0].status == "done"


def test_a_name_of_ones_own_is_on_the_select_boxes(opened, runs: Path) -> None:
    run = next(run for run in list_runs() if run.kind == "train")
    About("from the garden").write(run.path)
    assert "from the garden" in opened("train", run=run.id).selectbox(key="train_run").options
    assert "from the garden" in opened("interpolate", checkpoint=run.id).selectbox(key="choose_checkpoint").options


def test_back_and_a_link_count_whole(opened) -> None:
    app = opened("interpolate", checkpoint="tiny-glico", show="grid")
    assert app.segmented_control(key="show").value == "grid"
    app.query_params.clear()
    app.query_params["checkpoint"] = "tiny-glico"
    app.run()
    assert app.segmented_control(key="show").value == "pair"


def test_the_forming_map_is_turned_towards_the_last_one() -> None:
    codes = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
    turned = codes @ np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))[0].astype(np.float32)
    np.testing.assert_allclose(aligned_pca(codes, "law"), aligned_pca(turned, "law"), atol=1e-4)
    images = np.full((2, 4, 4, 3), 100, np.uint8)
    assert pixel_error(images, images + 3) == 3
