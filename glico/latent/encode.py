"""A new image onto the sphere: the code whose image, by a frozen generator, is nearest to it (GLO [4], section 3)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.located import located, source_of
from glico.data import load_configured
from glico.data.dataset import Images, Labels
from glico.errors import GlicoError
from glico.losses.reconstruction import reconstruction_loss
from glico.models.generators import no_noise
from glico.pixels import to_float

NEAR, RANDOM = 6, 2  # starts: the training images' codes whose images are nearest, and random codes
KEPT = 2  # starts that go on after the first third of the steps
STEPS = 90
RATE = 0.05  # Adam's, falling to zero along half a cosine
BATCH = 64  # codes that are optimised at once
NEIGHBOURS = 5
COMPARED = 4000  # training images, evenly spaced, among which starts are looked for and errors are compared
POOLED = 16  # side at which images are compared for the starts
OUTSIDE = 0.99  # of the training images have a smaller error: from here on the generator cannot draw an image

Progress = Callable[[float, Tensor], None]


@dataclass(frozen=True)
class Encoded:
    """What became of B images.

    ``codes`` (B, d) on the unit sphere; ``generated`` (B, C, H, W) in [0, 1], the images of these codes;
    ``errors`` (B,) by the checkpoint's reconstruction loss, and ``percentiles`` (B,), the share of training images
    with a smaller error, NaN where the checkpoint holds no images: near 1 means that the generator cannot draw this.
    ``neighbours`` (B, k) are the rows of the nearest training images by angle, ``angles`` (B, k) in degrees,
    ``probabilities`` (B, K) what the weak classifier says of the generated images, None for GLO. ``trace``
    (T, B, d) holds the best codes so far, for a film of how they form.
    """

    codes: Tensor
    generated: Tensor
    errors: Tensor
    percentiles: Tensor
    neighbours: Tensor
    angles: Tensor
    probabilities: Tensor | None
    trace: Tensor


def encode(
    checkpoint: Checkpoint,
    images: Images,
    steps: int = STEPS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Encoded:
    """Find the codes of ``images`` (B, H, W, C) uint8, prepared as the training images were.

    Minimises the checkpoint's own reconstruction loss over the unit sphere with the generator frozen and its noise
    zero, from NEAR + RANDOM starts per image of which the best KEPT go on. ``progress`` is told the finished share
    and the best codes so far, (b, d), of the b images at work. The same for the same ``seed``. Raises GlicoError
    where the images are none of the checkpoint's.
    """
    if images.ndim != 4 or images.shape[1:] != checkpoint.image_shape or len(images) == 0:
        needed = " x ".join(map(str, checkpoint.image_shape))
        raise GlicoError(f"The checkpoint takes images of {needed}: give one or more of these.")
    searching = _Search(checkpoint, seed)
    parts = []
    size = max(1, BATCH // (NEAR + RANDOM))
    for start in range(0, len(images), size):

        def tell(share: float, best: Tensor, start: int = start) -> None:
            if progress is not None:
                progress(min(1.0, (start + size * share) / len(images)), best)

        parts.append(searching.codes_of(to_float(images[start : start + size]), steps, tell))
    codes, errors = (torch.cat(found) for found in list(zip(*parts, strict=True))[:2])
    trace = torch.cat([part[2] for part in parts], dim=1)
    generated = checkpoint.decoder()(codes)
    neighbours, angles = nearest_images(checkpoint.codes, codes)
    return Encoded(
        codes, generated, errors, searching.percentiles(errors), neighbours, angles,
        checkpoint.probabilities(generated, codes), trace,
    )  # fmt: skip


def nearest_images(known: Tensor, codes: Tensor, count: int = NEIGHBOURS) -> tuple[Tensor, Tensor]:
    """The rows of ``known`` (n, d) nearest to each of ``codes`` (B, d), nearest first, and their angles in degrees."""
    cosine, rows = (codes @ known.T).topk(min(count, len(known)), dim=1)
    return rows, cosine.clamp(-1, 1).arccos().rad2deg()


def vote(neighbours: Tensor, labels: Tensor) -> Labels:
    """The class that most of the labelled neighbours (B, k) have, the nearest one's among equals; (B,), -1 for none."""
    found = np.full(len(neighbours), -1, dtype=np.int64)
    for row, near in enumerate(labels[neighbours].tolist()):
        own = [label for label in near if label >= 0]
        found[row] = max(own, key=lambda label: (own.count(label), -own.index(label))) if own else -1
    return found


