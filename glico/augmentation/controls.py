"""Controls: two images of a class are combined in pixels, as latent sampling combines them, without a generator.

Whatever an augmentation gains by its latent space it must gain over these. The first pairs and values of t of a seed
are those of latent sampling; the label stays, since both images have it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from glico.augmentation.batch import Batch, choose, mix
from glico.augmentation.sources import Sources
from glico.augmentation.step_context import StepContext
from glico.latent.pairs import Pair, Pairs

CELLS = 4  # of the patches' grid, along each side

Join = Callable[[Tensor, Tensor, Pair, torch.Generator], Tensor]
"""(k, C, H, W) images a and b of pairs -> (k, C, H, W): from a (t = 0) towards b (t = 1)."""


def mean(a: Tensor, b: Tensor, pair: Pair, rng: torch.Generator) -> Tensor:
    """(1 - t) a + t b: the pixel mean in place of the generator."""
    return mix(pair.t, b, a)


def patches(a: Tensor, b: Tensor, pair: Pair, rng: torch.Generator) -> Tensor:
    """A share t of the cells of a CELLS x CELLS grid, chosen uniformly, is pasted from b; the others are a's."""
    count, _, height, width = a.shape
    drawn = torch.rand(count, CELLS**2, generator=rng, device=rng.device)
    ranks = drawn.argsort(dim=1).argsort(dim=1).to(a.device)  # (k, CELLS^2): a random order of the cells
    taken = (ranks < (pair.t.to(a.device) * CELLS**2).round()[:, None]).reshape(count, 1, CELLS, CELLS)
    rows, columns = (torch.arange(side, device=a.device) * CELLS // side for side in (height, width))
    return torch.where(taken[:, :, rows][:, :, :, columns], b, a)


@dataclass(frozen=True)
class ClassJoin:
    """Each image of the batch is replaced with ``probability`` by the ``join`` of a pair of its class.

    ``sources`` are the whole sample, to whose rows the batch's ``indices`` point.
    """

    join: Join
    pairs: Pairs
    sources: Sources
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), self.probability, rng)
        chosen = chosen[self.pairs.drawable[batch.indices[chosen]]]
        if len(chosen):
            pair = self.pairs.pair(batch.indices[chosen], rng)
            a, b = (self.sources.augmented(rows, rng) for rows in (pair.i, pair.j))
            chosen = chosen.to(batch.images.device, non_blocking=True)
            batch.images[chosen] = self.join(a, b, pair, rng)
            batch.generated[chosen] = True
        return batch


def class_mix(context: StepContext) -> ClassJoin:
    """Return the pixel mean of the pair."""
    return joined(mean, context)


def class_patch(context: StepContext) -> ClassJoin:
    """Squares of one image pasted into the other."""
    return joined(patches, context)


def joined(join: Join, context: StepContext) -> ClassJoin:
    """Return the step that joins the configured pairs of the sample."""
    config = context.config
    pairs = Pairs(context.labels, config.interpolation_factors, config.drawn_from)
    return ClassJoin(join, pairs, Sources(context.images, context.sources), config.replace_probability)
