"""Names and paths."""

import numpy as np
import pytest
from data_files import write_folder

from glico.config import DataConfig
from glico.data import DATASETS, load_configured, load_dataset
from glico.data.known import medmnist
from glico.errors import GlicoError


def test_every_known_data_set_is_described_and_in_the_help():
    for name, known in DATASETS.items():
        assert known.description
        assert "\n" not in known.description
        assert isinstance(known.is_available(), bool)
        help = DataConfig.describe("dataset").help
        assert name in help or (name in medmnist.NAMES and "MedMNIST's" in help)


@pytest.mark.parametrize("resolution", [None, 16, 32, 128])
def test_digits_come_at_every_resolution(resolution):
    data = load_dataset("digits", resolution)
    side = resolution or 16
    assert data.image_shape == (side, side, 1)
    assert len(data.train_labels) + len(data.test_labels) == 1797
    assert data.class_names == tuple("0123456789")
    shares = np.bincount(data.test_labels) / (np.bincount(data.test_labels) + np.bincount(data.train_labels))
    assert (abs(shares - 1 / 3) < 0.01).all()


def test_digits_at_eight_pixels_are_the_library_s():
    from sklearn.datasets import load_digits

    ours = load_dataset("digits", 16)
    theirs = load_digits().images / 16
    means = np.sort(np.concatenate([ours.train_images, ours.test_images]).mean(axis=(1, 2, 3)) / 255)
    np.testing.assert_allclose(means, np.sort(theirs.mean(axis=(1, 2))), atol=0.03)


def test_a_configuration_names_a_data_set():
    config = DataConfig(dataset="digits", resolution=32, colour="rgb")
    assert load_configured(config).image_shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("CIFAR-10", "Did you mean cifar10?"),
        ("nothing here", "neither a known name (digits, cifar10, cifar100"),
        ("", "There is no data set ''"),
        ("x" * 5000, "neither a known name"),
        ("~nobody-of-that-name/x", "neither a known name"),
        ("a\0b", "neither a known name"),
    ],
)
def test_unknown_names_get_a_sentence(name, sentence):
    with pytest.raises(GlicoError) as caught:
        load_dataset(name)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 400


def test_other_files_and_resolutions_get_a_sentence(tmp_path):
    (tmp_path / "x.tar.gz").write_bytes(b"")
    (tmp_path / "x.pdf").write_bytes(b"")
    with pytest.raises(
        GlicoError, match=r"x\.tar\.gz is an archive of a kind that is not read: unpack it, or pack it as"
    ):
        load_dataset(tmp_path / "x.tar.gz")
    with pytest.raises(GlicoError, match="is not a data set: that is an image folder"):
        load_dataset(tmp_path / "x.pdf")
    with pytest.raises(GlicoError, match="choose from 16, 32, 64, 128, 256"):
        load_dataset("digits", 48)


@pytest.mark.parametrize("write_path", ['"{}"', "'{}'", "file://{}", " {} "])
def test_paths_are_understood_as_they_are_copied(tmp_path, two_classes, write_path):
    path = write_folder(tmp_path / "my birds", two_classes)
    written = write_path.format(str(path).replace(" ", "%20") if "file" in write_path else path)
    assert load_dataset(written, 16).class_names == ("cat", "dog")


def test_a_folder_called_as_a_known_data_set_is_mentioned(tmp_path, monkeypatch, two_classes):
    """The name means the known data set, as always, and the note says how to mean the folder."""
    write_folder(tmp_path / "digits", two_classes)
    monkeypatch.chdir(tmp_path)
    assert load_dataset("digits", 16).contents.sentences() == [
        "'digits' is the known data set of that name and not the folder here, which is ./digits."
    ]
    assert load_dataset("./digits", 16).class_names == ("cat", "dog")


def test_unknown_option_of_a_reading_is_refused():
    """A misspelt keyword is no silent default."""
    with pytest.raises(TypeError, match="test_share"):
        load_dataset("digits", test_share=0.5)
