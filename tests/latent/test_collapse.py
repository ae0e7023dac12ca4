"""Laws of collapse: collapsed classes are noticed, and others are not called collapsed."""

import numpy as np
import pytest
import torch

from glico.config import TrainConfig
from glico.data import configured_sample, load_configured
from glico.latent.collapse import COLLAPSED, collapsed_names, fix_for, is_collapsing, variation, variations, warning
from glico.training.latent_optimisation import LatentOptimisation

SMALL = {"samples_per_class": 4, "steps": 100, "device": "cpu", "precision": "float32"}


def test_variation_is_what_a_regression_calls_r_squared() -> None:
    torch.manual_seed(0)
    images = torch.rand(6, 3, 8, 8)
    mean = images.mean(dim=0)
    assert variation(images, images) == pytest.approx(1)
    assert variation(mean + 0.5 * (images - mean), images) == pytest.approx(0.75)
    assert variation(mean.expand(6, -1, -1, -1), images) == pytest.approx(0, abs=1e-6)
    assert (variation(torch.rand(6, 3, 8, 8), images) or 0) < 0


def test_where_a_class_has_no_variation_none_is_said() -> None:
    one, alike = torch.rand(1, 1, 4, 4), torch.ones(3, 1, 4, 4)
    assert variation(one, one) is None
    assert variation(alike, alike) is None


def test_classes_are_told_apart_and_named() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (9, 4, 4, 3), dtype=np.uint8)
    made = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    made[3:6] = made[3:6].mean(dim=0)
    codes, labels = torch.arange(9.0)[:, None], torch.tensor([0] * 3 + [1] * 3 + [2, -1, -1])
    kept = variations(lambda z: made[z[:, 0].long()], codes, labels, images, 3)
    assert kept == [pytest.approx(1), pytest.approx(0, abs=1e-6), None]
    assert collapsed_names(kept, ("cat", "dog", "owl")) == ["dog"]
    assert "dog collapsed" in warning(["dog"], TrainConfig(gamma=0.5))


def last(records: list[dict[str, float]]) -> float:
    return next(record["variation"] for record in reversed(records) if "variation" in record)


def trained(**changes: object) -> tuple[LatentOptimisation, list[dict[str, float]]]:
    config = TrainConfig.model_validate(SMALL | changes)
    training = LatentOptimisation(config, configured_sample(load_configured(config), config))
    return training, [record for record in training if record]


@pytest.mark.slow
def test_collapse_is_noticed_and_the_offered_fix_works() -> None:
    """The settings of the warning's fix give a training without collapse."""
    training, records = trained(gamma=5.0)
    assert is_collapsing(records, training.total_steps)
    assert last(records) < COLLAPSED
    assert collapsed_names(training.variations, [str(digit) for digit in range(10)])
    _, changes = fix_for(training.config)
    training, records = trained(**{"gamma": 5.0} | changes)
    assert not is_collapsing(records, training.total_steps)
    assert last(records) > 0.8
