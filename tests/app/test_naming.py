"""Titles tell checkpoints and runs apart; a person's own names, notes and tags change no id."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from component_data import data_of
from streamlit.testing.v1 import AppTest

from app.cached import CheckpointFile
from app.checkpoints.card import as_markdown
from app.checkpoints.comparison import table
from app.runs.naming import run_titles
from app.widgets.text import plain
from glico.config import DcganConfig, TrainConfig
from glico.errors import GlicoError
from glico.runs import library
from glico.runs.folder import RunFolder, list_runs
from glico.runs.naming import About, telling_names
from glico.runs.writing import RunWriter

ROOT = Path(__file__).parents[2]
BIRDS = "/home/me/uploads/birds-0123456789abcdef.zip"


def test_a_name_says_what_differs_and_nothing_else() -> None:
    assert telling_names(
        [
            TrainConfig(dataset=BIRDS, gamma=0.05, steps=200),
            TrainConfig(dataset=BIRDS, gamma=0.5, steps=200),
            TrainConfig(dataset=BIRDS, objective="glo"),
            DcganConfig(dataset=BIRDS),
        ]
    ) == ["birds · GLICO · γ 0.05", "birds · GLICO · γ 0.5", "birds · GLO", "birds · DCGAN"]


def test_former_preparation_is_named_only_if_alone() -> None:
    """Nobody chose the preparation of an older checkpoint, so a name has it only if a name needs it."""
    former = TrainConfig(value_range="stored", ground="white")
    assert telling_names([former, TrainConfig(steps=500)]) == [
        "digits · GLICO · 800 steps",
        "digits · GLICO · 500 steps",
    ]
    assert telling_names([former, TrainConfig()]) == [
        "digits · GLICO · value range stored · ground white",
        "digits · GLICO",
    ]
    black = telling_names([former, TrainConfig(ground="black")])
    assert black == ["digits · GLICO", "digits · GLICO · ground black"]


def test_how_much_of_a_class_is_taken_is_said_in_words() -> None:
    sizes = ("all", "up-to-20", "5")
    named = telling_names([TrainConfig(dataset=BIRDS, samples_per_class=size) for size in sizes])
    assert named == [
        "birds · GLICO · all per class",
        "birds · GLICO · up to 20 per class",
        "birds · GLICO · 5 per class",
    ]


def test_no_two_names_are_alike() -> None:
    configs = [TrainConfig(), TrainConfig(device="cpu"), TrainConfig(seed=1), TrainConfig(objective="glo")]
    assert len(set(telling_names(configs))) == len(configs)


def test_a_name_of_ones_own_is_shown_and_changes_no_id(finished_runs: Path, tmp_path: Path, monkeypatch) -> None:
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    monkeypatch.setenv("GLICO_RUNS", str(runs))
    before = {run.id for run in list_runs()}
    run = next(run for run in list_runs() if run.kind == "train")
    About("my birds", "from the garden", ("paper",)).write(run.path)
    assert {run.id for run in list_runs()} == before
    assert run_titles(list_runs())[run.id] == "my birds"
    lock = run.claim()
    assert lock is not None
    writer = RunWriter(run, lock)
    writer.clear()
    writer.release()
    assert About.read(run.path) == About("my birds", "from the garden", ("paper",))
    (run.path / "about.json").write_text('{"name": 3, "tags": {"a": 1}}')
    assert About.read(run.path) == About()


@pytest.fixture
def page(tiny_runs: Path, tmp_path: Path, monkeypatch) -> AppTest:
    """The checkpoints page over runs of the test's own."""
    monkeypatch.setenv("GLICO_RUNS", str(shutil.copytree(tiny_runs, tmp_path / "runs")))
    app = AppTest.from_file(str(ROOT / "app" / "views" / "checkpoints.py"), default_timeout=120)
    app.query_params["checkpoint"] = "tiny-glo"
    return app.run()


