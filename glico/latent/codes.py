"""Where the codes start on the unit sphere."""

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.data.dataset import Labels

VERTEX_SPREAD = 0.5  # length of the random vector that is added to a unit vertex


def initial_codes(initialisation: str, labels: Labels, dimension: int, classes: int) -> Tensor:
    """Codes (n, d) float32 on the unit sphere, drawn from torch's global generator.

    ``random``: uniform on the sphere (section III-A). ``hypercube``: near a random vertex of the hypercube
    {-1, 1}^d for each class (section V-B, Table III); unlabelled images start at random.
    """
    codes = F.normalize(torch.randn(len(labels), dimension), dim=1)
    if initialisation == "random":
        return codes
    vertices = F.normalize(torch.randint(0, 2, (classes, dimension)) * 2.0 - 1.0, dim=1)  # (classes, d)
    index = torch.from_numpy(labels)
    near = F.normalize(vertices[index.clamp(min=0)] + VERTEX_SPREAD * codes, dim=1)
    return torch.where((index >= 0)[:, None], near, codes)
