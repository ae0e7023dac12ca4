"""Laws of the augmentations: what changes is what was chosen, and it changes as defined."""

import itertools
import re

import pytest
import torch
from torchvision.transforms.v2 import Resize

from glico.augmentation.batch import Batch, Replace, choose
from glico.augmentation.erasing import Cutout, RandomErasing
from glico.augmentation.method import resolve
from glico.augmentation.mixing import SHRUNK, CutMix, Mixup, ResizeMix
from glico.augmentation.sources import Sources
from glico.augmentation.standard import CropAndFlip, ResizedCropAndFlip, cropped
from glico.config import OFFERED, ClassifyConfig, WrongValue, augmentation_method
from glico.config.augmentations import PARTS, STANDARD, parts_of

CLASSES = 5


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def a_batch(count: int = 64, side: int = 16, channels: int = 3) -> Batch:
    rng = seeded(1)
    labels = torch.randint(0, CLASSES, (count,), generator=rng)
    return Batch(
        images=torch.rand(count, channels, side, side, generator=rng),
        targets=torch.nn.functional.one_hot(labels, CLASSES).float(),
        indices=torch.arange(count),
        generated=torch.zeros(count, dtype=torch.bool),
    )


def copy(batch: Batch) -> Batch:
    return Batch(batch.images.clone(), batch.targets.clone(), batch.indices.clone(), batch.generated.clone())


def test_augmentation_entries_name_existing_steps_and_options() -> None:
    for part in PARTS.values():
        assert callable(resolve(part.step))
        for option in part.options:
            assert "augmentation" in ClassifyConfig.conditions(option)
    colours = [augmentation_method(name).colour for name in OFFERED]
    assert len(set(colours)) == len(colours), "told apart by colour"


def test_any_two_augmentations_compose_in_one_order_or_both() -> None:
    """The one after the other; only what is made of codes takes no augmented images, and changed labels come last."""
    for first, second in itertools.permutations(PARTS, 2):
        name = f"{first}+{second}"
        if name in PARTS:
            continue
        if PARTS[second].of_pairs and PARTS[first].kind == "label":
            refused = "changes labels"
        elif PARTS[second].kind == "code" and not PARTS[first].of_pairs:
            refused = "is made of codes"
        else:
            refused = ""
        if refused:
            with pytest.raises(WrongValue, match=re.escape(f"must be {second}+{first} (") + f".*{refused}"):
                ClassifyConfig.from_values({"checkpoint": "c", "augmentation": name})
            continue
        config = ClassifyConfig.from_values({"checkpoint": "c", "augmentation": name})
        assert parts_of(name) == (first, second)
        stages = augmentation_method(config.augmentation).stages
        done = [step for stage in stages for step in (*stage.sources, stage.step) if step != STANDARD]
        assert done == [PARTS[first].step, PARTS[second].step]
        if not PARTS[first].of_pairs and PARTS[second].of_pairs:
            assert augmentation_method(name).stages[0].sources == (PARTS[first].step,)


@pytest.mark.parametrize(
    "name", ["", "glico+", "none+mixup", "mixup+mixup", "GLICO", "cutout+mixup+cutmix+class-mix+glico"]
)
def test_a_name_that_is_no_composition_is_refused(name: str) -> None:
    with pytest.raises(WrongValue, match="augmentation: must"):
        ClassifyConfig.check("augmentation", name)


def test_images_are_chosen_one_by_one_with_the_probability() -> None:
    places = choose(20_000, 0.3, seeded())
    assert len(places) == pytest.approx(6000, abs=5 * (20_000 * 0.3 * 0.7) ** 0.5)
    assert (places.diff() > 0).all()
    assert len(choose(100, 0.0, seeded())) == 0
    assert len(choose(100, 1.0, seeded())) == 100


def test_only_chosen_images_are_replaced() -> None:
    before, after = a_batch(), Replace(lambda images, _: images + 2, 0.5)(a_batch(), seeded())
    changed = (before.images != after.images).flatten(1).any(dim=1)
    torch.testing.assert_close(after.images[changed], before.images[changed] + 2)
    assert changed.nonzero().squeeze(1).tolist() == choose(64, 0.5, seeded()).tolist()


def test_crop_and_flip_equals_slicing_image_by_image() -> None:
    images = a_batch(6).images
    top, left = torch.tensor([0, 4, 2, 1, 3, 0]), torch.tensor([4, 0, 2, 3, 1, 0])
    mirrored = torch.tensor([True, False, True, False, True, False])
    result = cropped(images, top, left, mirrored, padding=2, side=16)
    padded = torch.nn.functional.pad(images, [2, 2, 2, 2])
    for n in range(6):
        crop = padded[n, :, top[n] : top[n] + 16, left[n] : left[n] + 16]
        torch.testing.assert_close(result[n], crop.flip(2) if mirrored[n] else crop)


