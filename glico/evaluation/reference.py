"""A reference that knows more than the small sample: a frozen pretrained network with a simple classifier on top."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.data.dataset import Dataset, Sample
from glico.errors import GlicoError

NEAREST_MEAN = "pretrained features + nearest class mean"
LOGISTIC = "pretrained features + logistic regression"
CAUTION = (
    "A reference, not a competitor: the network has learned from ImageNet's 1.28 million labelled images, which the "
    "small sample does not hold."
)
PENALTY = 1.0  # C of the logistic regression, on features of unit length


@dataclass(frozen=True)
class Reference:
    """The accuracy of a ``method`` on ``tested`` images."""

    method: str
    accuracy: float
    tested: int


def references(sample: Sample, dataset: Dataset, most: int | None = None) -> list[Reference]:
    """Return the accuracies on the test split, or on its first ``most`` images. Raises GlicoError without the extra
    pretrained or a test split."""
    from sklearn.linear_model import LogisticRegression

    from glico.models.pretrained import pretrained_features  # imports PyTorch

    if not len(dataset.test_labels):
        raise GlicoError(f"{dataset.name} has no test split to score a reference on.")
    labelled = sample.labels >= 0
    known, labels = _unit(pretrained_features(sample.images[labelled]).numpy()), sample.labels[labelled]
    tested, truth = _unit(pretrained_features(dataset.test_images[:most]).numpy()), dataset.test_labels[:most]
    classes = np.unique(labels)
    means = _unit(np.stack([known[labels == label].mean(axis=0) for label in classes]))
    logistic = LogisticRegression(C=PENALTY * len(labels), max_iter=1000).fit(known, labels)
    predicted = {NEAREST_MEAN: classes[(tested @ means.T).argmax(axis=1)], LOGISTIC: logistic.predict(tested)}
    return [Reference(name, float((own == truth).mean()), len(truth)) for name, own in predicted.items()]


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-9)
    return rows / length
