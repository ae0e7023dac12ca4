"""MedMNIST's sets by name: the file from where it lies, the classes from the package."""

import numpy as np
import pytest

from glico.data import DATASETS, load_dataset
from glico.data.known import medmnist
from glico.errors import GlicoError

pytest.importorskip("medmnist")


@pytest.fixture(autouse=True)
def nowhere_else(monkeypatch, tmp_path):
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    monkeypatch.setattr(medmnist, "OWN_FOLDER", tmp_path / "own")


@pytest.mark.parametrize("folder", ["medmnist", "own"])
def test_present_set_is_read_with_its_class_names(tmp_path, folder):
    """No download is needed for a set on this machine."""
    images, labels = np.zeros((6, 28, 28), np.uint8), np.arange(6)[:, None] % 2
    (tmp_path / folder).mkdir()
    parts = {"train_images": images, "train_labels": labels, "test_images": images[:2], "test_labels": labels[:2]}
    np.savez(tmp_path / folder / "breastmnist.npz", **parts)
    assert DATASETS["breastmnist"].is_available()
    data = load_dataset("breastmnist")
    assert (data.name, data.image_shape) == ("breastmnist", (32, 32, 1))
    assert data.class_names == ("malignant", "normal, benign")


def test_one_that_is_not_is_fetched_only_when_that_is_allowed():
    assert not DATASETS["pathmnist"].is_available()
    with pytest.raises(GlicoError, match=r"allow its download .* or put pathmnist_64.npz into"):
        load_dataset("pathmnist", 64)


def test_every_known_name_is_a_single_label_set():
    """Every name is one that the package knows, with one class per image."""
    from medmnist.info import INFO

    assert all("multi-label" not in INFO[name]["task"] for name in medmnist.NAMES)
