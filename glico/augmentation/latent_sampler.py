"""Images generated from the latent space: G([slerp(z_i, z_j, t), e]) with i and j of one class (section IV-B)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from glico.augmentation.batch import mix
from glico.augmentation.sources import Sources
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, FramePathName, TrainConfig
from glico.errors import GlicoError
from glico.latent.morphs import sample_fields
from glico.latent.pairs import Pairs
from glico.latent.paths import PATHS
from glico.machine import autocast, sizes_vary
from glico.models.generators import draw_noise, faster_on_cpu, no_noise
from glico.morph.frames import Moving, moved
from glico.pixels import to_uint8
from glico.types import Images

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
    :meth:`with_detail`. ``moving`` holds the fields of the rows: the path "morph", which walks through no code, needs
    them. With ``sources``, an end's detail is what its reconstruction lacks of the augmented image.
    """

    generator: nn.Module
    codes: Tensor
    pairs: Pairs
    config: TrainConfig
    path: FramePathName
    judge: nn.Module | None
    device: torch.device
    dtype: torch.dtype
    detail: Tensor | None = None
    moving: Moving | None = None
    sources: Sources | None = None

    @classmethod
    def from_networks(
        cls,
        generator: nn.Module,
        codes: Tensor,
        pairs: Pairs,
        config: TrainConfig,
        *,
        path: FramePathName = "slerp",
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
        path: FramePathName = "slerp",
        factors: Sequence[float] = FACTORS,
        drawn_from: Sequence[int] = (),
        with_classifier: bool = False,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> "LatentSampler":
        """Make a sampler of a checkpoint's latent space, whatever objective it was trained with.

        ``factors`` and ``drawn_from`` are those of :class:`Pairs`. For morphs the classes are registered, if they are
        not yet. Raises GlicoError if no pair is possible, or if the sampler is to be ``with_classifier`` and the
        checkpoint has none that could judge the images.
        """
        if with_classifier and path == "morph" and checkpoint.config.classifier_input == "code":
            raise GlicoError(
                "The weak classifier of this checkpoint judges codes, and a morph has none. Choose slerp or lerp, or "
                "leave the least confidence at 0."
            )
        judge = checkpoint.build_classifier() if with_classifier else None
        if with_classifier and judge is None:
            raise GlicoError(
                "The checkpoint has no weak classifier that could judge generated images (GLO): leave the least "
                "confidence at 0, or choose a checkpoint trained with GLICO."
            )
        pairs, generator = Pairs(checkpoint.labels, factors, drawn_from), checkpoint.build_generator()
        sampler = cls.from_networks(
            generator, checkpoint.codes, pairs, checkpoint.config, path=path, judge=judge, device=device, dtype=dtype
        )
        if path != "morph":
            return sampler
        images = checkpoint.images
        return sampler.with_fields(sampler.reconstructions() if images is None else images.cpu().numpy())

    def reconstructions(self) -> Images:
        """Return the images (n, H, W, C) uint8 at the codes, without noise."""
        codes = self.codes.to(self.device).split(CHUNK)
        return np.concatenate([to_uint8(self._generate(z, no_noise(self.config, len(z), self.device))) for z in codes])

    def with_fields(self, images: Images) -> "LatentSampler":
        """Return a sampler that morphs, by the fields of the sample's ``images`` (n, H, W, C) uint8.

        The images of rows without a label change nothing.
        """
        knots = sample_fields(images, self.pairs.labels.numpy())
        return replace(self, moving=Moving(knots.to(self.device), *images.shape[1:3]))

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
        """Generate an image of the class of each of ``rows`` (k,), all ``drawable``. ``rng`` samples start, partner, t
        and noise."""
        i, j, t = self.pairs.pair(rows, rng)
        noise = draw_noise(self.config, len(i), rng)
        if self.sources is None:
            return self.decode(i, j, t, noise)
        change = tuple(self.sources.augmented(rows, rng) - self.sources.real(rows) for rows in (i, j))
        return self.decode(i, j, t, noise, change)

    @torch.no_grad()
    def decode(
        self, i: Tensor, j: Tensor, t: Tensor, noise: Tensor | None, change: tuple[Tensor, ...] = ()
    ) -> GeneratedImages:
        """Generate G([slerp(z_i, z_j, t), e]), with its detail and the judge's confidence if there are any.

        ``i``, ``j``, ``t`` (k,) are on the CPU; ``noise`` is (k, m). A morph is generated at both codes and moved.
        ``change`` (k, C, H, W) of either end is added to its detail.
        """
        noise = None if noise is None else noise.to(self.device, non_blocking=True)
        classes = self.pairs.labels[i].to(self.device, non_blocking=True)[:, None]  # (k, 1)
        images, confidence = [], []
        with sizes_vary():
            for part in torch.arange(len(i)).split(CHUNK):
                e = None if noise is None else noise[part]
                detail = self._details(i[part], j[part], [end[part.to(end.device)] for end in change])
                draw = self._moved if self.path == "morph" else self._between
                generated, z = draw(i[part], j[part], t[part], e, detail)
                images.append(generated)
                if self.judge is not None:
                    confidence.append(self._confidence(generated, z, classes[part]))
        return GeneratedImages(torch.cat(images), i, j, t, torch.cat(confidence) if confidence else None)

    def _between(
        self, i: Tensor, j: Tensor, t: Tensor, noise: Tensor | None, detail: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return the images (k, C, H, W) at ``t`` (k,) of the path through the latent space, and their codes (k, d)."""
        z = PATHS[self.path](self.codes[i], self.codes[j], t).to(self.device, non_blocking=True)
        images = self._generate(z, noise)
        if detail:
            images = (images + mix(1 - t, *detail)).clamp(0, 1)
        return images, z

    def _moved(
        self, i: Tensor, j: Tensor, t: Tensor, noise: Tensor | None, detail: list[Tensor]
    ) -> tuple[Tensor, None]:
        """Return the images (k, C, H, W) at ``t`` (k,) of the morph between those at the codes. They have no code."""
        if self.moving is None:
            raise ValueError("a morph needs the fields of the sample")
        ends = [self._generate(self.codes[rows].to(self.device, non_blocking=True), noise) for rows in (i, j)]
        if detail:
            ends = [(end + lacking).clamp(0, 1) for end, lacking in zip(ends, detail, strict=True)]
        return moved(self.moving, torch.stack(ends, dim=1), torch.stack([i, j], dim=1), t), None

    def _generate(self, z: Tensor, noise: Tensor | None) -> Tensor:
        with autocast(self.device, self.dtype):
            images: Tensor = self.generator(z, noise).float()
        return images

    def _details(self, i: Tensor, j: Tensor, change: list[Tensor]) -> list[Tensor]:
        """Return what is added to the generated images of both ends, each (k, C, H, W); nothing without detail."""
        if self.detail is None:
            return []
        detail = [self.detail[rows.to(self.device, non_blocking=True)].float() for rows in (i, j)]
        return [one + more.to(one) for one, more in zip(detail, change, strict=True)] if change else detail

    def _confidence(self, images: Tensor, codes: Tensor | None, classes: Tensor) -> Tensor:
        """Return the judge's probability (k,) of the ``classes`` (k, 1)."""
        assert self.judge is not None
        seen = images if self.config.classifier_input == "image" else codes
        with autocast(self.device, self.dtype):
            logits = self.judge(seen)
        probabilities: Tensor = logits.float().softmax(dim=1).gather(1, classes)[:, 0]
        return probabilities


def _frozen(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
