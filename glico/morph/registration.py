"""Register the images of a class: find one smooth displacement field per image into a common frame, by optimisation.

A point y of the common frame is at y + D(y) in the image. Adam makes the features of pairs of images agree there, from
coarse to fine. Nothing is trained, and nothing depends on other classes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.errors import GlicoError
from glico.morph.features import Features, centre_and_size, features
from glico.morph.fields import area, basis, displacements, gradients, sound
from glico.morph.filters import REFERENCE, blur, pixel_positions, sample
from glico.morph.splines import KNOTS
from glico.rows import evenly_spaced

GRIDS = (2, 4, KNOTS)  # knots a side of the grids whose sum is a field; every level adds one
ROBUST = 6.0  # r / (r + ROBUST): how much a place counts where nothing matches
OVERSHOOT = 0.4  # weight of the mean distance beyond the border
TENSION = 0.12  # weight of the mean squared gradient
FOLDING, LEAST = 20.0, 0.35  # weight of the squared shortfall of the kept area from LEAST
PAIRS = 100  # of a class that a step looks at, at most
PARTNERS = 12  # images of the class that a new image is registered with, at most
MOST_RATIO = 2.0  # of sizes that the start makes up for
PROGRESS = 10  # steps between two reports


@dataclass(frozen=True)
class Level:
    """A level of the optimisation: how far the features are blurred, in pixels of 32, how many steps it takes, and
    Adam's rate."""

    blur: float
    steps: int
    rate: float


LEVELS = (Level(4.0, 50, 0.04), Level(2.0, 60, 0.028), Level(0.8, 50, 0.0196))
NEW_LEVELS = (Level(4.0, 20, 0.06), Level(2.0, 25, 0.04), Level(0.8, 20, 0.02))

Progress = Callable[[float], None]


def register(images: Tensor, seed: int = 0, progress: Progress | None = None) -> Tensor:
    """Return the fields of ``images`` (n, C, H, W) in [0, 1] of one class, as knots (n, 2, KNOTS, KNOTS) in half sides.

    Their mean over the images is 0. A single image, or one that is a single pixel wide, stays where it is. Raises
    GlicoError for images that are not finite.
    """
    count = len(images)
    if count < 2 or min(images.shape[-2:]) < 2:
        return torch.zeros(count, 2, KNOTS, KNOTS)
    image_features = features(small(images))
    one, other = torch.triu_indices(count, count, 1)
    rng = torch.Generator().manual_seed(seed)
    weights = 0.25 + image_features.objectness

    def mismatch(maps: Tensor, displaced: Tensor) -> Tensor:
        sample = torch.randperm(len(one), generator=rng)[:PAIRS] if len(one) > PAIRS else slice(None)
        warped, weight = _warped(maps, weights, displaced)
        i, j = one[sample], other[sample]
        # The gradient of warped[i] would be a sum in an order that the threads decide.
        return _difference(warped.index_select(0, i), warped.index_select(0, j), weight[i] + weight[j])

    def centred(knots: Tensor) -> Tensor:
        return knots - knots.mean(dim=0)

    return _optimised(image_features, _start(image_features.objectness), mismatch, centred, LEVELS, progress)


def register_new(image: Tensor, images: Tensor, knots: Tensor) -> Tensor:
    """Return the field (2, KNOTS, KNOTS) of one more ``image`` (C, H, W) of a class.

    Its ``images`` (n, C, H, W) have the fields ``knots`` (n, 2, KNOTS, KNOTS), which stay as they are.
    """
    if min(image.shape[-2:]) < 2:
        return torch.zeros(2, KNOTS, KNOTS)
    few = torch.from_numpy(evenly_spaced(len(images), PARTNERS))
    image_features = features(small(torch.cat([image[None], images[few]])))
    height, width = image_features.maps.shape[-2:]
    there = displacements(knots[few], height, width)
    weights = 0.25 + image_features.objectness
    known: dict[int, tuple[Tensor, Tensor]] = {}  # warped maps and weights of the class, by the level's maps

    def mismatch(maps: Tensor, displaced: Tensor) -> Tensor:
        if id(maps) not in known:
            known.clear()
            known[id(maps)] = _warped(maps[1:], weights[1:], there)
        others, other_weights = known[id(maps)]
        warped, weight = _warped(maps[:1], weights[:1], displaced)
        return _difference(warped, others, weight + other_weights)

    start = _start(image_features.objectness)[:1]
    return _optimised(image_features, start, mismatch, lambda own: own, NEW_LEVELS, None)[0]


