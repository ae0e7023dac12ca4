"""Train, Classify and Results in Streamlit's test harness: with runs, without, and with damaged files."""

import io
import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from component_data import data_of, estimated
from holding import lock_held
from PIL import Image
from streamlit.testing.v1 import AppTest

from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import follow
from glico.runs.state import State

ROOT = Path(__file__).parents[2]
STRANGE = "<img src=x onerror=alert(1)> **bold** [link](http://x)"


@pytest.fixture
def opened(finished_runs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Opens a page over the finished runs, or over another folder."""

    def at(view: str, runs: Path = finished_runs, **query: str) -> AppTest:
        monkeypatch.setenv("GLICO_RUNS", str(runs))
        monkeypatch.setenv("GLICO_UPLOADS", str(tmp_path / "uploads"))
        app = AppTest.from_file(str(ROOT / "app" / "views" / f"{view}.py"), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return at


def archive_of(class_names: list[str], images: int = 5) -> bytes:
    """A zip of an image folder."""
    random, out = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in class_names:
            for i in range(images):
                picture = io.BytesIO()
                Image.fromarray(random.integers(0, 255, (20, 24, 3), dtype=np.uint8)).save(picture, "PNG")
                archive.writestr(f"{name}/{i}.png", picture.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("view", ["train", "classify", "results"])
def test_every_page_opens_without_a_run(view: str, opened, tmp_path: Path) -> None:
    app = opened(view, runs=tmp_path / "none")
    assert not app.exception
    assert not app.error
    assert "There are no" in app.info[-1].value


def test_the_sample_is_shown_before_anything_runs(opened) -> None:
    app = opened("train")
    assert not app.exception
    (preview,) = [data for data in data_of(app, "strips") if len(data["rows"]) == 10]
    assert [row["count"] for row in preview["rows"]] == [10] * 10
    app.number_input(key="train_samples_per_class").set_value(3).run()
    assert [row["count"] for row in data_of(app, "strips")[0]["rows"]] == [3] * 10


def test_a_finished_training_shows_losses_and_reconstructions(opened) -> None:
    app = opened("train")
    charts = data_of(app, "live_chart")
    assert [words[0] for chart in charts if (words := chart["description"].split(" by step"))[1:]] == [
        "Reconstruction loss",
        "Cross-entropy of the weak classifier",
        "Accuracy of the weak classifier on generated images",
    ]
    (drawn,) = [
        row
        for data in data_of(app, "strips")
        for row in data["rows"]
        if row["sheet"]["height"] > 2 * row["sheet"]["width"]
    ]
    assert drawn["count"] == 16


def test_an_upload_is_kept_by_its_content_and_its_names_are_text(opened, tmp_path: Path) -> None:
    app = opened("train")
    app.number_input(key="train_samples_per_class").set_value(2)
    app.pills(key="train_source").select("upload").run()
    names = ["cats", STRANGE.replace("/", ":")]
    archive = archive_of(names)  # made once: it holds the time
    for _ in range(2):
        app.file_uploader[0].upload("my birds.zip", archive, "application/zip").run()
    assert not app.exception
    assert not app.error
    assert len(list((tmp_path / "uploads").iterdir())) == 1
    assert sorted(row["label"] for row in data_of(app, "strips")[0]["rows"]) == sorted(names)
    assert not any("onerror" in element.value for element in (*app.markdown, *app.caption))


@pytest.mark.slow
def test_uneven_and_unreadable_images_are_fixed_by_a_button(opened) -> None:
    """A button fixes uneven classes and unreadable files, and the counts are shown before the start."""
    packed = io.BytesIO(archive_of(["cats", "dogs"], 9))
    with zipfile.ZipFile(packed, "a") as archive, zipfile.ZipFile(io.BytesIO(archive_of(["owls"], 6))) as more:
        for name in more.namelist():
            archive.writestr(name, more.read(name))
        archive.writestr("owls/torn.png", b"nothing that is an image")
    app = opened("train")
    app.pills(key="train_source").select("upload").run()
    app.file_uploader[0].upload("birds.zip", packed.getvalue(), "application/zip").run()
    assert "torn" in app.error[0].value
    assert app.button(key="train_start").disabled
    assert app.button(key="train_fix").label == "Leave out 1 unreadable image"
    app.button(key="train_fix").click().run()
    assert "too few training images" in app.error[0].value
    assert re.fullmatch(r"Use \d per class", app.button(key="train_fix").label)
    app.button(key="train_fix").click().run()
    assert not app.error
    assert not app.button(key="train_start").disabled
    sizes = app.dataframe[0].value
    assert sizes["class"].tolist() == ["cats", "dogs", "owls"]
    assert (sizes["small sample"] <= sizes["training split"]).all()
    assert (sizes["training split"] + sizes["test split"]).tolist() == [9, 9, 6]
    assert any("torn" in caption.value for caption in app.caption)


def test_a_bad_data_set_is_one_sentence_and_the_page_goes_on(opened) -> None:
    app = opened("train")
    app.pills(key="train_source").select("a folder or file").run()
    app.text_input(key="train_path").set_value("/no/such/folder").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "no/such/folder" in app.error[0].value.replace("\\", "")
    assert app.selectbox(key="train_run").options


@pytest.mark.slow
@pytest.mark.timed
def test_it_says_how_many_runs_that_makes_and_how_long_they_take(opened) -> None:
    app = estimated(opened("classify", checkpoint="tiny-glico"))
    assert not app.exception
    text = " ".join(element.value for element in app.markdown).replace("\\", "")
    assert "6 runs: 2 methods × 3 seeds" in text
    app.number_input(key="classify_steps").set_value(4)
    app.number_input(key="classify_evaluations").set_value(2)
    app.run()
    text = " ".join(element.value for element in app.markdown).replace("\\", "")
    assert "of which 4 have finished" in text
    assert app.button(key="classify_start").label == "Start 2 runs"


def test_any_composition_of_augmentations_can_be_typed(opened) -> None:
    app = opened("classify", checkpoint="tiny-glico")
    app.multiselect(key="classify_composed").set_value(["class-mix+mixup", "cutout+trivialaugment"]).run()
    assert not app.exception
    text = " ".join(element.value for element in app.markdown).replace("\\", "")
    assert "12 runs: 4 methods × 3 seeds" in text
    app.multiselect(key="classify_composed").set_value(["mixup+glico"]).run()
    assert [error.value.replace("\\", "") for error in app.error] == [
        "augmentation: must be glico+mixup (mixup changes labels), not 'mixup+glico'"
    ]
    assert app.button(key="classify_start").disabled


def test_comparison_has_a_colour_per_method_and_a_seed_band(opened) -> None:
    app = opened("classify", checkpoint="tiny-glico")
    (chart,) = data_of(app, "live_chart")
    lines = [line for line in json.loads(chart["figure"])["data"] if line.get("showlegend") is not False]
    bands = [line for line in json.loads(chart["figure"])["data"] if line.get("fill") == "toself"]
    assert [line["name"] for line in lines] == ["standard", "glico"]
    assert len({line["line"]["color"] for line in lines}) == 2
    assert len(bands) == 2


@pytest.mark.parametrize(
    "view", ["Table", "Curves", "Classes", "Confusion", "Calibration", "Use", "Configuration", "Log"]
)
def test_every_view_of_the_results(view: str, opened) -> None:
    app = opened("results")
    app.segmented_control(key="results_view").select(view).run()
    assert not app.exception
    assert not app.error


def test_the_table_is_what_the_results_say(opened, finished_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("results")
    table = app.dataframe[1].value
    monkeypatch.setenv("GLICO_RUNS", str(finished_runs))
    runs = [run for run in list_runs() if run.kind == "classify"]
    result = {
        method: [run.result["accuracy"] for run in runs if run.settings["augmentation"] == method]
        for method in ("standard", "glico")
    }
    for method, scores in result.items():
        (shown,) = table.loc[table["method"] == method, "accuracy"]
        assert shown.startswith(f"{100 * np.mean(scores):.2f}")
    (difference,) = table.loc[table["method"] == "glico", "difference from the baseline"]
    assert difference.startswith(
        f"{100 * (np.mean(result['glico']) - np.mean(result['standard'])):+.2f}".replace("-", "−")
    )


def test_phone_shows_the_verdict_and_the_choice_of_baseline(opened) -> None:
    """The verdict is the second column, and a text lies between the choice and the table, whose tool bar covers it."""
    app = opened("results")
    table = app.dataframe[1]
    assert list(table.proto.column_order)[:2] == ["method", "shown"]
    drawn = [element for element in app.main if element is table or element.type in ("caption", "selectbox")]
    assert next(above.type for above, below in pairwise(drawn) if below is table) == "caption"


def test_accuracies_on_other_images_have_no_paired_difference(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    for run in runs.glob("classify-*-glico-small-cnn-*"):
        written = json.loads((run / "run.json").read_text())
        written["config"]["scored_on"] = "holdout"
        (run / "run.json").write_text(json.dumps(written))
    for place, differences in ((finished_runs, 1), (runs, 0)):
        table = opened("results", runs=place).dataframe[1].value
        assert len(table) == 2
        assert (table["difference from the baseline"] != "").sum() == differences


def test_damaged_run_and_lost_checkpoint_leave_a_working_page(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    damaged, torn, *_ = sorted(runs.glob("classify-*"))
    (damaged / "run.json").write_text("{")
    with (torn / "metrics.jsonl").open("a") as metrics:
        metrics.write('{"step": 5, "lo')
    (torn / "predictions.npz").write_bytes(b"half")
    shutil.rmtree(runs / "tiny-glico")
    for view in ("Table", "Curves", "Confusion", "Calibration"):
        app = opened("results", runs=runs)
        app.segmented_control(key="results_view").select(view).run()
        assert not app.exception
        assert "Cannot read" in app.warning[0].value
    assert not opened("classify", runs=runs).exception


@pytest.mark.slow
def test_200_runs_are_shown_in_a_moment(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    run = next(runs.glob("classify-*"))
    for seed in range(200):
        copy = Path(shutil.copytree(run, runs / f"{run.name}-{seed}"))
        written = json.loads((copy / "run.json").read_text())
        written["config"]["seed"] = seed
        (copy / "run.json").write_text(json.dumps(written))
    for view in ("results", "classify"):
        opened(view, runs=runs)  # what is cached is so for all
        began = time.process_time()
        app = opened(view, runs=runs)
        assert not app.exception
        assert time.process_time() - began < 5
    assert "20" in app.selectbox(key="classify_comparison").value


@pytest.mark.slow
def test_a_run_that_died_says_so_with_its_log_and_goes_on(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    folder = RunFolder.open(next(runs.glob("classify-*-glico-small-cnn-1-*")))
    with lock_held(folder) as writer:
        writer.clear()
        writer.write_state(State("running", step=2, total_steps=4))
        writer.log("the last line of its log")
    app = opened("classify", runs=runs, checkpoint="tiny-glico")
    (error,) = app.error
    assert all(words in error.value for words in ("glico · seed 1", "at step 2 of 4 unexpectedly"))
    assert any("the last line of its log" in element.value for element in app.code)
    app.button(key="classify_resume_all").click().run()
    assert not app.exception
    assert not app.error
    assert {element.value for element in app.markdown}.isdisjoint({"started", "resumed"})
    assert follow([folder])[0].status == "done"


def test_deleting_asks_first(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    run = next(runs.glob("train-*")).name
    app = opened("train", runs=runs, run=run)
    app.button(key=f"delete_{run}").click().run()
    assert RunFolder.open(runs / run).id == run
    app.button(key="delete_for_good").click().run()
    assert not (runs / run).exists()


@pytest.mark.slow
def test_repeating_asks_first_and_finds_the_same_again(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    folder = RunFolder.open(next(runs.glob("train-*")))
    before = [record["loss"] for record in folder.metrics()]
    app = opened("train", runs=runs, run=folder.id)
    app.button(key=f"repeat_{folder.id}").click().run()
    assert folder.state.status == "done"
    app.button(key="repeat_for_good").click().run()
    assert not app.exception
    assert not app.error
    assert folder.result is None, "what it had found is forgotten"
    assert follow([folder])[0].status == "done"
    assert [record["loss"] for record in folder.metrics()] == before


def test_a_dropped_image_is_classified_by_the_run(opened) -> None:
    app = opened("results")
    app.segmented_control(key="results_view").select("Use").run()
    picture = io.BytesIO()
    Image.fromarray(np.full((30, 20, 3), 90, dtype=np.uint8)).save(picture, "PNG")
    app.file_uploader[0].upload("mine.png", picture.getvalue(), "image/png").run()
    assert not app.exception
    answer = app.dataframe[-1].value
    assert answer["image"].tolist() == ["mine.png"]
    assert 0.1 <= answer["probability"][0] <= 1
    app.file_uploader[0].upload("broken.png", b"no picture", "image/png").run()
    assert "broken" in " ".join(element.value for element in (*app.error, *app.warning, *app.caption))


@pytest.mark.slow
def test_drawn_images_are_kept_above_the_confidence(opened) -> None:
    app = opened("classify", checkpoint="tiny-glico")
    app.toggle(key="classify_generated").set_value(True).run()
    assert not app.exception

    def dropped() -> int:
        (shown,) = [data for data in data_of(app, "strips") if len(data["rows"]) == 10]
        return sum(sum(row["pale"]) for row in shown["rows"])

    assert dropped() == 0
    app.number_input(key="classify_least_confidence").set_value(1.0).run()
    assert dropped() > 0
    app.selectbox(key="choose_checkpoint").select("tiny-glo").run()
    assert dropped() == 0
    assert not app.exception


def test_single_run_stays_chosen_when_statuses_change(opened, finished_runs: Path, tmp_path: Path) -> None:
    """The browser sends the words of a choice, so these stay the same when a run is cancelled or ends."""
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    app = opened("classify", runs=runs)
    choice = app.selectbox(key="classify_run")
    last = choice.options[-1]
    choice.select(last).run()
    chosen = RunFolder.open(app.selectbox(key="classify_run").value)
    for status in ("cancelled", "failed"):
        written = json.loads(chosen.file("state.json").read_text())
        chosen.file("state.json").write_text(json.dumps(written | {"status": status, "message": "It ended."}))
        app.run()
        assert app.selectbox(key="classify_run").options == choice.options
        assert app.selectbox(key="classify_run").value == chosen.id


def test_waiting_training_has_no_empty_charts(opened, finished_runs: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    folder = RunFolder.open(next(runs.glob("train-*")))
    with lock_held(folder) as writer:
        writer.clear()
    assert not data_of(opened("train", runs=runs), "live_chart")


def test_button_starts_no_zero_runs(opened) -> None:
    app = opened("classify", checkpoint="tiny-glico")
    app.number_input(key="classify_steps").set_value(4)
    app.number_input(key="classify_evaluations").set_value(2)
    app.number_input(key="classify_seeds").set_value(2).run()
    assert app.button(key="classify_start").label == "All are started"
    assert app.button(key="classify_start").disabled


def test_shipped_figures_have_no_progress_of_zero_runs(opened, tmp_path: Path) -> None:
    app = opened("results", runs=tmp_path / "none")
    app.segmented_control(key="results_section").select("Tables").run()
    assert not app.exception
    assert not app.get("progress")
    assert any("shipped with the program" in caption.value for caption in app.caption)
