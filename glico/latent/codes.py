"""The initial codes on the unit sphere."""

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.errors import GlicoError
from glico.types import Labels

VERTEX_SPREAD = 0.5  # length of the random vector that is added to a unit vertex


def initial_codes(
    initialisation: str, labels: Labels, dimension: int, classes: int, features: Tensor | None = None
) -> Tensor:
    """Codes (n, d) float32 on the unit sphere, drawn from torch's global generator.

    ``random``: uniform on the sphere (section III-A). The others are section V-B's (Table III). ``hypercube``: near
    a vertex of the hypercube {-1, 1}^d, another for each class; unlabelled images start at random. ``resnet``: at the
    images' ``features`` (n, f), the penultimate activations of a pretrained ResNet. If f is not d, they are
    projected at random, which keeps the angles between them up to O(1 / sqrt d). Raises GlicoError if there are
    fewer vertices than classes.
    """
    codes = F.normalize(torch.randn(len(labels), dimension), dim=1)
    if initialisation == "hypercube":
        index = torch.from_numpy(labels)
        vertices = F.normalize(different_vertices(classes, dimension), dim=1)  # (classes, d)
        near = F.normalize(vertices[index.clamp(min=0)] + VERTEX_SPREAD * codes, dim=1)
        return torch.where((index >= 0)[:, None], near, codes)
    if features is not None:
        width = features.shape[1]
        return F.normalize(features if width == dimension else features @ torch.randn(width, dimension), dim=1)
    return codes


def different_vertices(count: int, dimension: int) -> Tensor:
    """Random vertices of the hypercube {-1, 1}^d, (count, d), no two the same."""
    if count > 2**dimension:
        raise GlicoError(
            f"A hypercube in {dimension} dimensions has {2**dimension} vertices, too few for {count} classes: choose a "
            "larger dimension."
        )
    while True:
        vertices = torch.randint(0, 2, (count, dimension)) * 2.0 - 1.0
        if len(vertices.unique(dim=0)) == count:
            return vertices
