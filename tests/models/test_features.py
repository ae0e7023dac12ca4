"""Pretrained networks that measure images: against torchvision's own networks, with weights that were never trained."""

from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.errors import GlicoError
from glico.models.features import feature_network, features_of, resnet_features
from glico.training.latent_optimisation import LatentOptimisation


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> tuple[torch.nn.Module, str]:
    """A ResNet-18 and the file of its weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = torchvision.models.resnet18().eval()
    path = tmp_path_factory.mktemp("weights") / "resnet18.safetensors"
    save_file(network.state_dict(), path)
    return network, str(path)


def test_resnet_features_are_its_penultimate_activations(resnet: tuple[torch.nn.Module, str]) -> None:
    network, path = resnet
    image = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    seen = []
    hook = network.avgpool.register_forward_hook(lambda module, inputs, output: seen.append(output.flatten(1)))
    prepare = torchvision.transforms.Compose(
        [
            torchvision.transforms.Resize((224, 224)),
            torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    with torch.no_grad():
        network(prepare(image.permute(0, 3, 1, 2) / 255))
    hook.remove()
    result = feature_network(path, 32, False)
    assert result.name == "ResNet-18 average pool"
    torch.testing.assert_close(features_of(result, image, torch.device("cpu")), seen[0], atol=1e-4, rtol=1e-4)


def test_inception_is_torch_fidelitys_and_sees_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({}, tmp_path / "empty.pth")
    with monkeypatch.context() as patch, torch.random.fork_rng():
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)  # keep the random ones
        path = str(tmp_path / "empty.pth")
        network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=path)
    save_file(network.state_dict(), tmp_path / "inception.safetensors")
    result = feature_network(str(tmp_path / "inception.safetensors"), 32, False)
    assert result.name == "Inception v3 average pool"
    grey = torch.randint(0, 256, (1, 32, 32, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    seen = network(grey.permute(0, 3, 1, 2).expand(-1, 3, -1, -1))[0]
    assert seen.shape == (1, 2048)
    assert torch.equal(features_of(result, grey, torch.device("cpu")), seen)
    assert torch.equal(features_of(result, grey.permute(0, 3, 1, 2) / 255, torch.device("cpu")), seen)


@pytest.mark.slow
def test_codes_start_where_a_resnet_sees_the_images(resnet: tuple[torch.nn.Module, str]) -> None:
    config = TrainConfig(
        samples_per_class=2, initialisation="resnet", resnet_weights=resnet[1], dimension=512, snapshots=2, device="cpu"
    )
    sample = small_sample(load_dataset("digits"), 2, 0)
    before = torch.get_rng_state()
    training = LatentOptimisation(config, sample)
    assert torch.equal(before, torch.get_rng_state())
    features = features_of(resnet_features(resnet[1], False), torch.from_numpy(sample.images), torch.device("cpu"))
    expected = features / features.norm(dim=1, keepdim=True)
    torch.testing.assert_close(training.codes.weight.detach(), expected, atol=1e-4, rtol=0)


def test_missing_or_foreign_weights_get_a_sentence(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(GlicoError, match="needs a pretrained ResNet: allow the download"):
        resnet_features(None, False)
    with pytest.raises(GlicoError, match="needs the weights of its Inception network"):
        feature_network(None, 32, False)
    save_file({"layer1.0.conv1.weight": torch.zeros(1)}, tmp_path / "small.safetensors")
    with pytest.raises(GlicoError, match="does not hold the weights of ResNet-18 or ResNet-50"):
        resnet_features(str(tmp_path / "small.safetensors"), False)
    save_file({"something": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(GlicoError, match="Inception v3, VGG or a ResNet"):
        feature_network(str(tmp_path / "other.safetensors"), 32, False)
