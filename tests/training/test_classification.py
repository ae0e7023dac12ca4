"""The classifier's training: exact scores, exact resumption, and the batches of section IV-B."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, top_k_accuracy_score

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, TrainConfig
from glico.data.dataset import Dataset
from glico.errors import GlicoError
from glico.models.generators import build_generator
from glico.training.build import build_classification
from glico.training.classification import Classification, evened, learning_rate

TIMES = ("seconds", "images_per_second")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    digits = load_digits()
    images = np.kron(digits.images * 15.9, np.ones((2, 2))).astype(np.uint8)[..., None]
    labels = digits.target.astype(np.int64)
    names = tuple(map(str, range(10)))
    return Dataset("digits", images[:1000], labels[:1000], images[1000:], labels[1000:], names)


@pytest.fixture(scope="module")
def checkpoint(dataset: Dataset) -> Checkpoint:
    """A checkpoint of 8 images per class and 5 unlabelled ones, as it is before any training."""
    train = TrainConfig(dimension=16, generator_width=4)
    indices = np.concatenate([np.flatnonzero(dataset.train_labels == label)[:8] for label in range(10)])
    labels = np.concatenate([dataset.train_labels[indices], np.full(5, -1)])
    indices = np.concatenate([indices, np.arange(900, 905)])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        generator = build_generator(train, 1, 16)
        codes = torch.nn.functional.normalize(torch.randn(85, 16), dim=1)
    return Checkpoint(
        config=train,
        class_names=dataset.class_names,
        image_shape=(16, 16, 1),
        codes=codes,
        labels=torch.from_numpy(labels),
        indices=torch.from_numpy(indices),
        images=torch.from_numpy(dataset.train_images[indices]),
        generator=generator.state_dict(),
    )


def configured(**changes: object) -> ClassifyConfig:
    settings = {"checkpoint": "here", "steps": 12, "batch_size": 32, "evaluations": 3, "precision": "float32"}
    return ClassifyConfig(**(settings | changes), device="cpu")


def finish(training: Classification) -> list[dict[str, float]]:
    return [record for record in training if record is not None]


def without_times(records: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{name: value for name, value in record.items() if name not in TIMES} for record in records]


def test_the_scores_are_scikit_learns(checkpoint: Checkpoint, dataset: Dataset) -> None:
    training = build_classification(configured(steps=25), checkpoint, dataset)
    last = finish(training)[-1]
    result = training.result()
    probabilities = torch.from_numpy(result.logits).double().softmax(dim=1).numpy()
    predicted = result.logits.argmax(axis=1)
    assert np.array_equal(result.labels, dataset.test_labels)
    assert result.scores.accuracy == last["test_accuracy"] == accuracy_score(result.labels, predicted)
    assert last["test_top5"] == top_k_accuracy_score(result.labels, result.logits, k=5)
    assert last["test_loss"] == pytest.approx(log_loss(result.labels, probabilities), rel=1e-6)
    assert np.array_equal(result.scores.confusion, confusion_matrix(result.labels, predicted))
    diagonal = confusion_matrix(result.labels, predicted, normalize="true").diagonal()
    np.testing.assert_allclose(result.scores.per_class, diagonal)
    assert result.scores.accuracy > 0.5, "it learns"


def test_scores_do_not_depend_on_how_the_test_part_is_cut(
    checkpoint: Checkpoint, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = build_classification(configured(steps=3), checkpoint, dataset)
    finish(training)
    whole = training.result()
    monkeypatch.setattr("glico.training.classification.TEST_CHUNK", 17)
    np.testing.assert_allclose(training.result().logits, whole.logits, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"augmentation": "glico"},
        {"augmentation": "mixup"},
        {"augmentation": "glico+autoaugment", "schedule": "cosine"},
        {"augmentation": "standard", "classifier": "wideresnet-10-1", "batch_size": 16},
    ],
)
def test_a_resumed_training_equals_an_unbroken_one(
    changes: dict[str, object],
    checkpoint: Checkpoint,
    dataset: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glico.training.loop.REPORTS", 3)  # so that it is cut off between two reports
    config = configured(**changes)
    unbroken = build_classification(config, checkpoint, dataset)
    expected = finish(unbroken)

    broken = build_classification(config, checkpoint, dataset)
    records = [record for _, record in zip(range(5), broken, strict=False)]
    save_file({name: tensor.contiguous() for name, tensor in broken.state().items()}, tmp_path / "state.safetensors")
    torch.rand(7)  # what others draw from the global generator has no say
    resumed = build_classification(config, checkpoint, dataset)
    resumed.restore(load_file(tmp_path / "state.safetensors"))
    records += finish(resumed)

    assert without_times([record for record in records if record is not None]) == without_times(expected)
    assert np.array_equal(resumed.result().logits, unbroken.result().logits)


def test_the_seed_decides_everything(checkpoint: Checkpoint, dataset: Dataset) -> None:
    def train(seed: int) -> list[dict[str, float]]:
        torch.manual_seed(99 + seed)
        torch.rand(seed + 1)
        return without_times(finish(build_classification(configured(seed=seed % 2), checkpoint, dataset)))

    assert train(0) == train(2)
    assert train(0) != train(1)


def test_every_image_is_seen_as_often_and_unlabelled_ones_never(checkpoint: Checkpoint, dataset: Dataset) -> None:
    training = build_classification(configured(steps=10, batch_size=200, augmentation="none"), checkpoint, dataset)
    seen = torch.zeros(85, dtype=torch.int64)
    for _ in training:
        seen += torch.bincount(training.batch.indices, minlength=85)
        assert len(training.batch.images) == 200
    assert seen[:80].tolist() == [25] * 80
    assert (seen[80:] == 0).all()


def test_without_augmentation_the_batch_is_the_sample_itself(checkpoint: Checkpoint, dataset: Dataset) -> None:
    training = build_classification(configured(steps=1, augmentation="none"), checkpoint, dataset)
    finish(training)
    rows = training.batch.indices
    true = checkpoint.images[rows].permute(0, 3, 1, 2) / 255
    torch.testing.assert_close(training.batch.images, true)
    assert torch.equal(training.batch.targets.argmax(dim=1), checkpoint.labels[rows])
    assert not training.batch.generated.any()


def test_half_of_what_glico_feeds_is_generated(checkpoint: Checkpoint, dataset: Dataset) -> None:
    training = build_classification(configured(steps=20, batch_size=100), checkpoint, dataset)
    share = [float(training.batch.generated.float().mean()) for _ in training]
    assert np.mean(share) == pytest.approx(0.5, abs=0.05)
    assert np.std(share) > 0.01, "image by image, not batch by batch"


def test_the_rate_falls_by_a_fifth_three_times_or_along_a_cosine() -> None:
    steps = [learning_rate(configured(steps=100, learning_rate=1.0), step) for step in range(100)]
    assert steps == pytest.approx([1.0] * 30 + [0.2] * 30 + [0.04] * 20 + [0.008] * 20)
    cosine = configured(steps=100, learning_rate=1.0, schedule="cosine")
    assert [learning_rate(cosine, step) for step in (0, 50, 100)] == pytest.approx([1.0, 0.5, 0.0], abs=1e-9)


def test_evaluations_are_spread_and_the_last_step_is_one(checkpoint: Checkpoint, dataset: Dataset) -> None:
    training = build_classification(configured(steps=10, evaluations=4), checkpoint, dataset)
    evaluated = [record["step"] for record in finish(training) if "test_accuracy" in record]
    assert evaluated == [2, 5, 8, 10]


def test_images_come_from_data_set_if_checkpoint_has_none(checkpoint: Checkpoint, dataset: Dataset) -> None:
    bare = replace(checkpoint, images=None)
    with_images, without = (build_classification(configured(steps=4), c, dataset) for c in (checkpoint, bare))
    assert without_times(finish(with_images)) == without_times(finish(without))


def test_rest_of_training_split_is_tested_without_a_test_split(checkpoint: Checkpoint, dataset: Dataset) -> None:
    whole = Dataset(
        "mine",
        dataset.train_images,
        dataset.train_labels,
        dataset.test_images[:0],
        dataset.test_labels[:0],
        dataset.class_names,
    )
    training = build_classification(configured(steps=1), checkpoint, whole)
    outside = np.setdiff1d(np.arange(1000), checkpoint.indices[:80].numpy())
    assert np.array_equal(training.result().labels, dataset.train_labels[outside])


def test_digits_are_not_mirrored_by_default_and_other_images_are(checkpoint: Checkpoint, dataset: Dataset) -> None:
    def flips(flip: str, name: str) -> bool:
        here = replace(checkpoint, config=checkpoint.config.model_copy(update={"dataset": name}))
        training = build_classification(configured(augmentation="standard", flip=flip), here, dataset)
        return training.augment.steps[0].flip  # type: ignore[attr-defined]

    result = [flips("auto", "digits"), flips("auto", "birds.zip"), flips("on", "digits"), flips("off", "birds.zip")]
    assert result == [False, True, True, False]


def test_what_cannot_be_trained_is_said(checkpoint: Checkpoint, dataset: Dataset) -> None:
    smaller = Dataset(
        "other",
        dataset.train_images[:, :8, :8],
        dataset.train_labels,
        dataset.test_images[:, :8, :8],
        dataset.test_labels,
        dataset.class_names,
    )
    with pytest.raises(GlicoError, match="8x8x1, the checkpoint's 16x16x1"):
        build_classification(configured(), checkpoint, smaller)
    renamed = Dataset(
        "other",
        dataset.train_images,
        dataset.train_labels,
        dataset.test_images,
        dataset.test_labels,
        tuple("abcdefghij"),
    )
    with pytest.raises(GlicoError, match="classes are not"):
        build_classification(configured(), checkpoint, renamed)
    with pytest.raises(GlicoError, match=r"diverged \(NaN\) at step"):
        finish(build_classification(configured(learning_rate=10, weight_decay=1, steps=400), checkpoint, dataset))


def test_evened_sample_has_equal_classes_and_every_image() -> None:
    labels = np.array([0, 0, 0, 0, 0, 1, 1, -1, 2])
    rows = evened(labels)
    assert np.bincount(labels[rows]).tolist() == [5, 5, 5]
    assert set(rows) == set(np.flatnonzero(labels >= 0))
