"""Groups: none of them is ever on both sides of a split."""

import numpy as np
import pytest
from data_files import picture
from hypothesis import given, settings
from hypothesis import strategies as st

from glico.data import load_dataset
from glico.data.dataset import in_holdout
from glico.data.groups import split_by_group
from glico.errors import GlicoError


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", *"abcdefg"])), min_size=2, max_size=60),
    st.floats(0.05, 0.9),
    st.text(max_size=3),
)
@settings(deadline=None)
def test_no_group_is_divided_and_no_class_is_emptied(images, fraction, seed):
    labels, groups = np.array([label for label, _ in images]), tuple(group for _, group in images)
    held = split_by_group(groups, labels, fraction, seed)
    for group in set(groups) - {""}:
        assert len(set(held[[own == group for own in groups]].tolist())) == 1
    assert all((~held[labels == label]).any() for label in np.unique(labels))
    np.testing.assert_array_equal(held, split_by_group(groups, labels, fraction, seed))


def patients(count: int = 5, each: int = 4) -> dict[str, bytes]:
    return {
        f"{label}/patient{p}_{i}.png": picture(100 * p + i + 1000 * (label == "ill"))
        for label in ("ill", "well")
        for p in range(count)
        for i in range(each)
    }


def patient(name: str) -> str:
    return name.rsplit("/", 1)[-1].partition("_")[0]


def test_a_pattern_of_the_name_keeps_patients_together(write):
    data = load_dataset(write(patients()), 16, groups=r"name:(patient\d+)_")
    train, test = ({patient(name) for name in names} for names in (data.train_names, data.test_names))
    assert len(test) >= 1
    assert not train & test
    held = in_holdout(np.arange(len(data.train_labels)), data.train_labels, 0, 0.3, data.train_groups)
    sides = [
        {group for group, own in zip(data.train_groups, held, strict=True) if own == side} for side in (True, False)
    ]
    assert sides[0]
    assert not sides[0] & sides[1]


def test_folders_inside_classes_are_groups(write):
    files = {name.replace("_", "/"): content for name, content in patients().items()}
    by_folder = load_dataset(write(files), 16, groups="folder")
    assert not {name.split("/")[1] for name in by_folder.train_names} & {
        name.split("/")[1] for name in by_folder.test_names
    }


def test_a_column_of_the_table_names_groups(write):
    files = {f"images/{name.replace('/', '-')}": content for name, content in patients().items()}
    rows = [f"{name},{name.split('/')[1].split('-')[0]},{patient(name.replace('-', '/'))}" for name in files]
    data = load_dataset(
        write(files | {"labels.csv": "\n".join(["path,label,person", *rows]).encode()}), 16, groups="column:person"
    )
    assert len(data.class_names) == 2
    assert not set(data.train_groups) & {patient(name.replace("-", "/")) for name in data.test_names}


def test_missing_groups_and_classes_of_one_group_are_mentioned(write):
    files = {"ill/a_1.png": picture(1), "ill/a_2.png": picture(2), "well/x.png": picture(3), "well/b_1.png": picture(4)}
    sentences = load_dataset(write(files), 16, groups="name:^([ab])_").contents.sentences()
    assert "1 image without a group: each counts as a group of its own." in sentences
    assert "The class ill is one group, so none of it can be in the test split." in sentences


def test_groups_that_no_image_has_are_refused(write, two_classes):
    with pytest.raises(GlicoError, match="No image has a group by 'column:person'"):
        load_dataset(write(two_classes), 16, groups="column:person")


def test_groups_in_both_splits_leave_the_test_split(write):
    """No group of the training split is tested on."""
    files = {f"{split}/{name}": content for split in ("train", "test") for name, content in patients(2, 2).items()}
    files["test/ill/patient9_0.png"] = picture(77)
    data = load_dataset(write(files), 16, groups=r"name:(patient\d+)_")
    assert len(data.test_labels) == 1
    assert any("8 test images left out, whose groups are in the training split" in s for s in data.contents.sentences())