@dataclass(frozen=True)
class HeldOut:
    """Images that a checkpoint has not seen: their names, ``images`` (m, H, W, C) uint8 and true ``labels`` (m,).

    They are ``rows`` (m,) of this ``part`` of the data set, "test" or "train".
    """

    names: tuple[str, ...]
    part: str
    rows: Labels
    images: Images
    labels: Labels


def held_out(checkpoint: Checkpoint, count: int, dataset: str | None = None) -> HeldOut:
    """At most ``count`` images of the checkpoint's data set that it has not seen, as many of each class as there are.

    Of the test split; where there is none, of the training images outside the sample. The data set is read from
    ``dataset`` where it is not where it was. Raises GlicoError where it is not at hand or is another.
    """
    data = load_configured(source_of(checkpoint.config, checkpoint.image_shape, download=False, dataset=dataset))
    if data.class_names != checkpoint.class_names or data.image_shape != checkpoint.image_shape:
        raise GlicoError(f"{data.name} is no longer the data set of the checkpoint.")
    part, images, labels = "test", data.test_images, data.test_labels
    if not len(labels):
        part, images, labels = "train", data.train_images, data.train_labels
    seen = np.zeros(len(labels), dtype=bool)
    if part == "train" or checkpoint.config.unlabelled == "test":
        tested = (checkpoint.labels < 0).numpy() & (checkpoint.config.unlabelled == "test")
        rows = located(checkpoint, data).indices.numpy()
        seen[rows[tested if part == "test" else ~tested]] = True
    free = (~seen & (labels >= 0)).nonzero()[0]
    if not len(free):
        raise GlicoError(f"{data.name} has no image that the checkpoint has not seen.")
    order = free[np.random.RandomState(checkpoint.config.seed).permutation(len(free))]
    turn = np.zeros(len(order), dtype=np.int64)  # how many of its class came before
    for label in np.unique(labels[order]):
        own = labels[order] == label
        turn[own] = np.arange(own.sum())
    rows = order[np.argsort(turn, kind="stable")[:count]]
    name = "test image" if part == "test" else "training image"
    return HeldOut(tuple(f"{name} {row}" for row in rows.tolist()), part, rows, images[rows], labels[rows])


@dataclass(frozen=True)
class Generalisation:
    """How well held-out images are found again: shares of them whose class the nearest training images have, by codes
    and, to compare, by pixels; and the median error beside the training images' own (NaN without images)."""

    code_accuracy: float
    pixel_accuracy: float
    median_error: float
    median_training_error: float


def generalisation(checkpoint: Checkpoint, images: Images, labels: Labels, encoded: Encoded) -> Generalisation:
    """Whether the latent space generalises: ``encoded`` are the codes of ``images`` (B, H, W, C) with ``labels``."""
    labelled = checkpoint.labels >= 0
    known = checkpoint.labels[labelled]
    neighbours, _ = nearest_images(checkpoint.codes[labelled], encoded.codes)
    pixels = np.nan
    if checkpoint.images is not None:
        true = checkpoint.images[labelled].flatten(1).float()
        near = torch.cdist(to_float(images).permute(0, 2, 3, 1).flatten(1) * 255, true)
        rows = near.topk(min(NEIGHBOURS, len(true)), dim=1, largest=False)[1]
        pixels = float((vote(rows, known) == labels).mean())
    training = _Search(checkpoint, 0).training_errors
    return Generalisation(
        float((vote(neighbours, known) == labels).mean()), pixels, float(encoded.errors.median()),
        float(np.median(training)) if training is not None else np.nan,
    )  # fmt: skip