def _optimised(
    image_features: Features,
    start: Tensor,
    mismatch: Callable[[Tensor, Tensor], Tensor],
    constrained: Callable[[Tensor], Tensor],
    levels: tuple[Level, ...],
    progress: Progress | None,
) -> Tensor:
    """Return the knots with the least sum of ``mismatch`` (maps, displacements) and penalties.

    The descent begins at ``start`` (m, 2, 2, 2), on the coarsest grid.
    """
    height, width = image_features.maps.shape[-2:]
    grids = [start, *(torch.zeros(len(start), 2, side, side) for side in GRIDS[1:])]
    grids = [grid.clone().requires_grad_() for grid in grids]
    lift = [_lift(side) for side in GRIDS]
    positions = pixel_positions(height, width)
    done, steps = 0, sum(level.steps for level in levels)

    def knots() -> Tensor:
        return constrained(sum((up @ grid @ up.T for up, grid in zip(lift, grids, strict=True)), torch.zeros(())))

    for depth, level in enumerate(levels):
        maps = blur(image_features.maps, level.blur)
        maps = maps / maps.std().clamp(min=1e-3)
        optimiser = torch.optim.Adam(grids[: depth + 1], lr=level.rate, betas=(0.9, 0.98))
        for step in range(level.steps):
            for group in optimiser.param_groups:
                group["lr"] = level.rate * (0.5 * (1 + math.cos(math.pi * step / level.steps)) + 0.05)
            displaced = displacements(knots(), height, width)
            loss = mismatch(maps, displaced) + _penalty(displaced, positions)
            if not torch.isfinite(loss):
                raise GlicoError("Cannot register the images: their features are not finite. Correct the images.")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            done += 1
            if progress is not None and done % PROGRESS == 0:
                progress(done / steps)
    return sound(knots().detach())


def _warped(maps: Tensor, weights: Tensor, displaced: Tensor) -> tuple[Tensor, Tensor]:
    """Maps (n, K, H, W) and weights (n, 1, H, W) in the common frame; the weights without gradients."""
    positions = pixel_positions(*maps.shape[-2:]) + displaced.permute(0, 2, 3, 1)
    both = sample(torch.cat([maps, weights], dim=1), positions)
    return both[:, :-1], both[:, -1].detach()


def _difference(one: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    """Return the mean over P pairs of how much warped maps (P, K, H, W) differ, places weighted by (P, H, W)."""
    squares = (one - other).square().sum(dim=1)
    weight = weight / weight.mean(dim=(1, 2), keepdim=True)
    return (weight * squares / (squares + ROBUST)).mean()


def _penalty(displaced: Tensor, positions: Tensor) -> Tensor:
    """Return the mean over images of what displacements (n, 2, H, W) cost: stretching, folding, leaving the image."""
    gradient = gradients(displaced)
    beyond = F.relu((positions + displaced.permute(0, 2, 3, 1)).abs() - 1).sum(dim=-1).mean()
    folded = F.relu(LEAST - area(gradient)).square().mean()
    stretched = gradient.square().sum(dim=(1, 2)).mean()
    return OVERSHOOT * beyond + TENSION * stretched + FOLDING * folded


def _start(objectness: Tensor) -> Tensor:
    """Return the fields (n, 2, 2, 2), on the coarsest grid, that give every object the class's mean centre and size."""
    centre, size = centre_and_size(objectness)
    size = 0.5 * size.prod(dim=1).sqrt()[:, None] + 0.5 * size
    middle, usual = centre.mean(dim=0), size.log().mean(dim=0).exp()
    ratio = (size / usual).clamp(1 / MOST_RATIO, MOST_RATIO)
    ends = torch.tensor([-1.0, 1.0])
    corners = torch.stack(torch.meshgrid(ends, ends, indexing="xy"))  # (2, 2, 2): x and y of the image's corners
    moved = (centre - middle)[:, :, None, None]
    return moved + (ratio - 1)[:, :, None, None] * (corners - middle[:, None, None])


def _lift(side: int) -> Tensor:
    """Return the matrix (KNOTS, side) that writes a coarser grid's spline as one of KNOTS knots, which contains it."""
    fine, coarse = basis(4 * KNOTS, KNOTS).double(), basis(4 * KNOTS, side).double()
    return (torch.linalg.pinv(fine) @ coarse).float()


def small(images: Tensor) -> Tensor:
    """Return the images as they are registered: their longer side at most REFERENCE pixels."""
    if not torch.isfinite(images).all():
        raise GlicoError("Cannot register the images: a pixel is not finite. Correct the images.")
    scale = REFERENCE / max(images.shape[-2:])
    if scale >= 1:
        return images.float()
    size = [max(2, round(side * scale)) for side in images.shape[-2:]]
    return F.interpolate(images.float(), size=size, mode="area")