def test_foreign_checkpoint_is_opened_renamed_and_removed(page: AppTest, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.safetensors"
    shutil.copy(tmp_path / "runs" / "tiny-glico" / "checkpoint.safetensors", theirs)
    page.text_input(key="open_path").set_value(str(theirs)).run()
    page.button(key="open_now").click().run()
    assert not page.exception
    select = page.selectbox(key="choose_checkpoint")
    key = select.value
    assert key.startswith("opened-theirs-")
    assert "theirs" in select.options
    page.text_input(key=f"name_{key}").set_value("their digits")
    page.text_input(key=f"tags_{key}").set_value("course, course, week 2")
    page.button(key=f"save_{key}").click().run()
    assert About.read(tmp_path / "runs" / key) == About("their digits", "", ("course", "week 2"))
    assert "their digits" in page.selectbox(key="choose_checkpoint").options
    page.button(key="remove").click().run()
    assert (tmp_path / "runs" / key).exists(), "it asks first"
    page.button(key="remove_for_good").click().run()
    assert not page.exception
    assert not (tmp_path / "runs" / key).exists()


def test_what_is_no_checkpoint_is_refused_in_one_sentence(page: AppTest, tmp_path: Path) -> None:
    (tmp_path / "cat.safetensors").write_bytes(b"a cat")
    page.text_input(key="open_path").set_value(str(tmp_path / "cat.safetensors")).run()
    page.button(key="open_now").click().run()
    assert not page.exception
    assert "cat" in page.error[0].value
    assert not list((tmp_path / "runs").glob("opened-*"))


def test_file_is_stored_once_and_running_run_is_not_removed(tiny_runs: Path, own_places: Path) -> None:
    """The same checkpoint is stored once; a checkpoint whose run is alive is not removed."""
    file = tiny_runs / "tiny-glo" / "checkpoint.safetensors"
    assert library.add(file, "one") == library.add(file, "another")
    from glico.runs.lock import Lock

    run = RunFolder.create(TrainConfig(samples_per_class=2))
    lock = Lock.acquire(run.file("lock"))
    assert lock is not None
    with pytest.raises(GlicoError, match="cancel it"):
        library.remove(run.path)
    lock.release()


def test_two_checkpoints_stand_side_by_side(page: AppTest) -> None:
    """The comparison has the images of both, a column for each, and a button that opens the map of the two."""
    strips = len(data_of(page, "strips"))
    page.selectbox(key="compare_with").select("tiny-glico").run()
    assert not page.exception
    table = page.table[0].value.map(lambda text: str(text).replace("\\", ""))
    first, second = table.columns[1:]
    assert "GLO" in first
    assert "GLICO" in second
    rows = table.set_index(table.columns[0])
    assert rows.loc["Objective"].tolist() == ["glo", "glico"]
    assert (rows.loc["5-nearest-neighbour purity"] != "–").all()
    assert len(data_of(page, "strips")) == strips + 2
    assert page.button(key="compare_on_map")


def test_comparison_of_two_settings_is_a_row_each(tiny_runs: Path, own_places: Path) -> None:
    files = [
        CheckpointFile(key, key, tiny_runs / key / "checkpoint.safetensors", TrainConfig(gamma=gamma, steps=steps))
        for key, gamma, steps in (("tiny-glico", None, 4), ("tiny-glo", 0.5, 8))
    ]
    names, first, second = table(*files).values()
    rows = dict(zip(names, zip(first, second, strict=True), strict=True))
    assert rows["Gamma"] == ("by default", plain("0.5"))
    assert rows["Steps"] == ("4", "8")
    names, *_ = table(files[0], replace(files[1], config=files[0].config)).values()
    assert names[0] == "Settings"


def test_model_card_says_how_to_load_the_file(tiny_runs: Path, tmp_path: Path, monkeypatch) -> None:
    """The lines of Python on the card run as they stand, beside the file that they name."""
    path = tiny_runs / "tiny-glico" / "checkpoint.safetensors"
    card = as_markdown(CheckpointFile("tiny", "Tiny", path, TrainConfig()), {"Images": "16 × 16"})
    shutil.copy(path, tmp_path / "tiny.safetensors")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", card, re.DOTALL)[1], scope)
    assert len(scope["images"]) == len(scope["labels"]) == 20


def test_names_say_files_in_words_and_no_path() -> None:
    """A visitor sees the title of a checkpoint that was trained again with decisions."""
    first = TrainConfig()
    start, table = "/home/me/runs/train-digits-10/checkpoint.safetensors", "/home/me/decisions/digits/670cad9e2d6f.csv"
    again = first.model_copy(update={"warm_start": start, "decisions": table})
    _, renewed = telling_names([first, again])
    assert "from digits-10" in renewed
    assert "decisions 670cad9e" in renewed
    assert "/" not in renewed
