"""A classifier trained on the augmented small sample, and its exact scores on the test split (section IV-B)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from glico.augmentation.batch import Batch
from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.method import Augmentation
from glico.augmentation.standard import cropped_side
from glico.augmentation.step_context import StepContext
from glico.checkpoints.tensor_file import prefixed, unprefixed
from glico.config import ClassifyConfig
from glico.errors import GlicoError
from glico.evaluation.accuracy import Scores, score
from glico.losses.classification import LOSSES, smoothed
from glico.machine import autocast
from glico.models.classifiers import Classifier, build_classifier, load_imagenet
from glico.training.distributed import add_up, own, share_layers
from glico.training.epoch_sampler import EpochSampler
from glico.training.loop import Record, Training, optimiser_state, restore_optimiser, seeded
from glico.types import Images, Labels

OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "adam": torch.optim.AdamW,
}
DROPS = (0.3, 0.6, 0.8)  # of the run; the authors' 60, 120 and 160 of 200 epochs
DROP_FACTOR = 0.2
HUNDREDTH_FACTOR = 0.9  # the authors' for CUB-200, every 2 of 200 epochs
TEST_CHUNK = 500  # test images a forward pass


@dataclass(frozen=True)
class ClassificationResult:
    """The scores of the last evaluation, and what they come from: ``logits`` (m, K) of the test images with their
    ``labels`` (m,)."""

    scores: Scores
    logits: NDArray[np.float32]
    labels: Labels


class Classification(Training):
    """A training of one classifier: iterate over it to train, then ask for :meth:`result`.

    ``images`` (n, H, W, C) uint8 are the small sample, ``labels`` (n,) its classes; rows labelled -1 are left out.
    ``sampler`` draws from the latent space for the methods that do; its rows are those of ``images``. ``batch``
    is the last one that the classifier was fed.
    """

    batch: Batch

    def __init__(
        self,
        config: ClassifyConfig,
        images: Images,
        labels: Labels,
        test_images: Images,
        test_labels: Labels,
        classes: int,
        *,
        flip: bool,
        inside: bool = False,
        sampler: LatentSampler | None = None,
        device: str | None = None,
    ) -> None:
        if len(test_images) == 0:
            raise GlicoError("There are no test images, so accuracy cannot be measured.")
        super().__init__(config, device)
        self.config = config

        # Both parts live on the device as tensors.
        self.images = to_device(images, self.device)  # (n, C, H, W) uint8
        # Smoothing is linear, so that labels mixed later are as smooth as if they were mixed first.
        one_hot = F.one_hot(torch.from_numpy(labels).clamp(min=0), classes).float()
        self.targets = smoothed(one_hot, config.label_smoothing).to(self.device)  # (n, K)
        self.criterion = LOSSES[config.loss]
        labelled = torch.from_numpy(evened(labels) if config.balanced_classes else np.flatnonzero(labels >= 0))
        # A sample smaller than the batch comes several times in one: the oversampling of section IV-C.
        self.epochs = EpochSampler(labelled, config.batch_size)
        self.test_images = to_device(test_images, self.device)
        self.test_labels = test_labels
        true_images = self.images[labelled.to(self.device)].float() / 255

        # Everything that is random at the start comes from the seed alone.
        with seeded(config.seed, self.device):
            _, channels, resolution, _ = self.images.shape
            side = cropped_side(resolution) if inside else None
            self.classifier = build_classifier(config.classifier, channels, resolution, classes, side=side)
        self.classifier.to(self.device).to(memory_format=torch.channels_last)
        self.classifier.standardise.fit(true_images)
        if config.pretrained:
            load_imagenet(self.classifier, config.classifier, config.classifier_weights, config.download)
        share_layers(self.classifier, *self.batch_sizes(config))
        if config.compile:
            self.classifier.compile()
        self.drops_out = any(isinstance(module, nn.Dropout) for module in self.classifier.modules())
        self.optimiser = OPTIMISERS[config.optimiser](
            self.classifier.parameters(), config.learning_rate, weight_decay=config.weight_decay,
            fused=self.device.type == "cuda" or None,
        )  # fmt: skip
        self.context = StepContext(
            config, self.images, torch.from_numpy(labels), true_images.mean(dim=(0, 2, 3)), flip, sampler, inside
        )
        self.augment = Augmentation(self.context)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.loss = torch.zeros(2, device=self.device)  # sum since the last report, and how many steps
        self.judges = sampler is not None and sampler.judge is not None
        self.judged = torch.zeros(2, device=self.device)  # generated images since then: that entered, that did not
        self.evaluation_steps = {
            round(config.steps * k / config.evaluations) for k in range(1, config.evaluations + 1)
        } | {config.steps}

    @property
    def images_per_step(self) -> int:
        """As many as the batch: those of a smaller sample come several times."""
        return self.config.batch_size

    def advance(self) -> int:
        """One step on the next batch."""
        self.batch = self.draw_batch()
        self.learn(self.batch)
        return self.config.batch_size

    def is_reported(self, every: int) -> bool:
        """Whether the step to come is: every ``every``-th, and where the accuracy is measured."""
        return super().is_reported(every) or self.step + 1 in self.evaluation_steps

    def report(self) -> Record:
        """The mean loss, and the share of what was judged that entered a batch."""
        total, steps = self.loss.tolist()
        self.loss.zero_()
        record = {"loss": total / steps, "learning_rate": learning_rate(self.config, self.step - 1)}
        if self.judges:
            entered, refused = self.judged.tolist()
            self.judged.zero_()
            record["kept"] = entered / (entered + refused) if entered + refused else math.nan
        return record

    def evaluate(self) -> Record:
        """The scores where it is time for them."""
        if self.step not in self.evaluation_steps:
            return {}
        scores = self.result().scores
        found = {"accuracy": scores.accuracy, "top5": scores.top5, "loss": scores.loss}
        return {f"{self.config.scored_on}_{name}": value for name, value in found.items()}

    def draw_batch(self) -> Batch:
        """The next batch, augmented."""
        indices = self.epochs.next(self.rng)
        rows = indices.to(self.device, non_blocking=True)
        batch = Batch(
            images=self.images[rows].float() / 255,
            targets=self.targets[rows],
            indices=indices,
            generated=torch.zeros(len(rows), dtype=torch.bool, device=self.device),
        )
        batch = self.augment(batch, self.rng)
        if self.judges:
            self.judged += torch.stack([batch.generated.sum(), batch.refused.sum()])
        return batch

    def learn(self, batch: Batch) -> None:
        """One step of the optimiser."""
        self.classifier.train()
        self.optimiser.param_groups[0]["lr"] = learning_rate(self.config, self.step)
        with self.dropout_of_this_step(), autocast(self.device, self.dtype):
            loss = self.loss_of(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        total = loss.detach().clone()
        add_up([self.optimiser], total)
        self.optimiser.step()
        self.loss += torch.stack([total, torch.ones_like(total)])

    def loss_of(self, batch: Batch) -> Tensor:
        """This process's share of the configured loss of a batch; the shares add up to it."""
        images, targets = own(batch.images), own(batch.targets)
        logits = self.classifier(images.contiguous(memory_format=torch.channels_last)).float()
        return self.criterion(logits, targets) * (len(images) / len(batch.images))

    @staticmethod
    def batch_sizes(config: ClassifyConfig) -> tuple[int, ...]:
        """How many images the classifier is trained on at once, over all processes."""
        return (config.batch_size,)

    @property
    def scored(self) -> Classifier:
        """The classifier that is scored and kept."""
        return self.classifier

    @torch.no_grad()
    def result(self) -> ClassificationResult:
        """Score the classifier as it is on the whole test split."""
        classifier = self.scored.eval()
        logits = []
        with autocast(self.device, self.dtype):
            for images in self.test_images.split(TEST_CHUNK):
                x = (images.float() / 255).contiguous(memory_format=torch.channels_last)
                logits.append(classifier(x).float())
        found = torch.cat(logits).cpu().numpy()
        return ClassificationResult(score(found, self.test_labels), found, self.test_labels)

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.loop.Training`."""
        return super().state() | {
            "order": self.epochs.left,
            "loss": self.loss,
            "judged": self.judged,
            **prefixed("classifier", self.classifier.state_dict()),
            **optimiser_state(self.optimiser, "optimiser"),
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.loop.Training`."""
        super().restore(state)
        self.epochs.left = state["order"].cpu()
        self.loss = state["loss"].to(self.device, copy=True)
        self.judged = state["judged"].to(self.device, copy=True)
        self.classifier.load_state_dict(unprefixed("classifier", state))
        restore_optimiser(self.optimiser, "optimiser", state)


def evened(labels: Labels) -> Labels:
    """The rows of the labelled images, those of smaller classes several times, so that all classes have as many."""
    members = [np.flatnonzero(labels == label) for label in np.unique(labels[labels >= 0])]
    most = max(map(len, members))
    return np.concatenate([np.resize(rows, most) for rows in members])


def learning_rate(config: ClassifyConfig, step: int) -> float:
    """The rate of ``step``, counted from 0."""
    done = step / config.steps
    if config.schedule == "constant":
        return config.learning_rate
    if config.schedule == "hundredths":
        return config.learning_rate * HUNDREDTH_FACTOR ** (100 * step // config.steps)
    if config.schedule == "cosine":
        return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
    return config.learning_rate * DROP_FACTOR ** sum(done >= drop for drop in DROPS)


def to_device(images: Images, device: torch.device) -> Tensor:
    """(n, H, W, C) uint8 -> (n, C, H, W) uint8 on the device."""
    return torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
