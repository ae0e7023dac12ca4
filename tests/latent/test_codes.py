"""Initial codes are on the sphere, random, by class or by a pretrained network's features (Table III)."""

import numpy as np
import pytest
import torch

from glico.errors import GlicoError
from glico.latent.codes import different_vertices, initial_codes

LABELS = np.array([0, 0, 1, 1, 2, 2, -1])


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("initialisation", ["random", "hypercube", "resnet"])
def test_codes_start_on_the_sphere(initialisation: str) -> None:
    features = torch.rand(7, 24) if initialisation == "resnet" else None
    codes = initial_codes(initialisation, LABELS, 16, 3, features)
    torch.testing.assert_close(codes.norm(dim=1), torch.ones(7))


def test_classes_start_near_different_vertices_of_the_hypercube() -> None:
    """Also where the cube has just as many vertices as there are classes."""
    assert len(different_vertices(8, 3).unique(dim=0)) == 8
    labels = np.arange(10).repeat(3)
    codes = initial_codes("hypercube", labels, 64, 10)
    cosines = codes @ codes.T
    same = torch.from_numpy(labels[:, None] == labels)
    assert cosines[same].min() > 0.5  # the spread carries no code further than 30 degrees from its vertex
    assert cosines[~same].max() < 0.5
    with pytest.raises(GlicoError, match="8 vertices, too few for 9 classes"):
        initial_codes("hypercube", np.arange(9), 3, 9)


def test_feature_codes_keep_their_angles_when_projected() -> None:
    """Features are the codes themselves if the dimension allows it."""
    features = torch.randn(7, 512).relu()
    unit = features / features.norm(dim=1, keepdim=True)
    torch.testing.assert_close(initial_codes("resnet", LABELS, 512, 3, features), unit)
    projected = initial_codes("resnet", LABELS, 4096, 3, features)
    torch.testing.assert_close(projected @ projected.T, unit @ unit.T, atol=0.08, rtol=0)
