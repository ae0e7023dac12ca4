"""Steps that replace images of a batch by images generated between two codes of their class (section IV-B)."""

from dataclasses import dataclass, replace

import torch

from glico.augmentation.batch import Batch, choose
from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.sources import Sources
from glico.augmentation.step_context import StepContext
from glico.errors import GlicoError


@dataclass(frozen=True)
class LatentAugmentation:
    """Section IV-B: each image of the batch is replaced with ``probability`` by one generated from its own code.

    If the codes to generate between were chosen, the path begins at one of these of its class, and a class without two
    of them keeps its real images. An image also stays if the sampler's judge is less sure of the generated one than
    ``least_confidence``. The threshold does not change the images that a seed generates, only those that enter the
    batch.
    """

    sampler: LatentSampler
    probability: float
    least_confidence: float = 0.0

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), self.probability, rng)
        chosen = chosen[self.sampler.pairs.drawable[batch.indices[chosen]]]
        if len(chosen):
            generated = self.sampler.sample(batch.indices[chosen], rng)
            chosen = chosen.to(batch.images.device, non_blocking=True)
            if generated.confidence is None:
                batch.images[chosen] = generated.images
                batch.generated[chosen] = True
            else:
                enters = generated.confidence >= self.least_confidence  # (k,)
                batch.images[chosen] = torch.where(enters[:, None, None, None], generated.images, batch.images[chosen])
                batch.generated[chosen] = enters
                batch.refused[chosen] = ~enters
        return batch


def between_codes(context: StepContext) -> LatentAugmentation:
    """Generate between two codes of a class. Raises GlicoError if there is no latent space."""
    if context.sampler is None:
        raise GlicoError(
            "Generating from the latent space needs a checkpoint with a generator. Choose a GLO or GLICO checkpoint."
        )
    return LatentAugmentation(context.sampler, context.config.replace_probability, context.config.least_confidence)


def with_detail(context: StepContext) -> LatentAugmentation:
    """Generate between two codes, and add the detail that the reconstructions of the two images lack. Raises
    GlicoError.

    If the two images are augmented first, the detail is the difference between the augmented images, which have no
    codes, and the reconstructions.
    """
    step = between_codes(context)
    sources = Sources(context.images, context.sources) if context.sources else None
    return replace(step, sampler=replace(step.sampler.with_detail(context.images), sources=sources))


def reconstructions(context: StepContext) -> LatentAugmentation:
    """Generate at the codes themselves: a control with t = 0 for the configured factors. Raises GlicoError."""
    step = between_codes(context)
    pairs = step.sampler.pairs.with_factors((0.0,))
    return replace(step, sampler=replace(step.sampler, pairs=pairs))
