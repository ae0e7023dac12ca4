"""The pretrained reference: its preprocessing is right, so that known images get their classes."""

import numpy as np
import pytest
from PIL import Image

from glico.errors import GlicoError
from glico.models import pretrained
from glico.models.pretrained import FEATURES, imagenet_classes, pretrained_features
from glico.models.pretrained_weights import has_pretrained

PALACE, DAISY = 698, 985  # of ImageNet's classes

needs_weights = pytest.mark.skipif(not has_pretrained(), reason="needs the extra pretrained")


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """scikit-learn's two photographs, a palace and a flower, as squares of 224 pixels."""
    from sklearn.datasets import load_sample_images

    squares = []
    for photograph in map(Image.fromarray, load_sample_images().images):
        side = min(photograph.size)
        left, top = (photograph.width - side) // 2, (photograph.height - side) // 2
        square = photograph.crop((left, top, left + side, top + side))
        squares.append(np.asarray(square.resize((224, 224), Image.Resampling.BICUBIC)))
    return np.stack(squares)


@needs_weights
def test_known_photographs_get_their_classes(photographs: np.ndarray) -> None:
    assert imagenet_classes(photographs).tolist() == [PALACE, DAISY]


@needs_weights
def test_features_tell_photographs_apart_at_any_size_and_colour(photographs: np.ndarray) -> None:
    """Each small copy is nearer to its own photograph than to the other one."""
    small = np.stack([np.asarray(Image.fromarray(x).resize((64, 64))) for x in photographs])
    grey = small.mean(axis=3, keepdims=True).astype(np.uint8)
    known = pretrained_features(photographs)
    for copies in (small, grey):
        features = pretrained_features(copies)
        assert features.shape == (2, FEATURES)
        similarity = (features @ known.T) / (features.norm(dim=1)[:, None] * known.norm(dim=1))
        assert similarity.argmax(dim=1).tolist() == [0, 1]


def test_missing_weights_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "has_pretrained", lambda: False)
    pretrained._network.cache_clear()
    with pytest.raises(GlicoError, match="One more package is needed"):
        pretrained_features(np.zeros((1, 8, 8, 3), np.uint8))
