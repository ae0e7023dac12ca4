"""Laws of an exported classifier: elsewhere it says what it says here, of images of any size and colour."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from glico.errors import GlicoError
from glico.models.classifiers import build_classifier
from glico.runs.trained_classifier import TrainedClassifier

NAMES = ("ant", "bee", "<b>cow</b>")


@pytest.fixture(params=[1, 3])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A classifier of grey, then of colour images, as a run leaves it."""
    network = build_classifier("small-cnn", request.param, 16, len(NAMES))
    header = {"classifier": "small-cnn", "image_shape": json.dumps([16, 16, request.param])}
    path = tmp_path / "classifier.safetensors"
    save_file(network.state_dict(), path, header | {"class_names": json.dumps(NAMES)})
    return path


def test_the_exported_file_says_the_same(file: Path) -> None:
    trained = TrainedClassifier.load(file)
    channels = trained.image_shape[2]
    images = np.random.default_rng(0).integers(0, 256, (5, 16, 16, channels), dtype=np.uint8)
    here = trained.probabilities(images)
    extra = {"class_names.json": ""}
    there = torch.jit.load(io.BytesIO(trained.torchscript()), _extra_files=extra)
    assert torch.allclose(there(torch.from_numpy(images).permute(0, 3, 1, 2)), here, atol=1e-6)
    assert tuple(json.loads(extra["class_names.json"])) == NAMES
    assert here.sum(dim=1).numpy() == pytest.approx(np.ones(5))


def test_it_takes_any_size_and_either_colour(file: Path) -> None:
    there = torch.jit.load(io.BytesIO(TrainedClassifier.load(file).torchscript()))
    for channels in (1, 3):
        for height, width in ((40, 25), (9, 16), (16, 16)):
            said = there(torch.rand(2, channels, height, width))
            assert said.shape == (2, 3)
            assert said.sum(dim=1).tolist() == pytest.approx([1, 1])


def test_a_damaged_file_is_one_sentence(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(GlicoError, match="not a trained classifier"):
        TrainedClassifier.load(file)
