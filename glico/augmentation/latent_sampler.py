"""Images generated from the latent space: G([slerp(z_i, z_j, t), e]) with i and j of one class (section IV-B)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from glico.augmentation.batch import mix
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, PathName, TrainConfig
from glico.errors import GlicoError
from glico.latent.pairs import Pairs
from glico.latent.paths import PATHS
from glico.machine import autocast, sizes_vary
from glico.models.generators import draw_noise, faster_on_cpu, no_noise

CHUNK = 256  # images generated at once
FACTORS: tuple[float, ...] = ClassifyConfig.describe("interpolation_factors").default


class GeneratedImages(NamedTuple):
    """``images`` (k, C, H, W) in [0, 1] on the device, and their origin on the CPU: rows ``i``, ``j`` (k,) and ``t``
    (k,). ``confidence`` (k,), on the device, is the weak classifier's probability of the image's class;
    None without a judge."""

    images: Tensor
    i: Tensor
    j: Tensor
    t: Tensor
    confidence: Tensor | None = None


@dataclass(frozen=True)
class LatentSampler:
    """Generates images of a class by walking from one of its codes towards another.

    ``generator`` takes (B, d) codes and (B, m) noise. ``codes`` (n, d) stay on the CPU: the walk between them concerns
    a handful of rows, and no GPU is waited for. ``judge`` is the weak classifier, which says how sure it is of a
    generated image. The networks work on ``device`` in ``dtype``. ``detail`` (n, C, H, W) is added to the images, see
    :meth:`with_detail`.
    """

    generator: nn.Module
    codes: Tensor
    pairs: Pairs
    config: TrainConfig
    path: PathName
    judge: nn.Module | None
    device: torch.device
    dtype: torch.dtype
    detail: Tensor | None = None

    @classmethod
    def from_networks(
        cls,
        generator: nn.Module,
        codes: Tensor,
        pairs: Pairs,
        config: TrainConfig,
        *,
        path: PathName = "slerp",
        judge: nn.Module | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> "LatentSampler":
        """Make a sampler of networks, which it takes over: frozen, in evaluation mode, on ``device``."""
        device = torch.device(device)
        generator = _frozen(faster_on_cpu(generator) if device.type == "cpu" else generator, device)
        judge = None if judge is None else _frozen(judge, device)
        return cls(generator, codes.cpu(), pairs, config, path, judge, device, dtype)

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint: Checkpoint,
        *,
        path: PathName = "slerp",
        factors: Sequence[float] = FACTORS,
        drawn_from: Sequence[int] = (),
        with_classifier: bool = False,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> "LatentSampler":
        """Make a sampler of a checkpoint's latent space, whatever objective it was trained with.

        ``factors`` and ``drawn_from`` are those of :class:`Pairs`. Raises GlicoError if no pair is possible, or if the
        sampler is to be ``with_classifier`` and the checkpoint has none (GLO).
        """
        judge = checkpoint.build_classifier() if with_classifier else None
        if with_classifier and judge is None:
            raise GlicoError(
                "The checkpoint has no weak classifier that could judge generated images (GLO): leave the least "
                "confidence at 0, or choose a checkpoint trained with GLICO."
            )
        pairs, generator = Pairs(checkpoint.labels, factors, drawn_from), checkpoint.build_generator()
        return cls.from_networks(
            generator, checkpoint.codes, pairs, checkpoint.config, path=path, judge=judge, device=device, dtype=dtype
        )

    def with_detail(self, images: Tensor) -> "LatentSampler":
        """Return a sampler whose images keep the detail of their two ends.

        Each image gets (1 - t) of what the reconstruction of the first lacks and t of what that of the second lacks, so
        that a path begins at the real image. ``images`` (n, C, H, W) uint8 are the sample; unlabelled rows are ignored.
        """
        lacking = torch.zeros(images.shape, dtype=torch.float16, device=self.device)
        for rows in (self.pairs.labels >= 0).nonzero()[:, 0].split(CHUNK):
            noise = no_noise(self.config, len(rows), "cpu")
            reconstructed = self.decode(rows, rows, torch.zeros(len(rows)), noise).images
            real = images[rows.to(images.device)].to(self.device).float() / 255
            lacking[rows.to(self.device)] = (real - reconstructed).half()
        return replace(self, detail=lacking)

    def sample(self, rows: Tensor, rng: torch.Generator) -> GeneratedImages:
        """Generate an image of the class of each of ``rows`` (k,), all ``drawable``. Start, partner, t and noise come
        from ``rng``."""
        i, j, t = self.pairs.pair(rows, rng)
        return self.decode(i, j, t, draw_noise(self.config, len(i), rng))

    @torch.no_grad()
    def decode(self, i: Tensor, j: Tensor, t: Tensor, noise: Tensor | None) -> GeneratedImages:
        """Generate G([slerp(z_i, z_j, t), e]), with its detail and the judge's confidence if there are any.

        ``i``, ``j``, ``t`` (k,) are on the CPU; ``noise`` is (k, m).
        """
        z = PATHS[self.path](self.codes[i], self.codes[j], t).to(self.device, non_blocking=True)  # (k, d)
        noise = None if noise is None else noise.to(self.device, non_blocking=True)
        classes = self.pairs.labels[i].to(self.device, non_blocking=True)[:, None]  # (k, 1)
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
                    confidence.append(logits.float().softmax(dim=1).gather(1, classes[rows])[:, 0])
        return GeneratedImages(torch.cat(images), i, j, t, torch.cat(confidence) if confidence else None)


def _frozen(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
