"""Latent optimisation, Algorithm 1: codes, generator and weak classifier of one small sample."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.latent.collapse import variations
from glico.latent.pairs import Pair, Pairs
from glico.latent.paths import slerp
from glico.losses.classification import LOSSES
from glico.losses.neighbourhood import neighbourhood_loss
from glico.losses.reconstruction import reconstruction_loss
from glico.machine import autocast
from glico.models.generators import MovingGenerator, draw_noise, no_noise
from glico.training.between import BetweenLoss, FoolCritic, NearestEnd, OwnClass
from glico.training.distributed import add_up, own, share_layers, size, summed
from glico.training.latent_networks import LatentNetworks
from glico.training.loop import REPORTS, Record, Training, optimiser_state, restore_optimiser
from glico.training.moves import moves_of
from glico.training.turns import Turns

HALVED = 70 / 202  # of the run: the authors' code halves its rates every 70 of 202 epochs
UNBALANCED = 0.5  # gamma of a classifier that sees codes, if none is configured (the authors' code)
GAMMA_LIMIT = 1000.0  # of the balanced gamma: a vanishing gradient of the classifier is not scaled up any further
LOOKS = 20  # times that a training checks whether a class has collapsed
LOOKED_AT = 100  # images, at most
TARGETS_LIMIT = 4 * 2**30  # bytes of target features that are kept; above, each batch computes its own


class LatentOptimisation(Training):
    """Algorithm 1 as a training: iterate over it to train; ``codes``, ``generator`` and ``classifier`` are the result.

    A pass over the labelled images is followed by one over the unlabelled ones (label -1), which are reconstructed
    and never classified. The optimisers live as long as the training, and one generator pass serves both losses.
    """

    remedy = "lower the learning rates or gamma"

    def __init__(self, config: TrainConfig, sample: Sample, device: str | None = None) -> None:
        super().__init__(config, device)
        self.config = config
        self._load(sample)
        self.moves = moves_of(sample).to(self.device) if config.generator == "moving" else None  # (n, 2, KNOTS, KNOTS)
        self.networks = self.build_networks(sample)
        self.codes, self.generator = self.networks.codes, self.networks.generator
        self.classifier, self.drops_out = self.networks.classifier, self.networks.drops_out
        self.optimisers = self.networks.optimisers(config)
        self.rates = {name: optimiser.param_groups[0]["lr"] for name, optimiser in self.optimisers.items()}
        self._build_losses()
        self._build_samplers()
        self.variations: list[float | None] = []  # of each class, when last measured
        self.snapshot_steps = snapshot_steps(config.snapshots, self.total_steps)
        self.snapshots = torch.zeros(len(self.snapshot_steps), *self.codes.weight.shape, dtype=torch.float16)
        self._keep_snapshot(0)

    def _load(self, sample: Sample) -> None:
        """Put the small sample on the device, as tensors."""
        self.sample_images = sample.images
        pixels = torch.from_numpy(sample.images).to(self.device).permute(0, 3, 1, 2)
        self.images = pixels.float().div(255).contiguous(memory_format=torch.channels_last)  # (n, C, H, W)
        self.labels = torch.from_numpy(sample.labels).to(self.device)  # (n,)
        self.classes = F.one_hot(self.labels.clamp(min=0), len(sample.class_names)).float()  # (n, K)

    def build_networks(self, sample: Sample) -> LatentNetworks:
        """Return new codes and networks on the device; a study overrides this to change them."""
        return LatentNetworks.build(self.config, sample, self.images)

    def _build_losses(self) -> None:
        """Build the terms of L and their inputs, without random numbers."""
        config = self.config
        self.gamma = 1.0 if config.balanced else UNBALANCED if config.gamma is None else config.gamma
        self.reconstruction = reconstruction_loss(config, self.images.shape[2])
        if isinstance(self.reconstruction, nn.Module):
            self.reconstruction.to(self.device).to(memory_format=torch.channels_last)
        self.targets = self._targets_if_small()
        self.generate = torch.compile(self.generator) if config.compile else self.generator
        self.compute_terms = torch.compile(self._terms) if config.compile else self._terms
        self.between = self._between_loss() if config.trains_between else None

    def _between_loss(self) -> BetweenLoss:
        """Return the configured loss of images between two codes."""
        if self.config.between == "nearest":
            return NearestEnd(self.reconstruction, self._targets)
        if self.networks.critic is not None:
            return FoolCritic(self.networks.critic)
        assert self.classifier is not None
        return OwnClass(self.classifier, LOSSES[self.config.classifier_loss], self.classes)

    def _build_samplers(self) -> None:
        """Build the samplers of batches and pairs, which use ``rng`` while training, and set the length of the
        training."""
        self.rng = torch.Generator(self.device).manual_seed(self.config.seed)
        self.pairs = Pairs(self.labels, (), lonely="skip") if self.config.trains_between else None
        self.turns = Turns(self.labels, self.config.batch_size)
        labelled, unlabelled = self.turns.labelled.size, self.turns.unlabelled.size
        share_layers(self.generator, min(labelled, unlabelled or len(self.images)))
        if self.classifier is not None:
            share_layers(self.classifier, labelled)
        if self.config.unlabelled_steps == "extra":
            self.total_steps = self.turns.with_unlabelled(self.config.steps)

    @property
    def images_per_step(self) -> int:
        """As many as the batch, or as there are."""
        return self.turns.labelled.size

    def advance(self) -> int:
        """Take one step of Algorithm 1."""
        images = self.turns.at(self.step).size
        self.terms = self._advance()
        self._keep_snapshot(self.step + 1)
        if self.step + 1 == self.total_steps:
            self._settle_field()
        return images

    def report(self) -> Record:
        """Return the terms of the step's loss."""
        return {name: float(value) for name, value in self.terms.items()}

    def evaluate(self) -> Record:
        """Return, LOOKS times in a run, how much of the variation within classes the reconstructions keep."""
        before = max(0, self.step - max(1, self.total_steps // REPORTS))  # the step of the last report
        if self.step * LOOKS // self.total_steps == before * LOOKS // self.total_steps:
            return {}
        codes, labels = self.codes.weight.detach(), self.labels.cpu()
        self.variations = variations(
            self.reconstruct, codes, labels, self.sample_images, self.classes.shape[1], LOOKED_AT
        )
        known = [share for share in self.variations if share is not None]
        return {"variation": sum(known) / len(known)} if known else {}

    @torch.no_grad()
    def reconstruct(self, z: Tensor) -> Tensor:
        """Return images (B, C, H, W) float32, on the CPU, of codes (B, d) without noise."""
        self._settle_field()
        self.generator.eval()
        images = self.generator(z, no_noise(self.config, len(z), self.device)).float().cpu()
        self.generator.train()
        return images

    def _advance(self) -> dict[str, Tensor]:
        """Take one step of Algorithm 1. Return the terms of its loss."""
        self._set_rates()
        turn = self.turns.at(self.step)
        index = turn.next(self.rng)  # (B,)
        scored = max(1, round(self.config.reconstruction_share * len(index)))  # the first, which are random ones
        classes = self.classes[index] if turn is self.turns.labelled else None  # (B, K)

        # Algorithm 1: e ~ N(0, sigma I), and G([z_i, e]), once for both losses. The codes and the image as each loss
        # sees it are leaves, so that the gradient of each loss is known separately.
        noise = own(draw_noise(self.config, len(index), self.rng))  # (B, m)
        codes = own(self.codes(index))  # (B, d)
        z = _leaf(codes)
        points, pairs = z, None
        if self.pairs is not None and classes is not None:
            pairs = self._pairs(self.pairs, index)  # (B',)
        if pairs is not None:
            ends = self.codes.weight.detach()
            points = torch.cat([z, own(slerp(ends[pairs.i], ends[pairs.j], pairs.t))])  # which moves no code
            further = own(draw_noise(self.config, len(pairs.t), self.rng))
            noise = None if noise is None or further is None else torch.cat([noise, further])
        with self.dropout_of_this_step(), autocast(self.device, self.dtype):
            targets = self._targets(own(index[:scored]))
            generated = self._generate(points, noise, own(index), pairs)  # (B + B', C, H, W)
            rebuilt, classifier_images = _leaf(generated[: len(z)]), _leaf(generated[: len(z)])
            terms = self.compute_terms(rebuilt, classifier_images, z, own(classes), targets, len(index), scored)

        # Algorithm 1: update {z_i}, theta, phi using the gradient of L
        for optimiser in self.optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        if self.config.balanced and classes is not None:
            terms |= self._balance(rebuilt, classifier_images, z, own(index), len(index), terms)
        gradient = _gradient(rebuilt) if classifier_images.grad is None else _gradient(rebuilt) + classifier_images.grad
        if pairs is not None:
            between = _leaf(generated[len(z) :])
            terms["between"] = self._learn_between(between, pairs, rebuilt)
            gradient = torch.cat([gradient, _gradient(between)])
        generated.backward(gradient)
        codes.backward(z.grad)
        values = torch.stack([term.detach() for term in terms.values()])
        add_up(self.optimisers.values(), values)
        for optimiser in self.optimisers.values():
            optimiser.step()

        # Algorithm 1: renormalise the codes
        with torch.no_grad():
            self.codes.weight[index] = F.normalize(self.codes.weight[index], dim=1)
        return dict(zip(terms, values, strict=True))

    def _generate(self, points: Tensor, noise: Tensor | None, rows: Tensor, pairs: Pair | None) -> Tensor:
        """Generate images of the codes of ``rows``, and of those between ``pairs``: this process's share of a batch."""
        if self.moves is None:
            return self.generate(points, noise)
        knots = self.moves[rows]
        if pairs is not None:
            t = own(pairs.t)[:, None, None, None]
            knots = torch.cat([knots, (1 - t) * self.moves[own(pairs.i)] + t * self.moves[own(pairs.j)]])
        return self.generate(points, noise, knots)

    def _settle_field(self) -> None:
        """Let a generator that moves know the fields of the codes as they are now."""
        if isinstance(self.generator, MovingGenerator) and self.moves is not None:
            self.generator.field.fit(self.codes.weight.detach(), self.moves)

    def _terms(
        self,
        rebuilt: Tensor,
        classifier_images: Tensor,
        z: Tensor,
        classes: Tensor | None,
        targets: list[Tensor],
        images: int,
        scored: int,
    ) -> dict[str, Tensor]:
        """Return the terms of L for generated images (B, C, H, W), given twice, and codes (B, d).

        The first images have one-hot classes (B, K) and targets.

        Without classes they are unlabelled images. Terms are means over a batch of ``images``, of which the first
        ``scored`` have targets; these rows are all of both, or a process's share. The balanced gamma counts as 1.
        """
        # Algorithm 1: L_percep, Eq. (1)
        reconstruction = self.reconstruction(rebuilt[: len(targets[0])], targets).sum() / scored
        if self.classifier is None or classes is None:
            return {"loss": reconstruction, "reconstruction": reconstruction}

        # Algorithm 1: L = L_percep + gamma L_ce
        logits = self.classifier(classifier_images if self.config.classifier_input == "image" else z).float()  # (B, K)
        entropy = LOSSES[self.config.classifier_loss](logits, classes) * (len(z) / images)
        right = (logits.argmax(dim=1) == classes.argmax(dim=1)).sum() / images
        loss = reconstruction + self.gamma * entropy
        name = self.config.classifier_loss.replace("-", "_")
        return {"loss": loss, "reconstruction": reconstruction, name: entropy, "accuracy": right}

    def _balance(
        self, rebuilt: Tensor, classifier_images: Tensor, z: Tensor, rows: Tensor, images: int, terms: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Return the balanced gamma of this step, which scales the gradient of its images, and the pull on the codes.

        A constant gamma collapses the classes if it outweighs the reconstruction, whose weight relative to the
        cross-entropy depends on the images and on the progress of the training. A ratio of their gradients does not.
        """
        mine = [*(_gradient(x).float().square().sum() for x in (rebuilt, classifier_images)), terms["reconstruction"]]
        rebuilding, entropy, reconstruction = summed(torch.stack(mine).detach())
        gamma = (self.config.balance * (rebuilding / entropy.clamp(min=1e-30)).sqrt()).clamp(max=GAMMA_LIMIT)
        classifier_images.grad *= gamma

        pull = neighbourhood_loss(z, rows, self.codes.weight.detach(), self.labels) * (len(z) / images)
        weighed = self.config.pull * reconstruction * pull
        weighed.backward()
        loss = terms["reconstruction"] + gamma * (terms["loss"] - terms["reconstruction"]) + weighed
        return {"loss": loss, "pull": pull, "gamma": gamma / size()}

    def _pairs(self, pairs: Pairs, index: Tensor) -> Pair | None:
        """Return a partner and a t in [0, 1) for those of the rows ``index`` (B,) that are not alone in their class."""
        rows = index.cpu()
        rows = rows[pairs.drawable[rows]]
        if not len(rows):
            return None
        partners = pairs.partners(rows, self.rng)
        t = torch.rand(len(rows), generator=self.rng, device=self.device)
        return Pair(rows.to(self.device), partners.to(self.device), t)

    def _learn_between(self, images: Tensor, pairs: Pair, rebuilt: Tensor) -> Tensor:
        """Return the term of ``images`` (B', C, H, W) between two codes, this process's share of those at ``pairs``.

        Its gradient at them is scaled to ``between_weight`` times that of the reconstruction at ``rebuilt``, which is
        known already.
        """
        assert self.between is not None
        with self.dropout_of_this_step(), autocast(self.device, self.dtype):
            term = self.between(images, pairs, rebuilt) / len(pairs.t)
        term.backward()
        squares = torch.stack([_gradient(x).float().square().sum() for x in (images, rebuilt)])
        between, reconstruction = summed(squares)
        images.grad *= self.config.between_weight * (reconstruction / between.clamp(min=1e-30)).sqrt()
        return term

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.loop.Training`."""
        state = super().state() | self.turns.state() | self.networks.state() | {"snapshots": self.snapshots}
        for name, optimiser in self.optimisers.items():
            state |= optimiser_state(optimiser, f"optimiser.{name}")
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.loop.Training`."""
        dtype = self.dtype
        super().restore(state)
        if self.dtype != dtype:
            self.targets = None  # freed before they are recomputed: both at once would double the memory
            self.targets = self._targets_if_small()
        self.turns.restore(state, self.device)
        self.networks.restore(state)
        self.snapshots = state["snapshots"].cpu()
        for name, optimiser in self.optimisers.items():
            restore_optimiser(optimiser, f"optimiser.{name}", state)

    def is_reported(self, every: int) -> bool:
        """Return whether the next step is reported: the last one, and the first with labels after ``every`` steps."""
        return self.step + 1 == self.total_steps or self.turns.is_reported(self.step, every)

    def _set_rates(self) -> None:
        """Set the rates of this step: by default half a cosine from the configured rates to zero, so that the codes
        come to rest."""
        done = self.step / self.total_steps
        factor = 0.5 * (1 + math.cos(math.pi * done)) if self.config.schedule == "cosine" else 0.5 ** (done // HALVED)
        for name, optimiser in self.optimisers.items():
            optimiser.param_groups[0]["lr"] = self.rates[name] * factor

    def _targets_if_small(self) -> list[Tensor] | None:
        """Return the loss's features of all images, computed once, or None if they do not fit into memory."""
        with autocast(self.device, self.dtype):
            one = self.reconstruction.targets(self.images[:1])
            if sum(map.nbytes for map in one) * len(self.images) > TARGETS_LIMIT:
                return None
            chunks = [self.reconstruction.targets(images) for images in self.images.split(128)]
        return [torch.cat(maps) for maps in zip(*chunks, strict=True)]

    def _targets(self, index: Tensor) -> list[Tensor]:
        if self.targets is None:
            return self.reconstruction.targets(self.images[index])
        return [map[index] for map in self.targets]

    def _keep_snapshot(self, step: int) -> None:
        for snapshot in (self.snapshot_steps == step).nonzero():
            self.snapshots[snapshot] = self.codes.weight.detach().half().cpu()


def snapshot_steps(count: int, steps: int) -> Tensor:
    """Return the steps (count,) int64 whose codes are kept: step 0, then densest at the start, when codes move most."""
    if count == 0:
        return torch.empty(0, dtype=torch.int64)
    spread = torch.linspace(0, 1, count, dtype=torch.float64) ** 2
    return (spread * steps).round().long()


def _leaf(tensor: Tensor) -> Tensor:
    """Return the same values as a leaf that gets its own gradient."""
    return tensor.detach().requires_grad_()


def _gradient(leaf: Tensor) -> Tensor:
    """Return the gradient at a leaf."""
    assert leaf.grad is not None
    return leaf.grad
