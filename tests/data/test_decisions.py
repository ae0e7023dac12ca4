"""Decisions on single images: what they do to a data set and its samples, their file, and undoing them."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from data_files import picture, write_folder

from glico.config import DataConfig, TrainConfig
from glico.data import configured_sample, load_configured, load_dataset
from glico.data.dataset import Dataset
from glico.data.decision_file import TABLE, Decided, content_key, freeze, frozen_name, load_decided, store_decided
from glico.data.decisions import (
    COLUMNS,
    Decision,
    corrected_table,
    image_names,
    read_decisions,
    with_decisions,
    write_decisions,
)
from glico.data.duplicates import without_duplicates
from glico.data.sample import digests
from glico.errors import GlicoError
from glico.places import decisions_directory

HEADER = ",".join(COLUMNS)


def birds(folder: Path, classes: str = "ab", count: int = 8) -> Path:
    """Write a folder of images, ``count`` in each class, with tests of their own."""
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in classes for i in range(count)]
    return write_folder(folder, {name: picture(place) for place, name in enumerate(names)})


def decided(dataset: Dataset, *decisions: tuple[str, int, str, str]) -> Dataset:
    """Apply decisions (split, row, verdict, label)."""
    new = [
        Decision(image_names(dataset, split)[row], label, split, verdict) for split, row, verdict, label in decisions
    ]
    return with_decisions(dataset, new)


def test_decisions_change_labels_and_images_of_both_splits(tmp_path: Path) -> None:
    data = load_dataset(birds(tmp_path / "birds"), 16)
    after = decided(
        data,
        ("train", 0, "relabel", "b"),
        ("train", 1, "leave-out", "a"),
        ("train", 2, "fine", "a"),
        ("test", 0, "relabel", "b"),
        ("test", 9, "leave-out", "b"),
    )
    assert after.train_names == tuple(np.delete(data.train_names, 1))
    assert after.train_labels.tolist() == [1, *[0] * 6, *[1] * 8]
    np.testing.assert_array_equal(after.train_images, np.delete(data.train_images, 1, axis=0))
    assert after.test_labels.tolist() == [1, *[0] * 7, *[1] * 7]
    assert "Your decisions: 2 images relabelled, 2 left out." in after.contents.notes
    assert data.train_labels.tolist() == [0] * 8 + [1] * 8, "the data set itself stays as it is"


@pytest.mark.parametrize("per_class", ["exactly", "all"])
def test_sample_keeps_all_images_without_a_decision(per_class: str) -> None:
    data, config = load_dataset("digits"), TrainConfig(samples_per_class=10, per_class=per_class)
    before = configured_sample(data, config)
    chosen = before.indices[[3, 25]].tolist()
    after = configured_sample(
        decided(data, ("train", chosen[0], "relabel", "7"), ("train", chosen[1], "leave-out", "2")), config
    )
    old, new = set(digests(before.images).tolist()), digests(after.images).tolist()
    assert len(old & set(new)) >= len(old) - 2
    moved = new.index(digests(before.images[[3]]).item())
    assert after.labels[moved] == 7
    if per_class == "exactly":
        assert np.bincount(after.labels).tolist() == [10] * 10


def test_decisions_of_two_files_add_up_by_published_index() -> None:
    data = load_dataset("digits")
    once = decided(data, ("train", 5, "leave-out", "0"), ("test", 3, "leave-out", "0"))
    assert image_names(once, "train")[5] == "6"
    assert image_names(once, "test")[2:4] == ["2", "4"]
    twice = decided(once, ("train", 5, "relabel", "9"))
    assert twice.train_labels[5] == 9
    assert twice.published is not None
    assert twice.published.train[5] == 6


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,label\na,b\n", "the column 'split' is missing"),
        ("", "the column 'path' is missing"),
        (f"{HEADER}\n5,3,train,relabel,\n5,4,train,relabel,\n", "line 3: '5' is there again"),
        (f"{HEADER}\n5,3,train,delete,\n", "line 2: the decision is 'delete', but it must be relabel"),
        (f"{HEADER}\n5,3,,fine,\n", "line 2: the split is ''"),
        (f"{HEADER}\n5,,train,relabel,\n", "line 2: the label is missing"),
        (f"{HEADER}\n,3,train,relabel,\n", "line 2: the path of the image is missing"),
        (f"{HEADER}\n5,owl,train,relabel,\n", "line 2: there is no class 'owl' in digits"),
        (f"{HEADER}\n99999,3,train,relabel,\n", "digits has no image '99999'"),
        (f'{HEADER}\n"5,3,train,relabel,\n', "cannot be read as CSV"),
        (f"{HEADER}\n5,3,train,rel\x00abel,\n", "line 2"),
        ("\xff\xfe", "is no UTF-8 text"),
    ],
)
def test_damaged_table_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(GlicoError) as error:
        load_configured(DataConfig(decisions=str(path)))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_class_without_a_training_image_is_refused(tmp_path: Path) -> None:
    data = load_dataset(birds(tmp_path / "birds", count=2), 16)
    with pytest.raises(GlicoError, match="leave the class 'a' of birds without a training image"):
        decided(data, ("train", 0, "leave-out", "a"), ("train", 1, "relabel", "b"))


def test_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """Also names that a spreadsheet would run, and those with separators, quotes and apostrophes."""
    names = ["=1+1.png", "-x.png", "'-x.png", 'a,"b".png', "ä ö/ü.png", "'quoted'.png", "x;y.png"]
    decisions = [Decision(name, "-a", "train", "relabel", "=note, with comma") for name in names]
    path = tmp_path / "decisions.csv"
    path.write_bytes(write_decisions(decisions))
    read = read_decisions(path)
    assert [(d.path, d.label, d.note) for d in read] == [(d.path, d.label, d.note) for d in decisions]


def test_duplicates_leave_decided_images_in_place(tmp_path: Path) -> None:
    """Removed duplicates do not shift the images that were decided on."""
    folder = birds(tmp_path / "birds", count=4)
    shutil.copy(folder / "train" / "a" / "0.png", folder / "train" / "a" / "00.png")
    data = decided(load_dataset(folder, 16), ("train", 4, "leave-out", "a"))
    kept = without_duplicates(data)
    assert kept.published is not None
    assert kept.published.train.tolist() == [0, 2, 3, 5, 6, 7, 8]
    assert len(kept.train_labels) == 7


def test_steps_are_undone_one_by_one() -> None:
    one = Decision("1", "a", "train", "relabel")
    again, other = Decision("1", "b", "train", "leave-out"), Decision("2", "b", "train", "fine")
    states = [Decided()]
    for step in ([one], [again, other], [one]):
        states.append(states[-1].decide(step))
    assert [each.on(one.key) for each in states] == [None, one, again, one]
    while states[-1].steps:
        last = states.pop()
        assert set(last.undo().decisions) == set(states[-1].decisions)
    assert states == [Decided()]


def test_decision_steps_survive_restart_and_damage() -> None:
    """A damaged record of the steps loses no decision."""
    first, second = Decision("1", "a", "train", "relabel", "a note"), Decision("1", "b", "train", "fine")
    made = Decided().decide([first]).decide([second])
    store_decided("digits", "digits", made)
    read = load_decided("digits", "digits")
    assert [each.decision for each in read.decisions] == ["fine"]
    assert read.undo().decisions == (first,)
    (decisions_directory() / "digits" / "steps.json").write_text('{"steps": [[["train"]]]}')
    assert [each.decision for each in load_decided("digits", "digits").decisions] == ["fine"]
    (decisions_directory() / "digits" / TABLE).write_text("nonsense")
    with pytest.raises(GlicoError, match="not a table of decisions"):
        load_decided("digits", "digits")


def test_data_set_is_known_by_its_content(tmp_path: Path) -> None:
    """A copy, and a .zip with a folder around it, have the same decisions; a folder that has grown keeps them."""
    folder = birds(tmp_path / "birds")
    key = content_key(str(folder))
    store_decided(key, str(folder), Decided().decide([Decision("a/0.png", "b", "train", "relabel")]))
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    with ZipFile(tmp_path / "birds.zip", "w") as archive:
        for file in folder.rglob("*.png"):
            archive.write(file, Path("photographs") / file.relative_to(folder))
    assert {content_key(str(copy)), content_key(str(tmp_path / "birds.zip"))} == {key}
    (folder / "train" / "a" / "new.png").write_bytes(picture(99))
    grown = content_key(str(folder))
    assert grown != key
    assert load_decided(grown, str(folder)).decisions
    assert not load_decided(content_key(str(birds(tmp_path / "other", "cd"))), str(tmp_path / "other")).decisions


def test_frozen_table_is_the_same_whatever_the_order(tmp_path: Path) -> None:
    decisions = [Decision(str(row), "1", "train", "relabel") for row in range(3)]
    path = freeze("digits", decisions)
    assert freeze("digits", decisions[::-1]) == path
    assert path.stem == frozen_name(decisions)
    assert set(read_decisions(path)) >= {Decision("0", "1", "train", "relabel", "", f"{path}, line 2")}


def test_exported_tables_are_read_with_the_images(tmp_path: Path) -> None:
    """The decisions beside the images change the folders' classes; the table of all labels takes their place."""
    folder = birds(tmp_path / "birds")
    data = load_dataset(folder, 16)
    one, other = data.train_names[0], data.train_names[9]
    decisions = [Decision(one, "b", "train", "relabel"), Decision(other, "b", "train", "leave-out")]
    expected = with_decisions(data, decisions)
    table = corrected_table(expected, decisions)
    (folder / "decisions.csv").write_bytes(write_decisions(decisions))
    beside = load_dataset(folder, 16)
    assert beside.train_labels.tolist() == expected.train_labels.tolist()
    assert beside.train_names == expected.train_names
    (folder / "decisions.csv").unlink()
    (folder / "labels.csv").write_bytes(table)
    full = load_dataset(folder / "labels.csv", 16)
    labels = {
        name.removeprefix("train/"): full.class_names[label]
        for name, label in zip(full.train_names, full.train_labels, strict=True)
    }
    assert labels == {
        name: data.class_names[label] for name, label in zip(expected.train_names, expected.train_labels, strict=True)
    }
