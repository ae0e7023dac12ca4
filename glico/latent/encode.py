"""Encode new images: find the code whose generated image is closest, with the generator frozen (GLO [4], section 3),
and report whether the generator can reproduce the image at all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.named import with_named_weights
from glico.checkpoints.relocation import relocated, source_of
from glico.data import load_configured
from glico.data.dataset import name_in_split
from glico.errors import GlicoError
from glico.latent.encoded import KEY, NEIGHBOURS, STEPS, Encoding, Generalisation, vote
from glico.latent.neighbours import nearest_known
from glico.losses.reconstruction import ReconstructionLoss, reconstruction_loss
from glico.models.generators import no_noise
from glico.pixels import to_float
from glico.rows import evenly_spaced
from glico.types import Codes, Images, Labels, Split

NEAR, RANDOM = 6, 2  # starts: the training images' codes whose images are nearest, and random codes
FINALISTS = 2  # starts that continue after the first third of the steps
RATE = 0.05  # Adam's, falling to zero along half a cosine
BATCH = 64  # codes that are optimised at once
COMPARED = 4000  # training images, evenly spaced, among which the search finds its starts
MEASURED = 500  # training images, evenly spaced, to whose errors a new image's error is compared
QUANTILES = 41  # of these errors, evenly spaced, from the smallest to the largest
POOLED = 16  # side at which images are compared for the starts
OUT_OF_RANGE, MIN_RESIDUAL = 4.0, 0.25  # see TrainingErrors.out_of_range

Progress = Callable[[float, Codes], None]
Report = Callable[[float, Tensor], None]


def encode(
    checkpoint: Checkpoint,
    images: Images,
    steps: int = STEPS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Encoding:
    """Find the codes of ``images`` (B, H, W, C) uint8, as :meth:`Encoder.encode` does."""
    return Encoder(checkpoint).encode(images, steps, seed, progress)


@dataclass(frozen=True)
class UnseenImages:
    """Images that a checkpoint has not seen: their names, ``images`` (m, H, W, C) uint8 and true ``labels`` (m,).

    They are ``rows`` (m,) of this ``split`` of the data set.
    """

    names: tuple[str, ...]
    split: Split
    rows: Labels
    images: Images
    labels: Labels


def unseen_images(checkpoint: Checkpoint, count: int, dataset: str | None = None) -> UnseenImages:
    """Return at most ``count`` images of the checkpoint's data set that it has not seen, spread over the classes.

    They are from the test split, or, without one, from the training images outside the sample. ``dataset`` is the
    data set's path if it has moved. Raises GlicoError if it is missing or is another one.
    """
    data = load_configured(source_of(checkpoint.config, checkpoint.image_shape, download=False, dataset=dataset))
    if data.class_names != checkpoint.class_names or data.image_shape != checkpoint.image_shape:
        raise GlicoError(
            f"{data.name} is no longer the data set of the checkpoint: its classes or its image size differ. Name the "
            "original data set."
        )
    split: Split = "test"
    images, labels = data.test_images, data.test_labels
    if not len(labels):
        split, images, labels = "train", data.train_images, data.train_labels
    seen = np.zeros(len(labels), dtype=bool)
    if split == "train" or checkpoint.config.unlabelled == "test":
        tested = (checkpoint.labels < 0).numpy() & (checkpoint.config.unlabelled == "test")
        rows = relocated(checkpoint, data).indices.numpy()
        seen[rows[tested if split == "test" else ~tested]] = True
    free = (~seen & (labels >= 0)).nonzero()[0]
    if not len(free):
        raise GlicoError(f"{data.name} has no image that the checkpoint has not seen.")
    order = free[np.random.RandomState(checkpoint.config.seed).permutation(len(free))]
    turn = np.zeros(len(order), dtype=np.int64)  # number of earlier images of its class
    for label in np.unique(labels[order]):
        own = labels[order] == label
        turn[own] = np.arange(own.sum())
    rows = order[np.argsort(turn, kind="stable")[:count]]
    names = tuple(name_in_split(split, row) for row in rows.tolist())
    return UnseenImages(names, split, rows, images[rows], labels[rows])


def generalisation(checkpoint: Checkpoint, images: Images, labels: Labels, encoded: Encoding) -> Generalisation:
    """Measure how well the latent space generalises to ``images`` (B, H, W, C) with ``labels`` and their encoding."""
    labelled = checkpoint.labels >= 0
    known = checkpoint.labels[labelled].numpy()
    neighbours, _ = nearest_known(checkpoint.codes[labelled].numpy(), encoded.codes, NEIGHBOURS)
    pixels = np.nan
    if checkpoint.images is not None:
        true = checkpoint.images[labelled].flatten(1).float()
        near = torch.cdist(to_float(images).permute(0, 2, 3, 1).flatten(1) * 255, true)
        rows = near.topk(min(NEIGHBOURS, len(true)), dim=1, largest=False)[1].numpy()
        pixels = float((vote(rows, known) == labels).mean())
    training = training_errors(checkpoint)
    return Generalisation(
        float((vote(neighbours, known) == labels).mean()),
        pixels,
        float(np.median(encoded.errors)),
        float(training.median) if training is not None else np.nan,
    )


@dataclass(frozen=True)
class TrainingErrors:
    """Evenly spaced quantiles (q,) of the ``errors`` and ``residuals`` of a generator's training images.

    Both are as in :class:`Encoding`.
    """

    errors: NDArray[np.float64]
    residuals: NDArray[np.float64]

    @property
    def median(self) -> float:
        """The median of the errors."""
        return float(np.quantile(self.errors, 0.5))

    def percentiles(self, errors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the shares (B,) of training images with a smaller error than each of ``errors``, by interpolation."""
        shares: NDArray[np.float64] = np.interp(errors, self.errors, np.linspace(0, 1, len(self.errors)))
        return shares

    def out_of_range(self, residuals: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return whether each residual (B,) is too large for an image that the generator can reproduce.

        It is if it exceeds MIN_RESIDUAL, and OUT_OF_RANGE times the 95th percentile of the training images' residuals.
        Measured: this limit separates foreign images from unseen ones of the trained kind. A larger error than the
        training images' own does not, since nearly all unseen images have one.
        """
        limit = max(MIN_RESIDUAL, OUT_OF_RANGE * float(np.quantile(self.residuals, 0.95)))
        return np.asarray(residuals > limit)


STORED = {"errors": "errors", "residuals": "unexplained"}  # field -> its name there


def training_errors(checkpoint: Checkpoint) -> TrainingErrors | None:
    """Return the errors stored in the checkpoint, else measured on its images; None if it has neither."""
    stored = checkpoint.summary.get(KEY)
    if isinstance(stored, dict):
        values = [np.array(stored.get(name), dtype=object) for name in STORED.values()]
        if all(
            each.ndim == 1 and 2 <= len(each) <= 1000 and all(type(x) in (int, float) for x in each) for each in values
        ):
            quantiles = [np.sort(each.astype(np.float64)) for each in values]
            if all(np.isfinite(each).all() for each in quantiles):
                return TrainingErrors(*quantiles)
    return None if checkpoint.images is None else measured_errors(checkpoint, checkpoint.images.cpu().numpy())


def measured_errors(checkpoint: Checkpoint, images: Images) -> TrainingErrors:
    """Measure the errors of MEASURED of the checkpoint's training ``images`` (n, H, W, C) uint8."""
    decode = checkpoint.decoder()
    loss = reconstruction_loss(with_named_weights(checkpoint.config), checkpoint.image_shape[0])
    rows = torch.from_numpy(evenly_spaced(len(images), MEASURED))
    errors, shares = [], []
    for own in rows.split(BATCH):
        x = to_float(images[own.numpy()])
        targets = loss.targets(x)
        with torch.no_grad():
            errors.append(loss(decode(checkpoint.codes[own].detach().cpu()), targets))
            shares.append(errors[-1] / _plain_errors(loss, x, targets))
    at = np.linspace(0, 1, QUANTILES)
    return TrainingErrors(*(np.quantile(torch.cat(each).double().numpy(), at) for each in (errors, shares)))


def summary_entry(errors: TrainingErrors) -> dict[str, dict[str, list[float]]]:
    """Return the entry of a checkpoint's summary that :func:`training_errors` reads."""
    return {KEY: {name: [round(x, 6) for x in getattr(errors, field).tolist()] for field, name in STORED.items()}}


def _plain_errors(loss: ReconstructionLoss, x: Tensor, targets: list[Tensor]) -> Tensor:
    """Return the errors (B,) of images of one colour each, the means of ``x`` (B, C, H, W)."""
    return loss(x.mean(dim=(2, 3), keepdim=True).expand_as(x), targets).clamp_min(1e-6)


class Encoder:
    """The parts of a search that do not depend on the images: a checkpoint's frozen generator, its loss, and its
    training images' codes."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.config = checkpoint.config
        self.generator = checkpoint.build_generator().requires_grad_(False)
        self.loss = reconstruction_loss(with_named_weights(checkpoint.config), checkpoint.image_shape[0])
        self.known = checkpoint.codes[evenly_spaced(len(checkpoint.codes), COMPARED)]  # (n, d)
        with torch.no_grad():
            pooled = [F.adaptive_avg_pool2d(self._generated(z), POOLED).flatten(1) for z in self.known.split(BATCH)]
        self.pooled = torch.cat(pooled)  # (n, C * POOLED²)
        self.training = training_errors(checkpoint)

    def encode(self, images: Images, steps: int = STEPS, seed: int = 0, progress: Progress | None = None) -> Encoding:
        """Find the codes of ``images`` (B, H, W, C) uint8, prepared as the training images were.

        The search minimises the checkpoint's own reconstruction loss over the unit sphere, with the generator frozen
        and its noise zero. It has NEAR + RANDOM starts per image, of which the best FINALISTS continue. ``progress``
        receives the finished share and the best codes so far, (b, d), of the b images of the current batch. Equal seeds
        give equal results. Raises GlicoError if the images have another shape than the checkpoint's.
        """
        checkpoint = self.checkpoint
        if images.ndim != 4 or images.shape[1:] != checkpoint.image_shape or len(images) == 0:
            needed = " x ".join(map(str, checkpoint.image_shape))
            raise GlicoError(f"This checkpoint needs one or more {needed} images.")
        rng = torch.Generator().manual_seed(seed)
        parts = []
        size = max(1, BATCH // (NEAR + RANDOM))
        for start in range(0, len(images), size):

            def report(share: float, best: Tensor, start: int = start) -> None:
                if progress is not None:
                    progress(min(1.0, (start + size * share) / len(images)), best.numpy())

            parts.append(self._search(to_float(images[start : start + size]), steps, rng, report))
        codes, errors, residuals = (torch.cat(part_values) for part_values in list(zip(*parts, strict=True))[:3])
        trace = torch.cat([part[3] for part in parts], dim=1)
        generated = checkpoint.decoder()(codes)
        probabilities = checkpoint.probabilities(generated, codes)
        neighbours, angles = nearest_known(checkpoint.codes.numpy(), codes.numpy(), NEIGHBOURS)
        percentiles, out_of_range = np.full(len(errors), np.nan), np.zeros(len(errors), bool)
        if self.training is not None:
            percentiles = self.training.percentiles(errors.numpy())
            out_of_range = self.training.out_of_range(residuals.numpy())
        return Encoding(
            codes.numpy(),
            generated.numpy(),
            errors.numpy(),
            residuals.numpy(),
            percentiles.astype(np.float32),
            out_of_range,
            neighbours,
            angles,
            None if probabilities is None else probabilities.numpy(),
            trace.numpy(),
        )

    def _search(
        self, x: Tensor, steps: int, rng: torch.Generator, report: Report
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the codes (B, d), errors and residuals (B,), and the trace (T, B, d) of images (B, C, H, W)."""
        count = len(x)
        distance = torch.cdist(F.adaptive_avg_pool2d(x, POOLED).flatten(1), self.pooled, p=1)
        near = self.known[distance.topk(min(NEAR, len(self.known)), dim=1, largest=False)[1]]  # (B, near, d)
        random = F.normalize(torch.randn(count, RANDOM, near.shape[-1], generator=rng), dim=-1)
        starts = torch.cat([near, random], dim=1)  # (B, S, d)
        targets = self.loss.targets(x)
        trace: list[Tensor] = []
        first = steps // 3
        z, errors = self._descend(starts, targets, first, steps, 0, trace, report)
        best = errors.topk(min(FINALISTS, z.shape[1]), dim=1, largest=False)[1]
        z = z.gather(1, best[..., None].expand(-1, -1, z.shape[-1]))
        z, errors = self._descend(z, targets, steps - first, steps, first, trace, report)
        error, which = errors.min(dim=1)
        with torch.no_grad():
            residuals = error / _plain_errors(self.loss, x, targets)
        return z[torch.arange(count), which], error, residuals, torch.stack(trace)

    def _descend(
        self,
        starts: Tensor,
        targets: list[Tensor],
        steps: int,
        total: int,
        done: int,
        trace: list[Tensor],
        report: Report,
    ) -> tuple[Tensor, Tensor]:
        """Return the best codes (B, S, d) of ``steps`` descents on the sphere, and their errors (B, S)."""
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
            report((done + step + 1) / total, trace[-1])
        return best.view(count, several, -1), least.view(count, several)

    def _generated(self, codes: Tensor) -> Tensor:
        images: Tensor = self.generator(codes, no_noise(self.config, len(codes), "cpu"))
        return images.float()
