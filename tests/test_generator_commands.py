"""From a DCGAN and a checkpoint to pictures and to what they are worth, on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file

from glico.augmentation.image_source import open_source
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.dcgan import DcganFile
from glico.cli.main import main
from glico.config import DcganConfig
from glico.errors import GlicoError
from glico.runs.execute import execute
from glico.runs.folder import RunFolder

CPU = torch.device("cpu")
SMALL = {"samples_per_class": 2, "steps": 4, "generator_width": 4, "discriminator_width": 4, "device": "cpu"}


@pytest.fixture(scope="module")
def dcgan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DCGAN of a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(tmp_path_factory.mktemp("runs")))
        folder = RunFolder.create(DcganConfig(**SMALL))
        assert execute(folder).status == "done"
    assert folder.result["checkpoint"] == "dcgan.safetensors"
    return folder.file("dcgan.safetensors")


@pytest.fixture(scope="module")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first convolutions of a VGG-16 that was never trained."""
    path = tmp_path_factory.mktemp("weights") / "vgg.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = torchvision.models.vgg16().state_dict()
    save_file({name: state[name] for name in state if name.startswith(("features.0.", "features.2."))}, path)
    return path


def data(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert main([*map(str, arguments), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(result, dict)
    return result


def test_dcgan_file_generates_equal_images_for_equal_seed(dcgan: Path, tmp_path: Path) -> None:
    """A DCGAN is one file."""
    file = DcganFile.load(dcgan)
    file.images = None
    file.save(tmp_path / "copy.safetensors")
    labels = torch.tensor([3, 3, 7])
    one, other = (
        open_source(path, CPU).generate(labels, torch.Generator().manual_seed(1))
        for path in (dcgan, tmp_path / "copy.safetensors")
    )
    assert one.shape == (3, 1, 16, 16)
    assert torch.equal(one, other)
    assert not torch.equal(one[0], one[1])
    with pytest.raises(GlicoError, match="is a DCGAN, not a checkpoint"):
        Checkpoint.load(dcgan)


def test_checkpoint_generates_images_of_chosen_classes(tiny_runs: Path) -> None:
    """The images are of the classes that the command names."""
    path = tiny_runs / "tiny-glico" / "checkpoint.safetensors"
    source, checkpoint = open_source(path, CPU), Checkpoint.load(path)
    drawn = source.generate(torch.tensor([0, 4, 4, 9] * 4), torch.Generator().manual_seed(1))
    true = checkpoint.decoder()(checkpoint.codes)
    nearest = torch.cdist(drawn.flatten(1), true.flatten(1)).argmin(dim=1)
    right = (checkpoint.labels[nearest] == torch.tensor([0, 4, 4, 9] * 4)).float().mean()
    assert right > 0.5  # t is at most 0.4: most are nearest to an image of their class


def test_draw_writes_a_row_a_class(dcgan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "drawn.png"
    assert data(capsys, "draw", dcgan, "--images", "4", "--classes", "2", "5", "--output", output)["images"] == 4
    with Image.open(output) as picture:
        assert picture.width == pytest.approx(2 * picture.height, rel=0.05)
    assert main(["draw", str(dcgan), "--classes", "zebra", "--output", str(output)]) == 2
    assert "--classes has zebra, but the classes are 0, 1" in capsys.readouterr().err


def test_fidelity_names_what_it_measured_with(
    dcgan: Path, vgg: Path, tiny_runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = tiny_runs / "tiny-glico" / "checkpoint.safetensors"
    command = ["fidelity", str(checkpoint), str(dcgan), "--images", "90", "--features", str(vgg), "--device", "cpu"]
    assert main([*command, "--json"]) == 0
    written = capsys.readouterr()
    result, text = json.loads(written.out), written.err.splitlines()  # with --json the text is no part of the output
    assert result["reference"] == {"dataset": "digits", "part": "test", "images": 599}
    assert (result["images"], result["features"]) == (90, {"network": "VGG-16 conv1_2", "count": 64})
    assert not result["is_fid"]
    glico, drawn = result["generators"]
    assert [glico["generator"], drawn["generator"]] == ["GLICO, 5 per class", "DCGAN, 2 per class"]
    assert 0 < glico["distance"] < drawn["distance"]  # four steps of a DCGAN are noise
    assert any("Fréchet distance (VGG-16 conv1_2)" in line for line in text)
    assert not any(line.strip().startswith("FID") or "  FID" in line for line in text)
    assert any("This is not FID" in line for line in text)
