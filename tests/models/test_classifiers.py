"""Every classifier fits every resolution and colour mode; the wide residual network is the published one."""

import pytest
import torch

from glico.errors import GlicoError
from glico.models.classifiers import build_classifier


@pytest.mark.parametrize("name", ["small-cnn", "wideresnet-10-1", "resnet18"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
def test_images_of_any_size_become_logits(name: str, channels: int, resolution: int) -> None:
    classifier = build_classifier(name, channels, resolution, 7).eval()
    assert classifier(torch.rand(2, channels, resolution, resolution)).shape == (2, 7)


def test_wideresnet_28_10_has_its_published_size() -> None:
    parameters = sum(p.numel() for p in build_classifier("wideresnet-28-10", 3, 32, 10).parameters())
    assert parameters == pytest.approx(36.5e6, rel=1e-3)  # Zagoruyko and Komodakis, Table 4


def test_images_are_standardised_by_the_samples_own_mean_and_deviation() -> None:
    images = torch.rand(50, 3, 16, 16) * torch.tensor([0.1, 0.5, 1.0])[:, None, None]
    classifier = build_classifier("small-cnn", 3, 16, 4)
    classifier.standardise.fit(images)
    found = classifier.standardise(images)
    torch.testing.assert_close(found.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std(dim=(0, 2, 3)), torch.ones(3))
    other = build_classifier("small-cnn", 3, 16, 4)
    other.load_state_dict(classifier.state_dict())
    torch.testing.assert_close(other.eval()(images), classifier.eval()(images))


@pytest.mark.parametrize("name", ["wideresnet-11-1", "wideresnet-4-2", "vgg-of-my-own"])
def test_a_classifier_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(GlicoError, match=r"does not exist|no classifier"):
        build_classifier(name, 3, 32, 10)
