"""The controls against their definitions: the same pairs as a latent draw, joined in pixels."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import nn

from glico.augmentation.batch import Batch, Replace, choose
from glico.augmentation.between import LatentAugmentation
from glico.augmentation.controls import CELLS, ClassJoin, mean, patches
from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.policies import ByPolicy, auto_augment
from glico.augmentation.sources import Sources
from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.latent.pairs import Pair, Pairs

LABELS = torch.tensor([2, 0, 1, -1, 0, 1, 2, 2, 1, 0])
IMAGES = torch.randint(0, 256, (len(LABELS), 3, 16, 16), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
FACTORS = (0.1, 0.2, 0.3, 0.4)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def a_batch(images: torch.Tensor = IMAGES) -> Batch:
    rows = (LABELS >= 0).nonzero().squeeze(1).repeat(20)
    targets = nn.functional.one_hot(LABELS[rows], 3).float()
    return Batch(images[rows].float() / 255, targets, rows, torch.zeros(len(rows), dtype=torch.bool))


def test_class_mix_is_the_pixel_mean_of_a_latent_draws_own_pair() -> None:
    """A generator that is linear in codes which are the images draws by lerp exactly what class-mix mixes."""
    pixels = IMAGES.float().flatten(1) / 255

    class Show(nn.Module):
        def forward(self, z: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
            return z.reshape(-1, 3, 16, 16)

    config = TrainConfig(noise="none")
    sampler = LatentSampler.from_networks(Show(), pixels, Pairs(LABELS, FACTORS), config, path="lerp")
    drawn = LatentAugmentation(sampler, 0.5)(a_batch(), seeded(1))
    mixed = ClassJoin(mean, Pairs(LABELS, FACTORS), Sources(IMAGES), 0.5)(a_batch(), seeded(1))
    assert torch.equal(mixed.generated, drawn.generated)
    assert 0.4 < mixed.generated.float().mean() < 0.6
    assert torch.allclose(mixed.images, drawn.images, atol=1e-6)
    assert torch.equal(mixed.targets, a_batch().targets), "both images have the label"


class Dissolve(nn.Module):
    """Generates the code, darkened: the reconstruction of each image lacks half of it."""

    def forward(self, z: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        return z.reshape(-1, 3, 16, 16) / 2


def with_detail(factors: tuple[float, ...]) -> LatentAugmentation:
    pixels = IMAGES.float().flatten(1) / 255
    sampler = LatentSampler.from_networks(
        Dissolve(), pixels, Pairs(LABELS, factors), TrainConfig(noise="none"), path="lerp"
    )
    return LatentAugmentation(sampler.with_detail(IMAGES), 0.5)


def test_with_detail_a_path_begins_at_the_true_image() -> None:
    assert torch.allclose(with_detail((0.0,))(a_batch(), seeded()).images, a_batch().images, atol=1e-3)


def test_with_detail_a_generator_that_dissolves_gives_class_mix() -> None:
    """Whatever is beyond class-mix, then, is what a generator knows beside the dissolve."""
    drawn = with_detail(FACTORS)(a_batch(), seeded(1))
    mixed = ClassJoin(mean, Pairs(LABELS, FACTORS), Sources(IMAGES), 0.5)(a_batch(), seeded(1))
    assert torch.equal(mixed.generated, drawn.generated)
    assert torch.allclose(mixed.images, drawn.images, atol=1e-3)


def test_latent_draw_mixes_augmented_sources_as_class_mix_does() -> None:
    """With a generator that dissolves, what "autoaugment+glico+detail" draws is what "autoaugment+class-mix" mixes."""
    sources = Sources(IMAGES, (Replace(ByPolicy(auto_augment), 0.7),))
    latent = with_detail(FACTORS)
    latent = replace(latent, sampler=replace(latent.sampler, sources=sources))
    drawn = latent(a_batch(), seeded(1))
    mixed = ClassJoin(mean, Pairs(LABELS, FACTORS), sources, 0.5)(a_batch(), seeded(1))
    assert torch.equal(mixed.generated, drawn.generated)
    assert torch.allclose(mixed.images, drawn.images, atol=1e-3)
    plain = ClassJoin(mean, Pairs(LABELS, FACTORS), Sources(IMAGES), 0.5)(a_batch(), seeded(1))
    changed = (mixed.images != plain.images).flatten(1).any(dim=1)
    assert not changed[~mixed.generated].any(), "images that are not replaced stay"
    assert changed[mixed.generated].float().mean() > 0.5


@pytest.mark.parametrize("side", [16, 18])
def test_class_patch_pastes_a_share_t_of_whole_cells(side: int) -> None:
    t = torch.tensor([0.0, 0.1, 0.25, 0.4, 1.0]).repeat(200)
    a, b = torch.zeros(len(t), 1, side, side), torch.ones(len(t), 1, side, side)
    rows = torch.zeros(len(t), dtype=torch.long)
    joined = patches(a, b, Pair(rows, rows, t), seeded())
    edges = [-(-k * side // CELLS) for k in range(CELLS + 1)]
    cells = torch.stack(
        [
            joined[:, 0, top:bottom, left:right].flatten(1).mean(dim=1)
            for top, bottom in pairwise(edges)
            for left, right in pairwise(edges)
        ],
        dim=1,
    )
    assert ((cells == 0) | (cells == 1)).all(), "no cell is mixed"
    assert torch.equal(cells.sum(dim=1), (t * CELLS**2).round())
    share = cells[t == 0.25].mean(dim=0)
    assert (share - 0.25).abs().max() < 0.12, "each cell is as likely"


def test_only_pairs_of_the_chosen_rows_are_joined() -> None:
    step = ClassJoin(mean, Pairs(LABELS, (1.0,), drawn_from=(0, 6, 1)), Sources(IMAGES), 1.0)
    after = step(a_batch(), seeded())
    of_class_2 = LABELS[after.indices] == 2
    assert torch.equal(after.generated, of_class_2), "class 0 has one chosen row, class 1 none"
    partners = {tuple((255 * image).round().byte().flatten().tolist()) for image in after.images[of_class_2]}
    assert partners == {tuple(IMAGES[row].flatten().tolist()) for row in (0, 6)}
    with pytest.raises(GlicoError, match="one labelled image"):
        Pairs(torch.tensor([0, 0, 1]), FACTORS)


def test_settings_count_where_they_are_used() -> None:
    def used(augmentation: str) -> set[str]:
        settings = ClassifyConfig.model_validate({"checkpoint": "here", "augmentation": augmentation})
        return set(ClassifyConfig.used(settings.model_dump()))

    assert {"interpolation_factors", "drawn_from"} <= used("class-mix")
    assert not {"path", "least_confidence"} & used("class-mix")
    assert "least_confidence" in used("reconstruction")
    assert "interpolation_factors" not in used("reconstruction")


def test_choosing_is_as_everywhere() -> None:
    step = ClassJoin(patches, Pairs(LABELS, FACTORS), Sources(IMAGES), 0.3)
    batch = a_batch()
    assert torch.equal(step(batch, seeded(4)).generated.nonzero().squeeze(1), choose(len(batch.images), 0.3, seeded(4)))
