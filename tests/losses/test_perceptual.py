"""Eq. (1) against a literal transcription on torchvision's own VGG-16."""

from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from glico.errors import GlicoError
from glico.losses.perceptual import PerceptualLoss
from glico.models.vgg import load_vgg

CONVOLUTIONS = (2, 7, 12, 19, 26)  # conv1_2, conv2_2, conv3_2, conv4_2, conv5_2


@pytest.fixture(scope="module")
def vgg() -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torchvision.models.vgg16(weights=None).features.eval()


def weights(vgg: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {f"features.{name}": tensor for name, tensor in vgg.state_dict().items()}


def literal(vgg: torch.nn.Module, generated: torch.Tensor, true: torch.Tensor, layers: int, lambdas: list[float]):
    """sum_j lambda_j ||xi_j(G(z, e)) - xi_j(x)||_1, the norm a mean, xi_j the activation of conv_j_2."""
    normalise = torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    total = torch.zeros(len(true))
    for number, weight in list(zip(CONVOLUTIONS, lambdas, strict=True))[:layers]:
        xi = [vgg[: number + 2](normalise(images)) for images in (generated.clone(), true.clone())]
        total = total + weight * torch.stack([(p - q).abs().mean() for p, q in zip(*xi, strict=True)])
    return total


@pytest.mark.parametrize(("resolution", "layers"), [(32, 3), (64, 4), (128, 5)])
def test_the_loss_is_equation_1(vgg: torch.nn.Module, resolution: int, layers: int) -> None:
    generated, true = torch.rand(2, 2, 3, resolution, resolution, generator=torch.Generator().manual_seed(1))
    lambdas = [0.5, 2.0, 1.0, 3.0, 0.25]
    loss = PerceptualLoss(weights(vgg), resolution, layer_weights=lambdas)
    assert loss.vgg.layers == layers
    with torch.no_grad():
        torch.testing.assert_close(loss(generated, loss.targets(true)), literal(vgg, generated, true, layers, lambdas))


def test_gradients_reach_the_image_and_nothing_else(vgg: torch.nn.Module) -> None:
    loss = PerceptualLoss(weights(vgg), 32)
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    targets = loss.targets(torch.rand(1, 3, 32, 32))
    loss(image, targets).sum().backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in loss.parameters())
    assert not any(target.requires_grad for target in targets)


def test_grey_images_count_as_equal_colours_and_pixels_can_count(vgg: torch.nn.Module) -> None:
    grey, other = torch.rand(2, 2, 1, 32, 32)
    loss = PerceptualLoss(weights(vgg), 32)
    rgb = loss(grey.expand(-1, 3, -1, -1), loss.targets(other.expand(-1, 3, -1, -1)))
    torch.testing.assert_close(loss(grey, loss.targets(other)), rgb)
    pixels = PerceptualLoss(weights(vgg), 32, pixel_weight=2.0)
    torch.testing.assert_close(pixels(grey, pixels.targets(other)), rgb + 2 * (grey - other).abs().mean(dim=(1, 2, 3)))


def test_weights_come_from_a_file_of_either_kind(vgg: torch.nn.Module, tmp_path: Path) -> None:
    state = weights(vgg)
    save_file(state, tmp_path / "vgg.safetensors")
    torch.save({**state, "classifier.0.bias": torch.zeros(3)}, tmp_path / "vgg.pth")
    for name in ("vgg.safetensors", "vgg.pth"):
        loaded = load_vgg(str(tmp_path / name))
        assert loaded.keys() == state.keys()
        assert all(torch.equal(loaded[key], state[key]) for key in state)


def test_what_is_not_vgg_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    with pytest.raises(GlicoError, match="allow the download"):
        load_vgg()
    with pytest.raises(GlicoError, match="no file with VGG weights"):
        load_vgg(str(tmp_path / "missing.pth"))
    (tmp_path / "broken.safetensors").write_bytes(b"not weights")
    with pytest.raises(GlicoError, match="Cannot read the weights"):
        load_vgg(str(tmp_path / "broken.safetensors"))
    save_file({"features.0.weight": torch.zeros(2, 3, 3, 3)}, tmp_path / "other.safetensors")
    with pytest.raises(GlicoError, match="does not hold VGG"):
        load_vgg(str(tmp_path / "other.safetensors"))

    class Call:
        def __reduce__(self):
            return (print, ("a pickle ran",))

    torch.save({"features.0.weight": Call()}, tmp_path / "hostile.pth")
    with pytest.raises(GlicoError, match="Cannot read the weights"):
        load_vgg(str(tmp_path / "hostile.pth"))


def test_more_layers_than_there_are_is_refused(vgg: torch.nn.Module) -> None:
    short = {name: tensor for name, tensor in weights(vgg).items() if int(name.split(".")[1]) <= 12}
    assert PerceptualLoss(short, 256).vgg.layers == 3
    with pytest.raises(GlicoError, match="3 of the five layers"):
        PerceptualLoss(short, 256, layers=5)
