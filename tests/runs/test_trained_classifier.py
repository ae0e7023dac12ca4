"""Laws of an exported classifier: elsewhere it says what it says here, of images of any size and colour."""

import io
import json
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from onnxruntime import InferenceSession
from safetensors.torch import save_file

from glico.checkpoints.trained_classifier import TrainedClassifier, centre_square, squashed
from glico.cli.main import main
from glico.config import ClassifyConfig
from glico.errors import GlicoError
from glico.models.classifiers import build_classifier
from glico.places import SHIPPED
from glico.runs.folder import RunFolder

NAMES = ("ant", "bee", "<b>cow</b>")


@pytest.fixture(params=[1, 3])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A classifier of grey, then of colour images, as a run leaves it."""
    network = build_classifier("small-cnn", request.param, 16, len(NAMES))
    header = {"classifier": "small-cnn", "image_shape": json.dumps([16, 16, request.param])}
    path = tmp_path / "classifier.safetensors"
    save_file(network.state_dict(), path, header | {"class_names": json.dumps(NAMES)})
    return path


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """The command line takes over SIGTERM."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


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
            output = there(torch.rand(2, channels, height, width))
            assert output.shape == (2, 3)
            assert output.sum(dim=1).tolist() == pytest.approx([1, 1])


@pytest.mark.slow
def test_onnx_elsewhere_says_the_same_of_images_of_any_size(file: Path) -> None:
    trained = TrainedClassifier.load(file)
    elsewhere = InferenceSession(trained.onnx(), providers=["CPUExecutionProvider"])
    here = torch.jit.load(io.BytesIO(trained.torchscript()))
    rng = np.random.default_rng(0)
    for count, height, width in ((1, 16, 16), (5, 40, 25), (3, 9, 16)):
        images = rng.integers(0, 256, (count, 3, height, width), dtype=np.uint8)
        (text,) = elsewhere.run(["probabilities"], {"images": images})
        np.testing.assert_allclose(text, here(torch.from_numpy(images)).numpy(), atol=1e-5)
    assert tuple(json.loads(elsewhere.get_modelmeta().custom_metadata_map["class_names"])) == NAMES


def test_without_its_packages_onnx_is_one_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(GlicoError, match=r"run pip install '\.\[onnx\]' in a checkout"):
        TrainedClassifier.load(file).onnx()


def test_the_command_line_writes_either_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GLICO_RUNS", str(tmp_path / "runs"))
    run = RunFolder.create(ClassifyConfig(checkpoint=str(SHIPPED / "digits-glico.safetensors")))
    assert main(["export", run.id, "--output", str(tmp_path / "net.pt")]) == 1
    assert "has no trained classifier" in capsys.readouterr().err
    shutil.copy(file, run.file("classifier.safetensors"))
    assert main(["export", run.id, "--output", str(tmp_path / "new" / "net.pt")]) == 0
    assert torch.jit.load(tmp_path / "new" / "net.pt")(torch.rand(1, 3, 20, 20)).shape == (1, 3)
    assert main(["export", run.id, "--output", str(tmp_path / "net.txt")]) == 2
    assert "must end in .pt or .onnx" in capsys.readouterr().err
    assert not (tmp_path / "net.txt").exists()


@pytest.mark.parametrize(("height", "width", "resolution"), [(40, 25, 16), (9, 16, 32), (16, 16, 16), (17, 100, 32)])
def test_the_centre_square_is_resized_as_torch_does_it(height: int, width: int, resolution: int) -> None:
    images = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = images[:, :, top : top + side, left : left + side]
    wanted = F.interpolate(square, size=[resolution, resolution], mode="bicubic", antialias=True).clamp(0, 1)
    torch.testing.assert_close(centre_square(images, resolution), wanted, atol=1e-5, rtol=0)


def test_a_damaged_file_is_one_sentence(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(GlicoError, match="not a trained classifier"):
        TrainedClassifier.load(file)


@pytest.mark.parametrize(("height", "width"), [(40, 16), (9, 50), (16, 16)])
def test_squashed_images_are_resized_as_torch_does_it(height: int, width: int) -> None:
    """A classifier of squashed images squashes them elsewhere, too."""
    images = torch.rand(2, 3, height, width)
    wanted = F.interpolate(images, (16, 16), mode="bicubic", antialias=True).clamp(0, 1)
    torch.testing.assert_close(squashed(images, 16), wanted, atol=1e-5, rtol=0)


def test_images_on_a_border_are_no_preparation_of_a_file(file: Path) -> None:
    classifier = TrainedClassifier.load(file)
    bordered = replace(classifier, preparation=replace(classifier.preparation, fit="white"))
    assert classifier.preparation.fit == "crop"
    with pytest.raises(GlicoError, match=r"have a border \(white\)"):
        bordered.torchscript()
