"""Latent optimisation, Algorithm 1: codes, generator and weak classifier of one small sample."""

import math
import time
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.latent.codes import initial_codes
from glico.losses.laplacian import LaplacianLoss
from glico.losses.perceptual import PerceptualLoss, load_vgg
from glico.models.generators import build_generator, draw_noise
from glico.models.weak_classifier import code_classifier, image_classifier
from glico.training.machine import autocast, choose_device, choose_dtype
from glico.training.protocol import Record
from glico.training.state import below, optimiser_state, part, restore_optimiser

BETAS = (0.5, 0.999)  # Adam's for codes and generator, the authors' code's
REPORTS = 200  # records over the whole run
TARGETS_LIMIT = 4 * 2**30  # bytes of target features that are kept; above, they are computed anew for each batch


class LatentOptimisation:
    """Algorithm 1 as a training: iterate over it to train; ``codes``, ``generator`` and ``classifier`` are the result.

    Labelled and unlabelled images share the batches; an unlabelled one (label -1) adds its reconstruction alone.
    The optimisers live as long as the training, and one generator pass serves both losses.
    """

    def __init__(self, config: TrainConfig, sample: Sample, device: str | None = None) -> None:
        self.config = config
        self.device = choose_device(device or config.device)
        self.dtype = choose_dtype(config.precision, self.device, heavy=config.reconstruction == "perceptual")
        self.total_steps, self.step = config.steps, 0

        # The small sample lives on the device as tensors.
        pixels = torch.from_numpy(sample.images).to(self.device).permute(0, 3, 1, 2)
        self.images = pixels.float().div(255).contiguous(memory_format=torch.channels_last)  # (n, C, H, W)
        self.labels = torch.from_numpy(sample.labels).to(self.device)  # (n,)
        n, channels, resolution, _ = self.images.shape
        classes = len(sample.class_names)

        # Everything that is random at the start comes from the seed alone.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            # Codes and generator first, so that GLO and GLICO of a seed start alike.
            codes = initial_codes(config.initialisation, sample.labels, config.dimension, classes)
            self.generator = build_generator(config, channels, resolution)
            self.classifier: nn.Module | None = None
            if config.objective == "glico" and config.classifier_input == "image":
                self.classifier = image_classifier(channels, resolution, classes)
            elif config.objective == "glico":
                self.classifier = code_classifier(config.dimension, classes)
        self.random = torch.Generator(self.device).manual_seed(config.seed)
        self.codes = nn.Embedding.from_pretrained(codes, freeze=False, sparse=True).to(self.device)
        self.generator.to(self.device).to(memory_format=torch.channels_last)
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            "codes": torch.optim.SparseAdam(self.codes.parameters(), config.learning_rate_codes, BETAS),
            "generator": torch.optim.Adam(self.generator.parameters(), config.learning_rate_generator, BETAS),
        }
        if self.classifier is not None:
            self.classifier.to(self.device).to(memory_format=torch.channels_last)
            rate = config.learning_rate_classifier
            self.optimisers["classifier"] = torch.optim.Adam(self.classifier.parameters(), rate)
        self.rates = {name: optimiser.param_groups[0]["lr"] for name, optimiser in self.optimisers.items()}

        self.loss: LaplacianLoss | PerceptualLoss = LaplacianLoss()
        if config.reconstruction == "perceptual":
            state = load_vgg(config.vgg_weights, config.download)
            weights = (config.layer_weights, config.pixel_weight)
            self.loss = PerceptualLoss(state, resolution, config.perceptual_layers, *weights)
            self.loss.to(self.device).to(memory_format=torch.channels_last)
        self.targets = self._targets_if_small()
        self.losses = torch.compile(self._losses) if config.compile else self._losses

        self.batch_size = min(config.batch_size, n)
        self.scored = max(
            1, round(config.reconstruction_share * self.batch_size)
        )  # the first of a batch, in random order
        self.order = torch.empty(0, dtype=torch.int64, device=self.device)  # what is left of the epoch
        self.snapshot_steps = snapshot_steps(config)
        self.snapshots = torch.zeros(len(self.snapshot_steps), n, config.dimension, dtype=torch.float16)
        self._keep_snapshot()

    def __iter__(self) -> Iterator[Record | None]:
        """Train to the end, one step an item; see :class:`glico.training.protocol.Training`."""
        report_every = max(1, self.total_steps // REPORTS)
        started, first = time.perf_counter(), self.step
        while self.step < self.total_steps:
            terms = self._advance()
            self.step += 1
            self._keep_snapshot()
            if self.step % report_every and self.step != self.total_steps:
                yield None
                continue
            record = {"step": float(self.step)} | {name: float(value) for name, value in terms.items()}
            if not math.isfinite(record["loss"]):
                raise GlicoError(
                    f"The loss is no longer a number at step {self.step}: lower the learning rates or gamma."
                )
            seconds = time.perf_counter() - started
            record["images_per_second"] = (self.step - first) * self.batch_size / seconds
            record["seconds"] = seconds
            yield record

    def _advance(self) -> dict[str, Tensor]:
        """One step of Algorithm 1."""
        self._set_rates()
        index = self._next_batch()  # (B,)

        # Algorithm 1: e ~ N(0, sigma I)
        noise = draw_noise(self.config, len(index), self.random)  # (B, m)
        with autocast(self.device, self.dtype):
            terms = self.losses(self.codes(index), noise, self.labels[index], self._targets(index[: self.scored]))

        # Algorithm 1: update {z_i}, theta, phi using the gradient of L
        for optimiser in self.optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        for optimiser in self.optimisers.values():
            optimiser.step()

        # Algorithm 1: renormalise the codes
        with torch.no_grad():
            self.codes.weight[index] = F.normalize(self.codes.weight[index], dim=1)
        return {name: term.detach() for name, term in terms.items()}

    def _losses(self, z: Tensor, noise: Tensor | None, labels: Tensor, targets: list[Tensor]) -> dict[str, Tensor]:
        """The terms of L for codes (B, d), noise (B, m), labels (B,) and the targets' rows."""
        # Algorithm 1: G([z_i, e]), once for both losses
        generated = self.generator(z, noise)  # (B, C, H, W)

        # Algorithm 1: L_percep, Eq. (1)
        reconstruction = self.loss(generated[: self.scored], targets).mean()
        if self.classifier is None:
            return {"loss": reconstruction, "reconstruction": reconstruction}

        # Algorithm 1: L = L_percep + gamma L_ce, for images with a label
        logits = self.classifier(generated if self.config.classifier_input == "image" else z).float()
        entropy = F.cross_entropy(logits, labels, ignore_index=-1, reduction="sum") / len(labels)
        right = (logits.argmax(dim=1) == labels).sum() / (labels >= 0).sum().clamp(min=1)
        loss = reconstruction + self.config.gamma * entropy
        return {"loss": loss, "reconstruction": reconstruction, "cross_entropy": entropy, "accuracy": right}

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.protocol.Training`."""
        state = {
            "step": torch.tensor(self.step),
            "bfloat16": torch.tensor(self.dtype == torch.bfloat16),
            "random": self.random.get_state(),
            "order": self.order,
            "snapshots": self.snapshots,
            "codes": self.codes.weight.detach(),
            **below("generator", self.generator.state_dict()),
            **(below("classifier", self.classifier.state_dict()) if self.classifier is not None else {}),
        }
        for name, optimiser in self.optimisers.items():
            state |= optimiser_state(optimiser, f"optimiser.{name}")
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.protocol.Training`."""
        self.step = int(state["step"])
        dtype = torch.bfloat16 if state["bfloat16"] else torch.float32
        if dtype != self.dtype:  # what "auto" found then, not what it finds now
            self.dtype, self.targets = dtype, None
            self.targets = self._targets_if_small()
        self.random.set_state(state["random"].cpu())
        self.order = state["order"].to(self.device)
        self.snapshots = state["snapshots"].cpu()
        self.codes.load_state_dict({"weight": state["codes"]})
        self.generator.load_state_dict(part(state, "generator"))
        if self.classifier is not None:
            self.classifier.load_state_dict(part(state, "classifier"))
        for name, optimiser in self.optimisers.items():
            restore_optimiser(optimiser, f"optimiser.{name}", state)

    def _next_batch(self) -> Tensor:
        """The next images of the epoch, (B,): every image once an epoch, in a new order each time."""
        if len(self.order) < self.batch_size:
            again = torch.randperm(len(self.images), generator=self.random, device=self.device)
            self.order = torch.cat([self.order, again])
        index, self.order = self.order[: self.batch_size], self.order[self.batch_size :]
        return index

    def _set_rates(self) -> None:
        """Half a cosine from the configured rates down to zero, so that the codes come to rest."""
        factor = 0.5 * (1 + math.cos(math.pi * self.step / self.total_steps))
        for name, optimiser in self.optimisers.items():
            optimiser.param_groups[0]["lr"] = self.rates[name] * factor

    def _targets_if_small(self) -> list[Tensor] | None:
        """The loss's features of all true images, computed once, where they fit."""
        with autocast(self.device, self.dtype):
            one = self.loss.targets(self.images[:1])
            if sum(map.nbytes for map in one) * len(self.images) > TARGETS_LIMIT:
                return None
            chunks = [self.loss.targets(images) for images in self.images.split(128)]
        return [torch.cat(maps) for maps in zip(*chunks, strict=True)]

    def _targets(self, index: Tensor) -> list[Tensor]:
        if self.targets is None:
            return self.loss.targets(self.images[index])
        return [map[index] for map in self.targets]

    def _keep_snapshot(self) -> None:
        for place in (self.snapshot_steps == self.step).nonzero():
            self.snapshots[place] = self.codes.weight.detach().half().cpu()


def snapshot_steps(config: TrainConfig) -> Tensor:
    """When the codes are kept, (s,) int64: densest at the start, where they move most; the first is step 0."""
    if config.snapshots == 0:
        return torch.empty(0, dtype=torch.int64)
    spread = torch.linspace(0, 1, config.snapshots, dtype=torch.float64) ** 2
    return (spread * config.steps).round().long()