class _Search:
    """A checkpoint's frozen generator and loss, and what its training images look like to them."""

    def __init__(self, checkpoint: Checkpoint, seed: int) -> None:
        self.config = checkpoint.config
        self.generator = checkpoint.build_generator().requires_grad_(False)
        self.loss = reconstruction_loss(checkpoint.config, checkpoint.image_shape[0])
        self.rng = torch.Generator().manual_seed(seed)
        n = len(checkpoint.codes)
        rows = torch.linspace(0, n - 1, min(n, COMPARED)).long()
        self.known = checkpoint.codes[rows]  # (n, d)
        pooled, errors = [], []
        for own in rows.split(BATCH):
            with torch.no_grad():
                made = self._generated(checkpoint.codes[own])
                pooled.append(F.adaptive_avg_pool2d(made, POOLED).flatten(1))
                if checkpoint.images is not None:
                    errors.append(self.loss(made, self.loss.targets(to_float(checkpoint.images[own].numpy()))))
        self.pooled = torch.cat(pooled)  # (n, C * POOLED²)
        self.training_errors: NDArray[np.float32] | None = np.sort(torch.cat(errors).numpy()) if errors else None

    def codes_of(self, x: Tensor, steps: int, tell: Progress) -> tuple[Tensor, Tensor, Tensor]:
        """Codes (B, d), errors (B,) and the trace (T, B, d) of images (B, C, H, W)."""
        count = len(x)
        distance = torch.cdist(F.adaptive_avg_pool2d(x, POOLED).flatten(1), self.pooled, p=1)
        near = self.known[distance.topk(min(NEAR, len(self.known)), dim=1, largest=False)[1]]  # (B, near, d)
        random = F.normalize(torch.randn(count, RANDOM, near.shape[-1], generator=self.rng), dim=-1)
        starts = torch.cat([near, random], dim=1)  # (B, S, d)
        targets = self.loss.targets(x)
        trace: list[Tensor] = []
        first = steps // 3
        z, errors = self._descend(starts, targets, first, steps, 0, trace, tell)
        best = errors.topk(min(KEPT, z.shape[1]), dim=1, largest=False)[1]
        z = z.gather(1, best[..., None].expand(-1, -1, z.shape[-1]))
        z, errors = self._descend(z, targets, steps - first, steps, first, trace, tell)
        error, which = errors.min(dim=1)
        return z[torch.arange(count), which], error, torch.stack(trace)

    def percentiles(self, errors: Tensor) -> Tensor:
        """(B,): the share of training images that the generator draws with a smaller error."""
        if self.training_errors is None:
            return torch.full_like(errors, torch.nan)
        below = np.searchsorted(self.training_errors, errors.numpy())
        return torch.from_numpy(below / len(self.training_errors)).float()

    def _descend(
        self, starts: Tensor, targets: list[Tensor], steps: int, total: int, done: int, trace: list[Tensor],
        tell: Progress,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """The best codes (B, S, d) of ``steps`` descents on the sphere, and their errors (B, S)."""
        count, several, _ = starts.shape
        repeated = [target.repeat_interleave(several, dim=0) for target in targets]
        z = starts.flatten(0, 1).clone().requires_grad_()
        optimiser = torch.optim.Adam([z], RATE)
        best, least = z.detach().clone(), torch.full((len(z),), torch.inf)
        for step in range(steps + 1):
            optimiser.param_groups[0]["lr"] = RATE * 0.5 * (1 + np.cos(np.pi * (done + step) / max(1, total)))
            errors = self.loss(self._generated(z), repeated)  # (B S,)
            with torch.no_grad():
                better = errors < least
                best[better], least[better] = z[better], errors[better]
                across = least.view(count, several).argmin(dim=1)
                trace.append(best.view(count, several, -1)[torch.arange(count), across].clone())
            if step == steps:
                break
            (z.grad,) = torch.autograd.grad(errors.sum(), [z])
            optimiser.step()
            with torch.no_grad():  # Algorithm 1: back onto the sphere
                z.copy_(F.normalize(z, dim=1))
            tell((done + step + 1) / total, trace[-1])
        return best.view(count, several, -1), least.view(count, several)

    def _generated(self, codes: Tensor) -> Tensor:
        made: Tensor = self.generator(codes, no_noise(self.config, len(codes), "cpu"))
        return made.float()
