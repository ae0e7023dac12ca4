"""Morphs as an augmentation against their definition: the path of one pair at a time, with the right fields."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from glico.augmentation.batch import Batch
from glico.augmentation.between import LatentAugmentation, between_codes
from glico.augmentation.controls import ClassJoin
from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.morphing import Morph, Warp, class_morph, class_warp
from glico.augmentation.sources import Sources
from glico.augmentation.step_context import Crop, StepContext
from glico.augmentation.synthesis import synthesise
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.latent import morphs, registrations
from glico.latent.morphs import sample_fields
from glico.latent.pairs import Pair, Pairs
from glico.morph.fields import KNOTS
from glico.morph.frames import Moving, morph, path_weights

LABELS = torch.tensor([2, 0, 1, -1, 0, 1, 2, 2, 1, 0])
RNG = torch.Generator().manual_seed(3)
IMAGES = torch.randint(0, 256, (len(LABELS), 3, 16, 16), generator=RNG, dtype=torch.uint8)
KNOWN = 0.1 * torch.randn(len(LABELS), 2, KNOTS, KNOTS, generator=RNG)
MOVING = Moving(KNOWN, 16, 16)
FACTORS = (0.1, 0.2, 0.3, 0.4)
PAIRS = Pairs(LABELS, FACTORS)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def a_batch() -> Batch:
    rows = (LABELS >= 0).nonzero().squeeze(1).repeat(4)
    targets = nn.functional.one_hot(LABELS[rows], 3).float()
    return Batch(IMAGES[rows].float() / 255, targets, rows, torch.zeros(len(rows), dtype=torch.bool))


def a_pair() -> Pair:
    return PAIRS.pair((LABELS >= 0).nonzero().squeeze(1), seeded())


def joined(join: Morph | Warp, pair: Pair) -> torch.Tensor:
    a, b = (IMAGES[rows].float() / 255 for rows in (pair.i, pair.j))
    return join(a, b, pair, seeded(1))


def one_by_one(rows: torch.Tensor, fields: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The frames at ``t`` between the two images ``rows`` of each pair, by the fields of the rows ``fields``."""
    pairs = zip(rows, fields, t, strict=True)
    return torch.cat([morph(IMAGES[own].float() / 255, KNOWN[of], path_weights(at[None])) for own, of, at in pairs])


def test_class_morph_is_the_path_between_its_pair() -> None:
    """Each image is the frame at t of the morph between i and j, with their own fields."""
    pair = a_pair()
    rows = torch.stack([pair.i, pair.j], dim=1)
    torch.testing.assert_close(joined(Morph(MOVING), pair), one_by_one(rows, rows, pair.t), rtol=0, atol=1e-5)


def test_class_warp_moves_a_pair_by_the_fields_of_two_others() -> None:
    """The images are those of i and j; the fields are another row's of the class and a third's, never i's own first."""
    pair = a_pair()
    other = PAIRS.partners(pair.i, rng := seeded(1))
    third = PAIRS.partners(other, rng)
    assert (other != pair.i).all()
    assert (third != other).all()
    expected = one_by_one(torch.stack([pair.i, pair.j], dim=1), torch.stack([other, third], dim=1), pair.t)
    torch.testing.assert_close(joined(Warp(MOVING, PAIRS), pair), expected, rtol=0, atol=1e-5)