def test_inside_crop_has_seven_eighths_and_reaches_every_place() -> None:
    ramp = torch.arange(32.0).expand(32, 32) * 100 + torch.arange(32.0)[:, None] + 1
    cropped = CropAndFlip(flip=False, inside=True).images(ramp.expand(400, 1, 32, 32), seeded())
    assert cropped.shape == (400, 1, 28, 28)
    torch.testing.assert_close(cropped - cropped[:, :, :1, :1], (ramp - ramp[0, 0])[:28, :28].expand(400, 1, -1, -1))
    assert cropped[:, 0, 0, 0].unique().tolist() == ramp[:5, :5].flatten().unique().tolist()


def test_crops_reach_every_offset_and_flip_only_if_configured() -> None:
    ramp = torch.arange(32.0).expand(32, 32) * 100 + torch.arange(32.0)[:, None] + 1
    for flip in (False, True):
        batch = a_batch(3000, 32, 1)
        batch.images = ramp.expand(3000, 1, 32, 32).clone()
        middle = CropAndFlip(flip)(batch, seeded()).images[:, 0, 16, 16]
        rows, columns = (middle - 1) % 100, ((middle - 1) // 100)
        assert set(rows.tolist()) == set(range(12, 21))
        assert set(columns.tolist()) == (set(range(11, 21)) if flip else set(range(12, 21)))


@pytest.mark.parametrize("side", [0.25, 0.5])
def test_cutout_paints_exactly_one_square_cut_off_at_the_edge(side: float) -> None:
    images, fill = a_batch(400).images, torch.tensor([2.0, 3.0, 4.0])
    result = Cutout(side, fill)(images, seeded())
    masked = (result != images).all(dim=1)
    assert (result.permute(0, 2, 3, 1)[masked] == fill).all()
    assert torch.equal((result != images).any(dim=1), masked)
    length, whole = round(16 * side), 0
    for mask in masked:
        rows, columns = mask.any(dim=1).nonzero().squeeze(1), mask.any(dim=0).nonzero().squeeze(1)
        h, w = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert mask.sum() == h * w
        assert h == length or rows[0] == 0 or rows[-1] == 15
        assert w == length or columns[0] == 0 or columns[-1] == 15
        assert max(h, w) <= length
        whole += int(h == w == length)
    assert whole > 100
    assert masked.any(dim=0).all(), "every pixel can be cut"


def test_random_erasing_paints_published_areas_and_ratios() -> None:
    images, fill = a_batch(500, 32).images, torch.tensor([2.0, 2.0, 2.0])
    result = RandomErasing(fill)(images, seeded())
    areas = []
    for mask in (result != images).any(dim=1):
        rows, columns = mask.any(dim=1).nonzero().squeeze(1), mask.any(dim=0).nonzero().squeeze(1)
        h, w = int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)
        assert mask.sum() == h * w
        areas.append(h * w / 1024)
        assert 0.3 * 0.7 < h / w < 3.3 * 1.4  # sides are rounded to pixels
    assert 0.015 < min(areas) < 0.05
    assert 0.29 < max(areas) < 0.35


def test_mixup_is_the_convex_combination_with_its_labels() -> None:
    before, after = a_batch(), Mixup(alpha=1.0, probability=0.5)(a_batch(), seeded())
    chosen = choose(64, 0.5, seeded())
    others = torch.ones(64, dtype=torch.bool).index_fill(0, chosen, False)
    torch.testing.assert_close(after.images[others], before.images[others], rtol=0, atol=0)
    torch.testing.assert_close(after.targets[others], before.targets[others], rtol=0, atol=0)
    torch.testing.assert_close(after.targets.sum(dim=1), torch.ones(64))
    partners = _partners(chosen)
    for place, partner in zip(chosen, partners, strict=True):
        x, a, b = (images.flatten() for images in (after.images[place], before.images[place], before.images[partner]))
        w = torch.dot(x - b, a - b) / torch.dot(a - b, a - b) if place != partner else torch.tensor(1.0)
        assert -1e-5 <= w <= 1 + 1e-5
        torch.testing.assert_close(x, w * a + (1 - w) * b, rtol=0, atol=1e-5)
        expected = w * before.targets[place] + (1 - w) * before.targets[partner]
        torch.testing.assert_close(after.targets[place], expected, rtol=0, atol=1e-5)


