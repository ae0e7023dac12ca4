"""Networks computed without PyTorch are PyTorch's: their parameters by name and shape, and what they compute."""

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.parameters import classifier_parameters, generator_parameters
from glico.checkpoints.schema import Entry
from glico.config import TrainConfig
from glico.models.classifiers import build_weak_classifier
from glico.models.generators import build_generator

CLASSES = ("a", "b", "c")
SMALL = {"dimension": 12, "noise_dimension": 12, "generator_width": 4}
CONFIGS = [
    (TrainConfig(**SMALL, noise="concatenate"), 32, 3),
    (TrainConfig(**SMALL, noise="project", weak_classifier="weak-cnn"), 16, 1),
    (TrainConfig(**SMALL, noise="add", weak_classifier="weak-cnn-16"), 64, 3),
    (TrainConfig(**SMALL, noise="none", generator="reference", weak_classifier="weak-cnn-32"), 32, 1),
    (TrainConfig(**SMALL, classifier_input="code"), 16, 3),
]
NAMES = ["concatenated noise", "projected noise", "added noise", "no noise", "codes"]


def entries(network: torch.nn.Module) -> dict[str, Entry]:
    """The entries of a network's parameters, as a checkpoint's header has them."""
    state = network.state_dict().items()
    return {name: Entry(str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape)) for name, tensor in state}


@pytest.mark.parametrize(("config", "side", "channels"), CONFIGS, ids=NAMES)
def test_networks_without_pytorch_compute_the_same(config: TrainConfig, side: int, channels: int) -> None:
    """Images differ by less than a grey level and probabilities by less than a thousandth, for every kind."""
    torch.manual_seed(0)
    generator = build_generator(config, channels, side)
    classifier = build_weak_classifier(config, channels, side, len(CLASSES))
    shape = (side, side, channels)
    assert entries(generator) == generator_parameters(config, shape)
    assert entries(classifier) == classifier_parameters(config, shape, len(CLASSES))
    for network in (generator, classifier):
        for name, buffer in network.named_buffers():  # as after a training
            if "running" in name:
                buffer.copy_(torch.rand_like(buffer) + 0.5)
    codes = torch.nn.functional.normalize(torch.randn(70, config.dimension), dim=1)
    labels = torch.arange(70) % len(CLASSES)
    checkpoint = Checkpoint(
        config, CLASSES, shape, codes, labels, labels, generator.state_dict(), classifier.state_dict()
    )
    noise = None if config.noise == "none" else torch.randn(70, 12)
    for e in (None, noise):
        ours = checkpoint.opened.decode(codes.numpy(), None if e is None else e.numpy())
        theirs = checkpoint.decoder()(codes, e)
        np.testing.assert_allclose(ours, theirs, atol=0.5 / 255)
    ours = checkpoint.opened.probabilities(theirs.numpy(), codes.numpy())
    np.testing.assert_allclose(ours, checkpoint.probabilities(theirs, codes), atol=1e-3)
