"""Laws of section IV-B: another code of the same class, t from the set, half of the batch, the rest untouched."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from glico.augmentation.batch import Batch, choose
from glico.augmentation.between import LatentAugmentation
from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import PathName, TrainConfig
from glico.errors import GlicoError
from glico.latent.pairs import Pairs
from glico.latent.paths import lerp, slerp
from glico.models.generators import build_generator

CONFIG = TrainConfig(dimension=8, noise_dimension=4, generator_width=4)
LABELS = torch.tensor([2, 0, 1, -1, 0, 1, 2, 2, -1, 1, 0, 2])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def codes() -> torch.Tensor:
    return nn.functional.normalize(torch.randn(len(LABELS), 8, generator=seeded(5)), dim=1)


class Echo(nn.Module):
    """A generator whose image is its input: what it was asked to draw can be read off."""

    def forward(self, z: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        return z if noise is None else torch.cat([z, noise], dim=1)


def sampler_of(network: nn.Module, path: PathName = "slerp", **options: Any) -> LatentSampler:
    pairs = Pairs(LABELS, **{"factors": FACTORS, **options})
    return LatentSampler.from_networks(network, codes(), pairs, CONFIG, path=path)


def echo(**options: Any) -> LatentSampler:
    return sampler_of(Echo(), **options)


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build_generator(CONFIG, 1, 16)


def real() -> LatentSampler:
    return sampler_of(network())


def test_partners_are_uniform_among_other_rows_of_the_class() -> None:
    labelled = (LABELS >= 0).nonzero().squeeze(1)
    for i in labelled:
        j = echo().pairs.partners(i.repeat(6000), seeded(int(i)))
        others = [int(o) for o in labelled if LABELS[o] == LABELS[i] and o != i]
        assert sorted(set(j.tolist())) == others
        for other in others:
            assert (j == other).sum() / 6000 == pytest.approx(1 / len(others), abs=0.03)


def test_cudnn_tries_nothing_on_batches_that_all_differ_in_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    tries: list[bool] = []

    class Asked(Echo):
        def forward(self, z: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
            tries.append(torch.backends.cudnn.benchmark)
            return super().forward(z, noise)

    sampler_of(Asked()).sample(torch.tensor([0, 1]), seeded())
    assert tries == [False]
    assert torch.backends.cudnn.benchmark, "for the classifier, whose batches are all as large"


def test_t_comes_from_the_factors_an_image_at_a_time() -> None:
    i = (LABELS >= 0).nonzero().squeeze(1).repeat(1000)
    t = echo().sample(i, seeded()).t
    values, counts = t.unique(return_counts=True)
    torch.testing.assert_close(values, torch.tensor([0.1, 0.2, 0.3, 0.4]))
    assert (counts / len(t)).tolist() == pytest.approx([0.25] * 4, abs=0.02)
    assert echo(factors=(0.7,)).sample(i, seeded()).t.unique().tolist() == pytest.approx([0.7])


@pytest.mark.parametrize(("name", "path"), [("slerp", slerp), ("lerp", lerp)])
def test_generator_receives_path_between_codes_and_noise(name: str, path) -> None:
    i = (LABELS >= 0).nonzero().squeeze(1).repeat(50)
    drawn = echo(path=name).sample(i, seeded())
    z, noise = drawn.images[:, :8], drawn.images[:, 8:]
    torch.testing.assert_close(z, path(codes()[i], codes()[drawn.j], drawn.t))
    assert noise.shape[1] == 4
    assert float(noise.std()) == pytest.approx(CONFIG.noise_std, rel=0.1)


def test_the_picture_is_the_one_that_its_origin_says() -> None:
    sampler = real()
    i = (LABELS >= 0).nonzero().squeeze(1)
    rng = seeded()
    drawn = sampler.sample(i, rng)
    noiseless = sampler.decode(drawn.i, drawn.j, drawn.t, torch.zeros(len(i), 4)).images
    assert drawn.images.shape == (len(i), 1, 16, 16)
    assert not drawn.images.requires_grad
    assert (drawn.images - noiseless).abs().mean() < (drawn.images - noiseless.flip(0)).abs().mean()
    again = sampler.sample(i, seeded())
    assert torch.equal(drawn.images, again.images)
    assert torch.equal(drawn.j, again.j)


def test_drawing_does_not_depend_on_how_many_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    i = (LABELS >= 0).nonzero().squeeze(1).repeat(3)
    whole = real().sample(i, seeded()).images
    monkeypatch.setattr("glico.augmentation.latent_sampler.CHUNK", 7)
    torch.testing.assert_close(real().sample(i, seeded()).images, whole)


def test_bfloat16_draws_nearly_the_same_images() -> None:
    i = (LABELS >= 0).nonzero().squeeze(1)
    sampler = real()
    exact = sampler.sample(i, seeded()).images
    coarse = replace(sampler, dtype=torch.bfloat16).sample(i, seeded()).images
    assert coarse.dtype == torch.float32
    assert (coarse - exact).abs().max() < 0.02


def test_half_of_the_batch_is_replaced_and_the_rest_untouched() -> None:
    rows = (LABELS >= 0).nonzero().squeeze(1).repeat(200)
    before = torch.rand(len(rows), 1, 16, 16, generator=seeded(1))
    targets = torch.nn.functional.one_hot(LABELS[rows], 3).float()
    batch = Batch(before.clone(), targets.clone(), rows, torch.zeros(len(rows), dtype=torch.bool))
    after = LatentAugmentation(real(), 0.5)(batch, seeded())
    assert after.generated.float().mean() == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / len(rows)))
    assert after.generated.nonzero().squeeze(1).tolist() == choose(len(rows), 0.5, seeded()).tolist()
    assert torch.equal(after.images[~after.generated], before[~after.generated])
    assert (after.images[after.generated] != before[after.generated]).flatten(1).any(dim=1).all()
    assert torch.equal(after.targets, targets)


def test_a_sampler_of_a_checkpoint_draws_with_its_generator() -> None:
    sampler = real()
    checkpoint = Checkpoint(
        config=CONFIG,
        class_names=("a", "b", "c"),
        image_shape=(16, 16, 1),
        codes=codes(),
        labels=LABELS,
        indices=torch.arange(len(LABELS)),
        generator=network().state_dict(),
    )
    i = (LABELS >= 0).nonzero().squeeze(1)
    torch.testing.assert_close(
        LatentSampler.from_checkpoint(checkpoint).sample(i, seeded()).images, sampler.sample(i, seeded()).images
    )


def test_generation_uses_only_chosen_rows_uniformly() -> None:
    chosen = [0, 6, 7, 1, 3]  # three of class 2, one of class 0, one without a label
    sampler = echo(drawn_from=chosen)
    rows = (LABELS == 2).nonzero().squeeze(1)
    drawn = sampler.sample(rows.repeat(3000), seeded())
    assert set(drawn.i.tolist()) == set(drawn.j.tolist()) == {0, 6, 7}
    assert (drawn.i != drawn.j).all()
    begun = drawn.i[3 :: len(rows)]  # those drawn for row 11, which was not chosen
    assert [float((begun == row).float().mean()) for row in (0, 6, 7)] == pytest.approx([1 / 3] * 3, abs=0.04)
    assert torch.equal(drawn.i[0 :: len(rows)], torch.zeros(3000, dtype=torch.int64))  # a chosen row begins at itself


def test_a_class_without_two_chosen_rows_keeps_its_true_images() -> None:
    rows = (LABELS >= 0).nonzero().squeeze(1).repeat(20)
    before = torch.rand(len(rows), 1, 16, 16, generator=seeded(1))
    sampler = sampler_of(network(), drawn_from=[0, 6, 1])
    batch = Batch(before.clone(), torch.zeros(len(rows), 3), rows, torch.zeros(len(rows), dtype=torch.bool))
    after = LatentAugmentation(sampler, 1.0)(batch, seeded())
    assert torch.equal(after.generated, LABELS[rows] == 2)
    assert torch.equal(after.images[~after.generated], before[~after.generated])


def test_every_row_chosen_is_as_none_chosen() -> None:
    i = (LABELS >= 0).nonzero().squeeze(1)
    drawn, same = echo().sample(i, seeded()), echo(drawn_from=range(len(LABELS))).sample(i, seeded())
    assert torch.equal(drawn.images, same.images)


def test_choice_without_a_pair_or_with_missing_row_is_refused() -> None:
    with pytest.raises(GlicoError, match="No two of the chosen images"):
        echo(drawn_from=[0, 1, 2, 3, 8])
    with pytest.raises(GlicoError, match=r"no image 12 .* 0 to 11"):
        echo(drawn_from=[0, 6, 12])


def test_rows_without_a_label_and_lonely_classes_are_refused() -> None:
    with pytest.raises(GlicoError, match="labelled rows only"):
        echo().sample(torch.tensor([3]), seeded())
    with pytest.raises(GlicoError, match="Class 1 has one labelled image"):
        Pairs(torch.tensor([0, 0, 1]), FACTORS)
    skipping = Pairs(torch.tensor([0, 0, 1]), FACTORS, lonely="skip")
    assert skipping.drawable.tolist() == [True, True, False]
