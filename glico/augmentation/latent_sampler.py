"""Images generated from the latent space: G([slerp(z_i, z_j, t), e]) with i and j of one class (section IV-B)."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from glico.augmentation.batch import Batch, Setting, choose
from glico.augmentation.mixing import mix
from glico.augmentation.pairs import Pairs
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, PathName, TrainConfig
from glico.errors import GlicoError
from glico.latent.paths import PATHS
from glico.machine import autocast, sizes_vary
from glico.models.generators import draw_noise, faster_on_cpu, no_noise

CHUNK = 256  # images decoded at once
FACTORS: tuple[float, ...] = ClassifyConfig.facts("interpolation_factors").default


class GeneratedImages(NamedTuple):
    """``images`` (k, C, H, W) in [0, 1] on the device, and where each came from: the rows ``i``, ``j`` (k,) of
    its two codes and its ``t`` (k,), on the CPU. ``confidence`` (k,) on the device is the probability that the weak
    classifier gives to the image's own class; None where nobody judges."""

    images: Tensor
    i: Tensor
    j: Tensor
    t: Tensor
    confidence: Tensor | None = None


class LatentSampler(Pairs):
    """Generates images of a class by walking from one of its codes towards another.

    ``generator`` takes (B, d) codes and (B, m) noise; ``codes`` (n, d) and ``labels`` (n,), -1 for unlabelled rows,
    which are never sampled. With ``drawn_from`` both codes of a pair are among these rows, in the classes that
    have two of them. ``judge`` is the weak classifier, which says how sure it is of a generated image. The networks are
    taken over: frozen, in evaluation mode, on ``device``, where they work in ``dtype``. GlicoError if no pair is
    possible.
    """

    def __init__(
        self,
        generator: nn.Module,
        codes: Tensor,
        labels: Tensor,
        config: TrainConfig,
        *,
        path: PathName = "slerp",
        factors: Sequence[float] = FACTORS,
        drawn_from: Sequence[int] = (),
        judge: nn.Module | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(labels, factors, drawn_from)
        self.device, self.dtype, self.config = torch.device(device), dtype, config
        self.generator = _frozen(faster_on_cpu(generator) if self.device.type == "cpu" else generator, self.device)
        self.judge = _frozen(judge, self.device) if judge is not None else None
        self.codes = codes.cpu()  # so is the walk between them: a handful of rows, and no GPU is waited for
        self.path = PATHS[path]
        self.detail: Tensor | None = None  # (n, C, H, W), see with_detail

    @classmethod
    def of(
        cls,
        checkpoint: Checkpoint,
        *,
        path: PathName = "slerp",
        factors: Sequence[float] = FACTORS,
        drawn_from: Sequence[int] = (),
        judged: bool = False,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> "LatentSampler":
        """The sampler of a checkpoint's latent space, whatever objective it was trained with.

        What it generates is ``judged`` by the checkpoint's weak classifier; GlicoError if that has none (GLO).
        """
        judge = None
        if judged:
            judge = checkpoint.build_classifier()
            if judge is None:
                raise GlicoError(
                    "The checkpoint has no weak classifier that could judge generated images (GLO): leave the least "
                    "confidence at 0, or choose a checkpoint trained with GLICO."
                )
        return cls(
            checkpoint.build_generator(), checkpoint.codes, checkpoint.labels, checkpoint.config,
            path=path, factors=factors, drawn_from=drawn_from, judge=judge, device=device, dtype=dtype,
        )  # fmt: skip

    def with_detail(self, images: Tensor) -> "LatentSampler":
        """The same sampler whose images keep the detail of their two ends: each gets (1 - t) of what the
        reconstruction of the one lacks and t of what the other's does, so that a path begins at the true image.

        ``images`` (n, C, H, W) uint8 are the sample; unlabelled rows are not looked at.
        """
        other = copy.copy(self)
        lacking = torch.zeros(images.shape, dtype=torch.float16, device=self.device)
        for rows in (self.labels >= 0).nonzero()[:, 0].split(CHUNK):
            noise = no_noise(self.config, len(rows), "cpu")
            reconstructed = self.decode(rows, rows, torch.zeros(len(rows)), noise).images
            true = images[rows.to(images.device)].to(self.device).float() / 255
            lacking[rows.to(self.device)] = (true - reconstructed).half()
        other.detail = lacking
        return other

    def sample(self, rows: Tensor, rng: torch.Generator) -> GeneratedImages:
        """An image of the class of each of ``rows`` (k,), all ``drawable``: start, partner, t and noise are drawn
        from ``rng``, on the CPU."""
        i, j, t = self.pair(rows, rng)
        return self.decode(i, j, t, draw_noise(self.config, len(i), rng))

    @torch.no_grad()
    def decode(self, i: Tensor, j: Tensor, t: Tensor, noise: Tensor | None) -> GeneratedImages:
        """G([slerp(z_i, z_j, t), e]), with its detail where it has any, and what the judge says.

        ``i``, ``j``, ``t`` (k,) are on the CPU; ``noise`` is (k, m).
        """
        z = self.path(self.codes[i], self.codes[j], t).to(self.device, non_blocking=True)  # (k, d)
        noise = None if noise is None else noise.to(self.device, non_blocking=True)
        own = self.labels[i].to(self.device, non_blocking=True)[:, None]  # (k, 1)
        images, confidence = [], []
        with autocast(self.device, self.dtype), sizes_vary():
            for first in range(0, len(z), CHUNK):
                rows = slice(first, first + CHUNK)
                generated = self.generator(z[rows], None if noise is None else noise[rows]).float()
                if self.detail is not None:
                    a, b = (self.detail[end[rows].to(self.device, non_blocking=True)].float() for end in (i, j))
                    generated = (generated + mix(1 - t[rows], a, b)).clamp(0, 1)
                images.append(generated)
                if self.judge is not None:
                    logits = self.judge(generated if self.config.classifier_input == "image" else z[rows])
                    confidence.append(logits.float().softmax(dim=1).gather(1, own[rows])[:, 0])
        return GeneratedImages(torch.cat(images), i, j, t, torch.cat(confidence) if confidence else None)


@dataclass(frozen=True)
class LatentAugmentation:
    """Section IV-B: each image of the batch is replaced with ``probability`` by one generated from its own code.

    Where codes to generate between were chosen, the path begins at one of these of its class, and a class without two
    of them keeps its true images. So does an image for which the sampler's judge is less sure of the generated one than
    ``least_confidence``: what is generated for a seed does not depend on the threshold, only what enters.
    """

    sampler: LatentSampler
    probability: float
    least_confidence: float = 0.0

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), self.probability, rng)
        chosen = chosen[self.sampler.drawable[batch.indices[chosen]]]
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


def between_codes(setting: Setting) -> LatentAugmentation:
    """New images between two codes of a class. GlicoError where there is no latent space."""
    if setting.sampler is None:
        raise GlicoError("Generating from the latent space needs a checkpoint with a generator.")
    return LatentAugmentation(setting.sampler, setting.config.replace_probability, setting.config.least_confidence)


def with_detail(setting: Setting) -> LatentAugmentation:
    """New images between two codes of a class that keep what the generator does not know. GlicoError likewise."""
    step = between_codes(setting)
    return replace(step, sampler=step.sampler.with_detail(setting.images))


def reconstructions(setting: Setting) -> LatentAugmentation:
    """The images at the codes themselves, a control: t = 0 instead of the configured ones. GlicoError likewise."""
    step = between_codes(setting)
    sampler = copy.copy(step.sampler)
    sampler.factors = torch.zeros(1)
    return replace(step, sampler=sampler)


def _frozen(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
