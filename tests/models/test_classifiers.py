"""Every classifier fits every resolution and colour mode; the published ones have their published size."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch._dynamo.utils import counters

from glico.errors import GlicoError
from glico.models.classifiers import build_classifier, load_imagenet


@pytest.mark.parametrize("name", ["small-cnn", "wideresnet-10-1", "resnet18", "resnet20"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
def test_images_of_any_size_become_logits(name: str, channels: int, resolution: int) -> None:
    classifier = build_classifier(name, channels, resolution, 7).eval()
    assert classifier(torch.rand(2, channels, resolution, resolution)).shape == (2, 7)


@pytest.mark.parametrize(("channels", "resolution"), [(1, 16), (3, 32), (3, 64)])
def test_vgg_19_takes_small_images(channels: int, resolution: int) -> None:
    classifier = build_classifier("vgg19", channels, resolution, 7).eval()
    assert classifier(torch.rand(2, channels, resolution, resolution)).shape == (2, 7)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("wideresnet-28-10", 36.5e6),  # Zagoruyko and Komodakis, Table 4
        ("resnet20", 0.27e6),
        ("resnet56", 0.85e6),
        ("resnet110", 1.73e6),  # He et al., Table 6 (1.7 M)
        ("vgg19", 20.04e6),  # without the layers of 4096 units
    ],
)
def test_published_networks_have_their_published_size(name: str, published: float) -> None:
    parameters = sum(p.numel() for p in build_classifier(name, 3, 32, 10).parameters())
    assert parameters == pytest.approx(published, rel=1e-2)


def test_compiled_a_classifier_is_one_graph() -> None:
    torch.compiler.reset()
    counters.clear()
    classifier = build_classifier("wideresnet-10-1", 3, 16, 4)
    classifier.compile(backend="eager")
    for _ in range(2):
        classifier(torch.rand(2, 3, 16, 16))
    assert counters["stats"]["unique_graphs"] == 1


def test_images_are_standardised_by_the_sample() -> None:
    images = torch.rand(50, 3, 16, 16) * torch.tensor([0.1, 0.5, 1.0])[:, None, None]
    classifier = build_classifier("small-cnn", 3, 16, 4)
    classifier.standardise.fit(images)
    result = classifier.standardise(images)
    torch.testing.assert_close(result.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(result.std(dim=(0, 2, 3)), torch.ones(3))
    other = build_classifier("small-cnn", 3, 16, 4)
    other.load_state_dict(classifier.state_dict())
    torch.testing.assert_close(other.eval()(images), classifier.eval()(images))


def test_a_classifier_of_crops_sees_the_centre_of_whole_images() -> None:
    classifier = build_classifier("small-cnn", 1, 32, 4, side=28).eval()
    images = torch.rand(2, 1, 32, 32)
    torch.testing.assert_close(classifier(images), classifier(images[:, :, 2:30, 2:30]))


@pytest.mark.parametrize("name", ["wideresnet-11-1", "wideresnet-4-2", "resnet19", "vgg-of-my-own"])
def test_a_classifier_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(GlicoError, match=r"does not exist|no classifier"):
        build_classifier(name, 3, 32, 10)


def test_pretrained_weights_fill_all_layers_but_the_last(tmp_path: Path) -> None:
    from torchvision.models import resnet18

    published = resnet18()
    save_file(published.state_dict(), tmp_path / "resnet18.safetensors")
    classifier = build_classifier("resnet18", 3, 128, 5)
    last = classifier.network.fc.weight.clone()
    load_imagenet(classifier, "resnet18", str(tmp_path / "resnet18.safetensors"))
    torch.testing.assert_close(classifier.network.layer4[1].conv2.weight, published.layer4[1].conv2.weight)
    torch.testing.assert_close(classifier.network.fc.weight, last)
    assert classifier.standardise.mean.flatten().tolist() == pytest.approx([0.485, 0.456, 0.406])


def test_vggs_convolutions_fit_small_images(tmp_path: Path) -> None:
    source, classifier = (build_classifier("vgg19", 3, 32, classes) for classes in (9, 5))
    save_file(source.network.state_dict(), tmp_path / "vgg.safetensors")
    load_imagenet(classifier, "vgg19", str(tmp_path / "vgg.safetensors"))
    torch.testing.assert_close(classifier.network.features[0].weight, source.network.features[0].weight)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import resnet18

    file = tmp_path / "resnet18.safetensors"
    save_file(resnet18().state_dict(), file)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name, channels, resolution, path, why in (
        ("resnet18", 3, 32, str(file), "do not fit.*64x3x7x7.*64x3x3x3"),
        ("resnet18", 1, 128, str(file), "do not fit.*64x3x7x7.*64x1x7x7"),
        ("vgg19", 3, 32, str(file), "do not fit.*missing"),
        ("small-cnn", 3, 32, None, "no pretrained weights for small-cnn"),
        ("resnet18", 3, 128, None, "allow the download"),
    ):
        with pytest.raises(GlicoError, match=why):
            load_imagenet(build_classifier(name, channels, resolution, 5), name, path)
