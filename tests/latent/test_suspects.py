"""Images worth a look: a label that was changed is found, and what nobody doubts is not listed."""

import numpy as np

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.neighbours import nearest_others
from glico.latent.suspects import BADLY, rank
from glico.places import SHIPPED

NAMES = tuple("0123456789")


def test_image_with_changed_label_is_listed_first():
    """A wrong label is the worst suspect."""
    model = Checkpoint.load(SHIPPED / "digits-glico.safetensors")
    labels, near = model.labels.numpy().copy(), nearest_others(model.codes.numpy(), 10)
    assert rank(labels, [near], [{}], ["GLICO"], NAMES) == []  # its classes are pure
    labels[34] = 8
    first, *others = rank(labels, [near], [{}], ["GLICO"], NAMES)
    assert (first.row, first.score) == (34, 1.0)
    assert first.why == "probably mislabelled: 5 of 5 nearest are 3 (GLICO)"
    assert others == []


def test_suspects_are_listed_with_the_reason():
    """Badly generated, doubtful and lonely images are suspects."""
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, -1])
    near = np.array([[1, 2, 3, 4, 5]] * 12, np.int32)
    near[6] = [0, 7, 8, 9, 10]  # of five classes, none its own
    near[7:11] = near[11] = [7, 8, 9, 10, 11]
    errors = np.ones(12, np.float32)
    errors[[2, 11]] = 2 * BADLY, BADLY
    confidence = np.ones(12, np.float32)
    confidence[3] = 0.2
    result = rank(labels, [near], [{"error": errors, "confidence": confidence}], ["GLO"], NAMES)
    reasons = {each.row: each.why for each in result}
    assert reasons[2] == "badly generated: 5.0 times the median error"
    assert reasons[3] == "the weak classifier gives its class 20 %"
    assert reasons[6] == "surrounded by other classes (GLO)"
    assert reasons[11] == "badly generated: 2.5 times the median error"  # nothing is said of a label that it has not
    assert set(reasons) == {2, 3, 6, 11}
    assert [each.score for each in result] == sorted((each.score for each in result), reverse=True)
