"""Latent optimisation, Algorithm 1: codes, generator and weak classifier of one small sample."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.checkpoints.tensor_file import prefixed, unprefixed
from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.latent.codes import initial_codes
from glico.losses.classification import LOSSES
from glico.losses.laplacian import LaplacianLoss
from glico.losses.perceptual import PerceptualLoss, load_vgg
from glico.models.features import features_of, resnet_features
from glico.models.generators import build_generator, draw_noise
from glico.models.weak_classifier import build_weak_classifier
from glico.training.distributed import add_up, own, share_layers
from glico.training.machine import autocast, choose_device, choose_dtype
from glico.training.passes import Passes
from glico.training.protocol import Record
from glico.training.randomness import seeded_step
from glico.training.state import optimiser_state, restore_optimiser

BETAS = (0.5, 0.999)  # Adam's for codes and generator, the authors' code's
REPORTS = 200  # records over the whole run
TARGETS_LIMIT = 4 * 2**30  # bytes of target features that are kept; above, they are computed anew for each batch


class LatentOptimisation:
    """Algorithm 1 as a training: iterate over it to train; ``codes``, ``generator`` and ``classifier`` are the result.

    A pass over the labelled images is followed by one over the unlabelled ones (label -1), which are reconstructed
    and never classified. The optimisers live as long as the training, and one generator pass serves both losses.
    """

    def __init__(self, config: TrainConfig, sample: Sample, device: str | None = None) -> None:
        self.config = config
        self.device = choose_device(device or config.device)
        heavy = config.reconstruction == "perceptual" or config.weak_classifier != "weak-cnn"
        self.dtype = choose_dtype(config.precision, self.device, heavy=heavy)
        self.total_steps, self.step = config.steps, 0

        # The small sample lives on the device as tensors.
        pixels = torch.from_numpy(sample.images).to(self.device).permute(0, 3, 1, 2)
        self.images = pixels.float().div(255).contiguous(memory_format=torch.channels_last)  # (n, C, H, W)
        self.labels = torch.from_numpy(sample.labels).to(self.device)  # (n,)
        n, channels, resolution, _ = self.images.shape
        classes = len(sample.class_names)

        # Everything that is random at the start comes from the seed alone.
        features = self._features() if config.initialisation == "resnet" else None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            # Codes and generator first, so that GLO and GLICO of a seed start alike.
            codes = initial_codes(config.initialisation, sample.labels, config.dimension, classes, features)
            self.generator = build_generator(config, channels, resolution)
            self.classifier: nn.Module | None = None
            if config.objective == "glico":
                self.classifier = build_weak_classifier(config, channels, resolution, classes, self.images.cpu())
        self.random = torch.Generator(self.device).manual_seed(config.seed)
        self.codes = nn.Embedding.from_pretrained(codes, freeze=False, sparse=True).to(self.device)
        self.generator.to(self.device).to(memory_format=torch.channels_last)
        fused = self.device.type == "cuda" or None
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            "codes": torch.optim.SparseAdam(self.codes.parameters(), config.learning_rate_codes, BETAS),
            "generator": torch.optim.Adam(
                self.generator.parameters(), config.learning_rate_generator, BETAS, fused=fused
            ),
        }
        self.drops_out = False
        if self.classifier is not None:
            self.classifier.to(self.device).to(memory_format=torch.channels_last)
            rate = config.learning_rate_classifier
            self.optimisers["classifier"] = torch.optim.Adam(self.classifier.parameters(), rate, fused=fused)
            self.drops_out = any(isinstance(module, nn.Dropout) for module in self.classifier.modules())
        self.rates = {name: optimiser.param_groups[0]["lr"] for name, optimiser in self.optimisers.items()}

        self.loss: LaplacianLoss | PerceptualLoss = LaplacianLoss()
        if config.reconstruction == "perceptual":
            state = load_vgg(config.vgg_weights, config.download)
            weights = (config.layer_weights, config.pixel_weight)
            self.loss = PerceptualLoss(state, resolution, config.perceptual_layers, *weights)
            self.loss.to(self.device).to(memory_format=torch.channels_last)
        self.targets = self._targets_if_small()
        self.losses = torch.compile(self._losses) if config.compile else self._losses

        has_label = self.labels >= 0
        self.classes = F.one_hot(self.labels.clamp(min=0), classes).float()  # (n, K)
        self.labelled = Passes(has_label.nonzero()[:, 0], config.batch_size)
        self.unlabelled = Passes((~has_label).nonzero()[:, 0], config.batch_size)
        share_layers(self.generator, min(self.labelled.size, self.unlabelled.size or n))
        if self.classifier is not None:
            share_layers(self.classifier, self.labelled.size)
        self.snapshot_steps = snapshot_steps(config)
        self.snapshots = torch.zeros(len(self.snapshot_steps), n, config.dimension, dtype=torch.float16)
        self._keep_snapshot()

    def __iter__(self) -> Iterator[Record | None]:
        """Train to the end, one step an item; see :class:`glico.training.protocol.Training`."""
        report_every = max(1, self.total_steps // REPORTS)
        started = time.perf_counter()
        images = 0
        while self.step < self.total_steps:
            reported, images = self._is_reported(report_every), images + self._turn().size
            terms = self._advance()
            self.step += 1
            self._keep_snapshot()
            if not reported:
                yield None
                continue
            record = {"step": float(self.step)} | {name: float(value) for name, value in terms.items()}
            if not math.isfinite(record["loss"]):
                raise GlicoError(
                    f"The loss is no longer a number at step {self.step}: lower the learning rates or gamma."
                )
            seconds = time.perf_counter() - started
            record["images_per_second"] = images / seconds
            record["seconds"] = seconds
            yield record

    def _advance(self) -> dict[str, Tensor]:
        """One step of Algorithm 1."""
        self._set_rates()
        turn = self._turn()
        index = turn.next(self.random)  # (B,)
        scored = max(1, round(self.config.reconstruction_share * len(index)))  # the first, which are random ones
        classes = self.classes[index] if turn is self.labelled else None  # (B, K)

        # Algorithm 1: e ~ N(0, sigma I)
        noise = draw_noise(self.config, len(index), self.random)  # (B, m)
        with self._dropout_of_this_step(), autocast(self.device, self.dtype):
            targets = self._targets(own(index[:scored]))
            terms = self.losses(own(self.codes(index)), own(noise), own(classes), targets, len(index), scored)

        # Algorithm 1: update {z_i}, theta, phi using the gradient of L
        for optimiser in self.optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        values = torch.stack([term.detach() for term in terms.values()])
        add_up(self.optimisers.values(), values)
        for optimiser in self.optimisers.values():
            optimiser.step()

        # Algorithm 1: renormalise the codes
        with torch.no_grad():
            self.codes.weight[index] = F.normalize(self.codes.weight[index], dim=1)
        return dict(zip(terms, values, strict=True))

    def _losses(
        self,
        z: Tensor,
        noise: Tensor | None,
        classes: Tensor | None,
        targets: list[Tensor],
        images: int,
        scored: int,
    ) -> dict[str, Tensor]:
        """The terms of L for codes (B, d), noise (B, m), one-hot classes (B, K), and targets of the first images.

        Without classes they are unlabelled images. Terms are means over a batch of ``images``, of which the first
        ``scored`` have targets; of both, these rows are all or a process's share.
        """
        # Algorithm 1: G([z_i, e]), once for both losses
        generated = self.generator(z, noise)  # (B, C, H, W)

        # Algorithm 1: L_percep, Eq. (1)
        reconstruction = self.loss(generated[: len(targets[0])], targets).sum() / scored
        if self.classifier is None or classes is None:
            return {"loss": reconstruction, "reconstruction": reconstruction}

        # Algorithm 1: L = L_percep + gamma L_ce
        logits = self.classifier(generated if self.config.classifier_input == "image" else z).float()  # (B, K)
        judged = LOSSES[self.config.classifier_loss](logits, classes) * (len(z) / images)
        right = (logits.argmax(dim=1) == classes.argmax(dim=1)).sum() / images
        loss = reconstruction + self.config.gamma * judged
        name = self.config.classifier_loss.replace("-", "_")
        return {"loss": loss, "reconstruction": reconstruction, name: judged, "accuracy": right}

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.protocol.Training`."""
        state = {
            "step": torch.tensor(self.step),
            "bfloat16": torch.tensor(self.dtype == torch.bfloat16),
            "random": self.random.get_state(),
            "order": self.labelled.left,
            "order.unlabelled": self.unlabelled.left,
            "snapshots": self.snapshots,
            "codes": self.codes.weight.detach(),
            **prefixed("generator", self.generator.state_dict()),
            **(prefixed("classifier", self.classifier.state_dict()) if self.classifier is not None else {}),
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
        self.labelled.left = state["order"].to(self.device)
        self.unlabelled.left = state["order.unlabelled"].to(self.device)
        self.snapshots = state["snapshots"].cpu()
        self.codes.load_state_dict({"weight": state["codes"]})
        self.generator.load_state_dict(unprefixed("generator", state))
        if self.classifier is not None:
            self.classifier.load_state_dict(unprefixed("classifier", state))
        for name, optimiser in self.optimisers.items():
            restore_optimiser(optimiser, f"optimiser.{name}", state)

    def _turn(self) -> Passes:
        """Whose turn it is: all batches of a pass over the labelled images, then those of the unlabelled ones."""
        place = self.step % (len(self.labelled) + len(self.unlabelled))
        return self.labelled if place < len(self.labelled) else self.unlabelled

    def _is_reported(self, every: int) -> bool:
        """Whether the step to come is: the last one, and the first with labels once ``every`` steps are over."""
        done = self.step + 1
        if done == self.total_steps or self._turn() is self.unlabelled:
            return done == self.total_steps
        begins_pass = self.step % (len(self.labelled) + len(self.unlabelled)) == 0
        before = self.step - len(self.unlabelled) * begins_pass  # steps done when the last with labels was
        return done // every > max(0, before) // every

    def _dropout_of_this_step(self) -> AbstractContextManager[object]:
        """Dropout draws from torch's global generator: for the length of a step it is one that seed and step name."""
        return seeded_step(self.config.seed, self.step, self.device) if self.drops_out else nullcontext()

    def _features(self) -> Tensor:
        """What a pretrained ResNet sees in the images, (n, f)."""
        network = resnet_features(self.config.resnet_weights, self.config.download)
        return features_of(network.to(self.device), self.images, self.device)

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
