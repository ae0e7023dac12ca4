"""A score that says beforehand how well two registered images morph."""

import torch
from torch import Tensor

from glico.morph.features import objectness
from glico.morph.fields import displacements
from glico.morph.filters import pixel_positions, sample
from glico.morph.registration import small

# Means and standard deviations over 40 pairs of photographs that were judged by eye (benchmarks/morph_score.py).
COINCIDING, COINCIDING_SPREAD = 0.736, 0.073
MOVED, MOVED_SPREAD = 0.439, 0.146  # half sides
ODDS = -0.4  # of the pairs that morphed well, as a logarithm


def scores(images: Tensor, knots: Tensor) -> Tensor:
    """Return the morph scores (n, n) of ``images`` (n, C, H, W) with the fields ``knots`` (n, 2, KNOTS, KNOTS).

    From 0 to 1, symmetric. It rises with the correlation of their objectness in the common frame, and falls with the
    mean distance that one must move to the other.
    """
    images = small(images)
    shape = images.shape[-2:]
    displaced = displacements(knots, *shape)
    there = pixel_positions(*shape) + displaced.permute(0, 2, 3, 1)
    things = sample(objectness(images), there).flatten(1)
    things = things - things.mean(dim=1, keepdim=True)
    things = things / things.norm(dim=1, keepdim=True).clamp(min=1e-6)
    coinciding = things @ things.T
    moved = torch.stack([(displaced - own).norm(dim=1).mean(dim=(1, 2)) for own in displaced])
    level = (coinciding - COINCIDING) / COINCIDING_SPREAD - (moved - MOVED) / MOVED_SPREAD
    return torch.sigmoid(level + ODDS)
