"""Laws of a synthetic training set: balanced, repeatable, and every image is where paths.csv says that it is."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from glico.augmentation.synthesis import synthesise
from glico.augmentation.synthetic import Synthetic, write_archive
from glico.checkpoints.checkpoint import Checkpoint
from glico.data import load_dataset
from glico.errors import GlicoError


@pytest.fixture(scope="module")
def checkpoint(tiny_runs: Path) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


def test_the_set_is_balanced_drawn_within_classes_and_repeatable(checkpoint: Checkpoint) -> None:
    made, again, other = (synthesise(checkpoint, 4, seed) for seed in (0, 0, 1))
    assert np.bincount(made.labels).tolist() == [4] * 10
    labels = checkpoint.labels.numpy()
    assert (labels[made.i] == made.labels).all()
    assert (labels[made.j] == made.labels).all()
    assert (made.i != made.j).all()
    assert (made.images == again.images).all()
    assert (made.images != other.images).any()
    assert ((made.confidence >= 0) & (made.confidence <= 1)).all()


def test_detail_brings_synthetic_set_nearer_to_real_images(checkpoint: Checkpoint) -> None:
    plain, detailed = (synthesise(checkpoint, 4, 0, factors=(0.0,), detail=detail) for detail in (False, True))
    assert checkpoint.images is not None
    true = checkpoint.images.numpy()[plain.i].astype(int)
    assert np.abs(detailed.images - true).mean() < np.abs(plain.images - true).mean() / 2
    without = replace(checkpoint, images=None)
    with pytest.raises(GlicoError, match="does not hold its training images"):
        synthesise(without, 4, 0, detail=True)


def test_glo_has_nobody_to_judge(tiny_runs: Path) -> None:
    made = synthesise(Checkpoint.load(tiny_runs / "tiny-glo" / "checkpoint.safetensors"), 1, 0)
    assert np.isnan(made.confidence).all()


def test_the_archive_is_a_data_set_of_this_package(checkpoint: Checkpoint, tmp_path: Path) -> None:
    made = synthesise(checkpoint, 5, 0)
    with (tmp_path / "drawn.zip").open("wb") as file:
        write_archive(file, made, checkpoint.class_names, checkpoint.indices.numpy())
    data = load_dataset(tmp_path / "drawn.zip", resolution=16)
    assert data.class_names == checkpoint.class_names
    result = np.concatenate([data.train_images, data.test_images])
    assert sorted(image.tobytes() for image in result) == sorted(image.tobytes() for image in made.images)
    with ZipFile(tmp_path / "drawn.zip") as archive:
        origins = list(csv.DictReader(io.StringIO(archive.read("paths.csv").decode())))
    assert [int(row["row_i"]) for row in origins] == made.i.tolist()
    assert [int(row["image_j"]) for row in origins] == checkpoint.indices.numpy()[made.j].tolist()


def test_strange_class_names_stay_inside_the_archive() -> None:
    one = torch.zeros(3, dtype=torch.int64).numpy()
    pictures = np.zeros((3, 4, 4, 1), dtype=np.uint8)
    made = Synthetic(pictures, np.arange(3), one, one, np.zeros(3, np.float32), np.ones(3, np.float32))
    buffer = io.BytesIO()
    write_archive(buffer, made, ["../../etc", "/", "a/b"], np.zeros(3, dtype=np.int64))
    names = ZipFile(buffer).namelist()
    assert not any(name.startswith("/") or ".." in name for name in names)
    assert len({name.split("/")[0] for name in names}) == 4
