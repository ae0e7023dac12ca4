"""Laws of the conditional DCGAN, on digits and on three flat shades."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from glico.config import DcganConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.training.dcgan import Dcgan

SMALL = {"samples_per_class": 2, "steps": 6, "generator_width": 8, "discriminator_width": 8, "device": "cpu"}
DIGITS = small_sample(load_dataset("digits"), 2, 0)


def shades() -> Sample:
    """Ten images each of a dark, a grey and a bright class."""
    labels = np.arange(3).repeat(10)
    images = np.broadcast_to((30 + 95 * labels)[:, None, None, None], (30, 16, 16, 1)).astype(np.uint8)
    return Sample(images, labels, np.arange(30), ("dark", "grey", "bright"))


def trained(until: int | None = None, sample: Sample = DIGITS, **changes: object) -> Dcgan:
    training = Dcgan(DcganConfig(**(SMALL | changes)), sample)
    for _ in training:
        if training.step == until:
            break
    return training


@pytest.mark.parametrize("changes", [{}, {"batch_size": 8}, {"generator": "reference"}], ids=str)
def test_a_stopped_and_resumed_training_is_an_unbroken_one(changes: dict[str, object]) -> None:
    sample = small_sample(load_dataset("digits", 32), 2, 0) if "generator" in changes else DIGITS
    unbroken, stopped = trained(None, sample, **changes).state(), trained(3, sample, **changes)
    resumed = Dcgan(stopped.config, sample)
    resumed.restore({name: tensor.clone() for name, tensor in stopped.state().items()})
    for _ in resumed:
        pass
    state = resumed.state()
    assert unbroken.keys() == state.keys()
    assert all(torch.equal(unbroken[name], state[name]) for name in state)


def test_the_losses_are_the_adversarial_ones() -> None:
    """Goodfellow et al. (2014): the discriminator's cross-entropy, and -log D(G) for the generator."""
    training = Dcgan(DcganConfig(**(SMALL | {"steps": 1})), DIGITS)
    generator, discriminator = (copy.deepcopy(network) for network in (training.generator, training.discriminator))
    rng = torch.Generator().manual_seed(0)
    index = torch.randperm(20, generator=rng)
    images, labels = training.images[index], training.labels[index]
    true, drawn = discriminator(images, labels), discriminator(generator.generate(labels, rng), labels)
    ones = torch.ones(20)
    loss = F.binary_cross_entropy_with_logits(true, ones) + F.binary_cross_entropy_with_logits(drawn, 0 * ones)
    (record,) = training
    assert record["discriminator_loss"] == pytest.approx(loss.item(), rel=1e-4)
    assert record["generator_loss"] > 0


def test_each_class_is_drawn_as_it_looks() -> None:
    training = trained(sample=shades(), steps=150, learning_rate=0.002)
    training.generator.eval()
    with torch.no_grad():
        drawn = training.generator.generate(torch.arange(3).repeat_interleave(8), torch.Generator().manual_seed(1))
    dark, grey, bright = drawn.reshape(3, -1).mean(dim=1).tolist()
    assert dark + 0.1 < grey < bright - 0.1


def test_training_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    trained()
    assert torch.equal(before, torch.get_rng_state())


def test_a_loss_that_is_no_number_stops_with_a_sentence() -> None:
    training = trained(3)
    state = training.state()
    broken = next(name for name in state if name.startswith("generator.") and name.endswith("weight"))
    training.restore(state | {broken: state[broken] * float("nan")})
    with pytest.raises(GlicoError, match=r"diverged \(NaN\) at step 4"):
        list(training)
