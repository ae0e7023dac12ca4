"""Images of three classes, and a model that was fitted to them."""

import numpy as np
import pytest
from api_models import Squares, fitted

from glico.api.estimator import GLICO


@pytest.fixture(scope="session")
def squares() -> Squares:
    rng = np.random.default_rng(0)
    labels = np.arange(12) % 3
    images = (60 + 60 * labels[:, None, None, None] + rng.normal(0, 20, (12, 16, 16, 1))).clip(0, 255)
    return Squares(images.astype(np.uint8), labels)


@pytest.fixture(scope="session")
def model(squares: Squares) -> GLICO:
    """Do not fit it again."""
    return fitted(*squares)