class Show(nn.Module):
    """Generates the code itself."""

    def forward(self, z: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        return z.reshape(-1, 3, 16, 16)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fields of images are found at once, as a function of each image alone."""

    def register(images: torch.Tensor, seed: int = 0, progress: object = None) -> torch.Tensor:
        return 0.05 * images[:, :2, :KNOTS, :KNOTS] + 0.001

    monkeypatch.setattr(morphs, "register", register)
    monkeypatch.setattr(morphs, "register_new", lambda image, images, knots: register(image[None])[0])


@pytest.mark.usefixtures("registered")
def test_glico_along_a_morph_is_class_morph_of_what_it_generates() -> None:
    """A generator that shows the sample draws by the path morph exactly what class-morph joins."""
    pixels = IMAGES.float().flatten(1) / 255
    sampler = LatentSampler.from_networks(Show(), pixels, PAIRS, TrainConfig(noise="none"), path="morph")
    with pytest.raises(ValueError, match="fields"):
        sampler.sample(torch.tensor([0]), seeded())
    sampler = sampler.with_fields(IMAGES.permute(0, 2, 3, 1).numpy())
    context = StepContext(
        ClassifyConfig(checkpoint="", augmentation="glico", path="morph"),
        IMAGES,
        LABELS,
        torch.zeros(3),
        Crop(flip=False),
        sampler,
    )
    drawn = between_codes(context)
    fields = sample_fields(IMAGES.permute(0, 2, 3, 1).numpy(), LABELS.numpy())
    mixed = ClassJoin(Morph(Moving(fields, 16, 16)), PAIRS, Sources(IMAGES), drawn.probability)(a_batch(), seeded(1))
    generated = drawn(a_batch(), seeded(1))
    assert torch.equal(generated.generated, mixed.generated)
    torch.testing.assert_close(generated.images, mixed.images, rtol=0, atol=1e-5)
    assert isinstance(drawn, LatentAugmentation)


@pytest.mark.usefixtures("registered")
def test_fields_come_from_the_labelled_images_alone() -> None:
    """An unlabelled or held-out row changes no field; its own is zero."""
    images, labels = IMAGES.permute(0, 2, 3, 1).numpy().copy(), LABELS.numpy()
    before = sample_fields(images, labels)
    images[3] = 0
    assert torch.equal(sample_fields(images, labels), before)
    assert not before[3].any()
    assert before[0].any()


@pytest.mark.usefixtures("registered")
def test_fields_of_a_large_class_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images beyond those that are registered together have fields of their own, which are kept too."""
    monkeypatch.setattr(registrations, "MOST", 3)
    images, labels = IMAGES.permute(0, 2, 3, 1).numpy()[:5], np.zeros(5, dtype=np.int64)
    fields = sample_fields(images, labels)
    assert fields.flatten(1).any(dim=1).all()
    with monkeypatch.context() as without:
        without.setattr(morphs, "register", None)
        without.setattr(morphs, "register_new", None)
        assert torch.equal(sample_fields(images, labels), fields)


def test_morph_has_no_code_that_a_weak_classifier_could_judge(tiny_runs: Path) -> None:
    """One sentence, before anything is trained."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    of_codes = replace(checkpoint, config=checkpoint.config.model_copy(update={"classifier_input": "code"}))
    with pytest.raises(GlicoError, match="judges codes, and a morph has none"):
        LatentSampler.from_checkpoint(of_codes, path="morph", with_classifier=True)


@pytest.mark.usefixtures("registered")
def test_checkpoint_without_images_morphs_what_it_generates(tiny_runs: Path) -> None:
    """Its reconstructions are registered; the images of every class are drawn as with them."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    without = synthesise(replace(checkpoint, images=None), 2, 0, path="morph")
    drawn = synthesise(checkpoint, 2, 0, path="morph")
    assert np.array_equal(without.labels, drawn.labels)
    assert np.array_equal(without.t, drawn.t)
    assert without.images.shape == drawn.images.shape
    assert (without.confidence > 0).all()


@pytest.mark.parametrize(("side", "value"), [(1, 9), (2, 0), (2, None), (3, 255)])
def test_odd_images_are_joined_without_a_crash(side: int, value: int | None) -> None:
    """Images of one or four pixels, or of one colour (``value``), give finite images; equal ones give themselves."""
    shape = (4, 1, side, side)
    images = torch.randint(0, 256, shape, generator=seeded(), dtype=torch.uint8)
    if value is not None:
        images = torch.full(shape, value, dtype=torch.uint8)
    labels = torch.zeros(4, dtype=torch.long)
    context = StepContext(ClassifyConfig(checkpoint=""), images, labels, torch.zeros(1), Crop(flip=False))
    rows = torch.arange(4)
    for step in (class_morph(context), class_warp(context)):
        targets = nn.functional.one_hot(labels, 2).float()
        batch = Batch(images.float() / 255, targets, rows, torch.zeros(4, dtype=torch.bool))
        joined_images = replace(step, probability=1.0)(batch, seeded()).images
        assert torch.isfinite(joined_images).all()
        assert 0 <= joined_images.min() <= joined_images.max() <= 1
        if value is not None:
            torch.testing.assert_close(joined_images, images.float() / 255, rtol=0, atol=2e-3)