def test_cutmix_weighs_labels_by_the_area_that_is_left() -> None:
    before, after = a_batch(), CutMix(alpha=1.0, probability=0.5)(a_batch(), seeded())
    chosen = choose(64, 0.5, seeded())
    for place, partner in zip(chosen, _partners(chosen), strict=True):
        taken = (after.images[place] != before.images[place]).all(dim=0)
        torch.testing.assert_close(after.images[place][:, taken], before.images[partner][:, taken], rtol=0, atol=0)
        torch.testing.assert_close(after.images[place][:, ~taken], before.images[place][:, ~taken], rtol=0, atol=0)
        w = 1 - taken.float().mean()
        expected = w * before.targets[place] + (1 - w) * before.targets[partner]
        torch.testing.assert_close(after.targets[place], expected)


def test_resizemix_pastes_the_whole_partner_shrunk() -> None:
    before, after = a_batch(side=32), ResizeMix(probability=0.5)(a_batch(side=32), seeded())
    chosen, sides = choose(64, 0.5, seeded()), []
    for place, partner in zip(chosen, _partners(chosen), strict=True):
        taken = (after.images[place] != before.images[place]).any(dim=0)
        if place == partner:
            continue
        rows, columns = taken.any(dim=1).nonzero().squeeze(1), taken.any(dim=0).nonzero().squeeze(1)
        top, left, h, w = rows[0], columns[0], int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)
        assert taken.sum() == h * w
        assert h == w
        small = Resize([h, w])(before.images[partner])
        torch.testing.assert_close(after.images[place][:, top : top + h, left : left + w], small)
        share = 1 - h * w / 1024
        expected = share * before.targets[place] + (1 - share) * before.targets[partner]
        torch.testing.assert_close(after.targets[place], expected)
        sides.append(h)
    assert round(32 * SHRUNK[0]) <= min(sides) < 8
    assert 20 < max(sides) <= round(32 * SHRUNK[1])
    others = torch.ones(64, dtype=torch.bool).index_fill(0, chosen, False)
    torch.testing.assert_close(after.images[others], before.images[others], rtol=0, atol=0)


def test_sources_are_augmented_one_by_one_and_stay_as_they_were() -> None:
    images = torch.randint(0, 255, (20, 3, 8, 8), dtype=torch.uint8, generator=seeded())
    kept, rows = images.clone(), torch.tensor([3, 5, 5, 19])
    sources = Sources(images, (Replace(lambda images, _: images + 1, 1.0), Replace(lambda images, _: images * 2, 1.0)))
    torch.testing.assert_close(sources.augmented(rows, seeded()), (sources.real(rows) + 1) * 2)
    assert torch.equal(images, kept)


def _partners(chosen: torch.Tensor) -> torch.Tensor:
    """The partners that a generator in the same state gives: after the choice comes a random order."""
    rng = seeded()
    choose(64, 0.5, rng)
    return torch.randperm(64, generator=rng)[chosen]


def test_a_resized_crop_is_torchvisions_box_resized() -> None:
    """Images whose two channels are their own rows and columns: the box of each crop can be read off."""
    side = 64
    axis = (torch.arange(side) + 0.5) / side
    images = torch.stack([axis[:, None].expand(side, side), axis.expand(side, side)]).repeat(400, 1, 1, 1)
    cut = ResizedCropAndFlip(flip=True).images(images, seeded())
    assert cut.shape == (400, 2, 56, 56)
    height = (cut[:, 0, -1, 28] - cut[:, 0, 0, 28]) * 56 / 55
    width = (cut[:, 1, 28, -1] - cut[:, 1, 28, 0]) * 56 / 55
    area, ratio = height * width.abs(), width.abs() / height
    assert 0.86 < area.min() < 0.89
    assert area.max() < 1.02
    assert ratio.min() > 3 / 4 - 0.03
    assert ratio.max() < 4 / 3 + 0.03
    assert (width < 0).float().mean() == pytest.approx(0.5, abs=0.1), "every other one is mirrored"
    same = ResizedCropAndFlip(flip=False).images(images, seeded(1))
    assert (same[:, 1, 28, -1] > same[:, 1, 28, 0]).all()


def test_endless_composition_is_a_sentence() -> None:
    """However long the text is that somebody types."""
    with pytest.raises(ValueError, match="must have at most 4 parts"):
        parts_of("mixup+" * 100_000 + "mixup")
