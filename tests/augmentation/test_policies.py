"""Each operation against torchvision's, image by image; the policies against their published definitions."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.autoaugment import AutoAugmentPolicy

from glico.augmentation.operations import OPERATIONS
from glico.augmentation.policies import (
    CIFAR_POLICY,
    NAMES,
    ByPolicy,
    auto_augment,
    rand_augment,
    trivial_augment,
    usual_space,
    wide_space,
)

SIDE, COUNT = 16, 12
SPACES = {"usual": usual_space(SIDE), "wide": wide_space(SIDE)}
SOURCES = {"usual": v2.AutoAugment, "wide": v2.TrivialAugmentWide}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def eight_bit_images(channels: int) -> torch.Tensor:
    return torch.randint(0, 256, (COUNT, channels, SIDE, SIDE), generator=seeded(), dtype=torch.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_an_operation_equals_torchvisions_on_each_image(name: str, channels: int) -> None:
    images = eight_bit_images(channels)
    extent = SPACES["wide"].get(name)
    magnitudes = torch.linspace(-1, 1, COUNT) * (extent.strongest if extent else 0)
    if name == "Posterize":
        magnitudes = torch.arange(COUNT) % 7 + 2.0
    if name == "Solarize":
        magnitudes = torch.linspace(0, 1, COUNT)
    result = OPERATIONS[name](images / 255, magnitudes)
    # torchvision posterises eight-bit values by their bits; everything else is compared before it rounds.
    source = images if name == "Posterize" else images / 255
    transform = v2.AutoAugment()
    for n in range(COUNT):
        there = transform._apply_image_or_video_transform(
            source[n], name, float(magnitudes[n]), interpolation=InterpolationMode.NEAREST, fill={torch.Tensor: None}
        )
        there = there / 255 if name == "Posterize" else there
        # Nearest neighbour: where a source coordinate lies between two pixels, rounding may take the other one.
        different = ((result[n] - there).abs() > 1e-5).any(dim=0).float().mean()
        assert different <= (0.02 if name in ("ShearX", "ShearY", "Rotate") else 0), (name, float(magnitudes[n]))


def test_operations_stay_on_a_gpu() -> None:
    """With tensors that have a device but no numbers, so that no GPU is needed."""
    with FakeTensorMode():
        images, magnitudes = torch.empty(COUNT, 3, SIDE, SIDE, device="cuda"), torch.empty(COUNT, device="cuda")
        assert {operation(images, magnitudes).device.type for operation in OPERATIONS.values()} == {"cuda"}


@pytest.mark.parametrize("which", SPACES)
def test_magnitudes_are_torchvisions(which: str) -> None:
    bins = 10
    for name, (levels, signed) in SOURCES[which]._AUGMENTATION_SPACE.items():
        there = levels(bins, SIDE, SIDE)
        if there is None:
            assert name not in SPACES[which]
            continue
        weakest, strongest, has_sign, whole = SPACES[which][name]
        here = torch.linspace(weakest, strongest, bins)
        limit = SIDE / 32 if which == "wide" and name.startswith("Translate") else 1
        assert has_sign == signed
        torch.testing.assert_close(here.round() if whole else here, there.float() * limit)


def test_the_cifar_policy_is_the_published_one() -> None:
    published = v2.AutoAugment(AutoAugmentPolicy.CIFAR10)._policies
    here = [[(name, p, level) for name, p, level in pair] for pair in CIFAR_POLICY]
    assert here == [[(name, p, level or 0) for name, p, level in pair] for pair in published]


def test_autoaugment_draws_pairs_with_their_probabilities() -> None:
    choice = auto_augment(50_000, SIDE, seeded())
    for place, name in enumerate(NAMES):
        expected = sum(p for pair in CIFAR_POLICY for other, p, _ in pair if other == name) / len(CIFAR_POLICY)
        result = (choice.operation == place).sum() / 50_000
        if name != "Identity":
            assert result == pytest.approx(expected, abs=0.01), name


@pytest.mark.parametrize(("policy", "operations"), [(rand_augment, 2), (trivial_augment, 1)])
def test_the_others_draw_every_operation_but_inversion_alike(policy, operations: int) -> None:
    choice = policy(20_000, SIDE, seeded())
    assert choice.operation.shape == (20_000, operations)
    share = torch.bincount(choice.operation.flatten(), minlength=len(NAMES)) / (20_000 * operations)
    assert share[NAMES.index("Invert")] == 0
    assert share[: NAMES.index("Invert")].tolist() == pytest.approx([1 / 14] * 14, abs=0.01)


@pytest.mark.parametrize("policy", [auto_augment, rand_augment, trivial_augment])
def test_policy_is_in_range_and_deterministic_by_seed(policy) -> None:
    images = eight_bit_images(3) / 255
    untouched = images.clone()
    once, again = ByPolicy(policy)(images, seeded(3)), ByPolicy(policy)(images, seeded(3))
    assert torch.equal(once, again)
    assert torch.equal(images, untouched)
    assert not torch.equal(once, ByPolicy(policy)(images, seeded(4)))
    assert once.min() >= 0
    assert once.max() <= 1
