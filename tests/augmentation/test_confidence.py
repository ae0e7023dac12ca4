"""Laws of the least confidence: what enters is what the weak classifier believes; nothing else depends on it."""

import copy

import numpy as np
import pytest
import torch

from glico.augmentation.batch import Batch
from glico.augmentation.between import LatentAugmentation
from glico.augmentation.latent_sampler import LatentSampler
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig
from glico.data import load_configured
from glico.data.dataset import Dataset
from glico.errors import GlicoError
from glico.training.build import build_classification
from glico.training.classification import Classification

LEAST = 0.1  # about what a hardly trained classifier gives to each of ten classes


@pytest.fixture(scope="module")
def checkpoint(tiny_runs) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


@pytest.fixture(scope="module")
def dataset(checkpoint: Checkpoint) -> Dataset:
    return load_configured(checkpoint.config)


def fed(checkpoint: Checkpoint, least: float, *, with_classifier: bool = True) -> tuple[Batch, torch.Tensor]:
    """A batch after the draws, and the true images that it held before."""
    sampler = LatentSampler.from_checkpoint(checkpoint, with_classifier=with_classifier)
    rows = torch.arange(len(checkpoint.codes)).repeat(3)
    true = checkpoint.images[rows].permute(0, 3, 1, 2) / 255
    targets = torch.nn.functional.one_hot(checkpoint.labels[rows], 10).float()
    batch = Batch(true.clone(), targets, rows, torch.zeros(len(rows), dtype=torch.bool))
    return LatentAugmentation(sampler, 0.5, least)(batch, torch.Generator().manual_seed(0)), true


def test_only_confident_images_replace_originals(checkpoint: Checkpoint) -> None:
    everything, _ = fed(checkpoint, 0.0, with_classifier=False)
    drawn = everything.generated
    probabilities = checkpoint.probabilities(everything.images[drawn], checkpoint.codes[everything.indices[drawn]])
    own = probabilities.gather(1, checkpoint.labels[everything.indices[drawn]][:, None])[:, 0]
    least = float(own.sort().values[len(own) // 2 :][:2].mean())  # between the two in the middle
    some, true = fed(checkpoint, least)
    believed = own >= least
    assert torch.equal(some.generated[drawn], believed)
    assert torch.equal(some.refused, drawn & ~some.generated)
    assert torch.equal(some.images[some.generated], everything.images[some.generated])
    assert torch.equal(some.images[~some.generated], true[~some.generated])


def test_confidence_of_0_accepts_all_and_above_1_none(checkpoint: Checkpoint) -> None:
    everything, true = fed(checkpoint, 0.0, with_classifier=False)
    predicted, _ = fed(checkpoint, 0.0)
    assert torch.equal(predicted.images, everything.images)
    assert not predicted.refused.any()
    nothing, _ = fed(checkpoint, 1.1)
    assert torch.equal(nothing.images, true)
    assert torch.equal(nothing.refused, everything.generated)


def training(checkpoint: Checkpoint, dataset: Dataset, **changes: object) -> Classification:
    settings = {"checkpoint": "here", "steps": 12, "batch_size": 32, "evaluations": 3, "device": "cpu"}
    return build_classification(ClassifyConfig(**(settings | changes)), checkpoint, dataset)


def test_accepted_share_is_measured_across_a_resume(
    checkpoint: Checkpoint, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glico.training.loop.REPORTS", 3)  # so that it is cut off between two reports
    unbroken, broken, resumed = (training(checkpoint, dataset, least_confidence=LEAST) for _ in range(3))
    kept, entered, refused = [], 0, 0
    for record in unbroken:
        entered += int(unbroken.batch.generated.sum())
        refused += int(unbroken.batch.refused.sum())
        if record is not None:
            kept.append(record["kept"])
            assert record["kept"] == pytest.approx(entered / (entered + refused))
            entered = refused = 0
    for _, _ in zip(range(5), broken, strict=False):
        pass
    resumed.restore(copy.deepcopy(broken.state()))
    assert [record["kept"] for record in resumed if record is not None] == kept[1:]
    assert np.array_equal(resumed.result().logits, unbroken.result().logits)
    assert all("kept" not in record for record in training(checkpoint, dataset) if record is not None)


def test_a_checkpoint_without_a_classifier_cannot_judge(tiny_runs, dataset: Dataset) -> None:
    glo = Checkpoint.load(tiny_runs / "tiny-glo" / "checkpoint.safetensors")
    with pytest.raises(GlicoError, match=r"no weak classifier that could judge generated images \(GLO\)"):
        training(glo, dataset, least_confidence=LEAST)
    plain = training(glo, dataset, augmentation="standard", least_confidence=LEAST)
    assert all("kept" not in record for record in plain if record is not None)
