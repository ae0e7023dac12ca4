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
from glico.augmentation.step_context import Crop, StepContext
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
    """The scores of the last evaluation, with the ``logits`` (m, K) and ``labels`` (m,) of the test images."""

    scores: Scores
    logits: NDArray[np.float32]
    labels: Labels


@dataclass(frozen=True)
class ClassificationData:
    """The small sample, and the images to score.

    ``images`` (n, H, W, C) uint8 and ``labels`` (n,), -1 for rows that are not trained on; ``test_images``
    (m, H, W, C) uint8 and ``test_labels`` (m,). Raises GlicoError if there is nothing to score.
    """

    images: Images
    labels: Labels
    test_images: Images
    test_labels: Labels
    classes: int

    def __post_init__(self) -> None:
        if len(self.test_images) == 0:
            raise GlicoError("Cannot measure accuracy: there are no test images. Add a test split.")


class Classification(Training):
    """The training of one classifier. Iterate over it to train, then call :meth:`result`.

    ``sampler`` generates images for the methods that need it; its rows are those of the sample. ``batch`` is the last
    batch that the classifier was trained on.
    """

    batch: Batch

    def __init__(
        self,
        config: ClassifyConfig,
        data: ClassificationData,
        crop: Crop,
        sampler: LatentSampler | None = None,
        device: str | None = None,
    ) -> None:
        super().__init__(config, device)
        self.config = config
        self._load(data)
        self._build_classifier(data.classes, cropped_side(self.images.shape[2]) if crop.inside else None)
        labels = torch.from_numpy(data.labels)
        self.context = StepContext(config, self.images, labels, self._real_images.mean(dim=(0, 2, 3)), crop, sampler)
        self.augment = Augmentation(self.context)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.loss = torch.zeros(2, device=self.device)  # sum since the last report, and the number of steps
        self.has_judge = sampler is not None and sampler.judge is not None
        self.judge_counts = torch.zeros(
            2, device=self.device
        )  # generated images since the last report: accepted, rejected
        self.evaluation_steps = {
            round(config.steps * k / config.evaluations) for k in range(1, config.evaluations + 1)
        } | {config.steps}

    def _load(self, data: ClassificationData) -> None:
        """Put the sample and the scored images on the device, as tensors."""
        config = self.config
        self.images = to_device(data.images, self.device)  # (n, C, H, W) uint8
        # Smoothing is linear, so it may come before labels are mixed.
        one_hot = F.one_hot(torch.from_numpy(data.labels).clamp(min=0), data.classes).float()
        self.targets = smoothed(one_hot, config.label_smoothing).to(self.device)  # (n, K)
        self.criterion = LOSSES[config.loss]
        rows = evened(data.labels) if config.balanced_classes else np.flatnonzero(data.labels >= 0)
        # A sample smaller than the batch fills it several times: the oversampling of section IV-C.
        self.epochs = EpochSampler(torch.from_numpy(rows), config.batch_size)
        self.test_images, self.test_labels = to_device(data.test_images, self.device), data.test_labels

    @property
    def _real_images(self) -> Tensor:
        """The images that the classifier is trained on, (k, C, H, W) in [0, 1]."""
        return self.images[self.epochs.rows.to(self.device)].float() / 255

    def _build_classifier(self, classes: int, side: int | None) -> None:
        """Build the classifier, for crops of ``side`` pixels, and its optimiser. The parameters depend on the seed
        only."""
        config, (_, channels, resolution, _) = self.config, self.images.shape
        with seeded(config.seed, self.device):
            self.classifier = build_classifier(config.classifier, channels, resolution, classes, side=side)
        self.classifier.to(self.device).to(memory_format=torch.channels_last)
        self.classifier.standardise.fit(self._real_images)
        if config.pretrained:
            load_imagenet(self.classifier, config.classifier, config.classifier_weights, config.download)
        share_layers(self.classifier, *self.batch_sizes(config))
        if config.compile:
            self.classifier.compile()
        self.drops_out = any(isinstance(module, nn.Dropout) for module in self.classifier.modules())
        self.optimiser = OPTIMISERS[config.optimiser](
            self.classifier.parameters(),
            config.learning_rate,
            weight_decay=config.weight_decay,
            fused=self.device.type == "cuda" or None,
        )

    @property
    def images_per_step(self) -> int:
        """The size of the batch: images of a smaller sample are repeated."""
        return self.config.batch_size

    def advance(self) -> int:
        """Train one step on the next batch. Return its number of images."""
        self.batch = self.draw_batch()
        self.learn(self.batch)
        return self.config.batch_size

    def is_reported(self, every: int) -> bool:
        """Return whether the next step is reported: every ``every``-th, and each with an evaluation."""
        return super().is_reported(every) or self.step + 1 in self.evaluation_steps

    def report(self) -> Record:
        """Return the mean loss, and the share of generated images that the judge accepted."""
        total, steps = self.loss.tolist()
        self.loss.zero_()
        record = {"loss": total / steps, "learning_rate": learning_rate(self.config, self.step - 1)}
        if self.has_judge:
            entered, refused = self.judge_counts.tolist()
            self.judge_counts.zero_()
            record["kept"] = entered / (entered + refused) if entered + refused else math.nan
        return record

    def evaluate(self) -> Record:
        """Return the scores if this step has an evaluation, else nothing."""
        if self.step not in self.evaluation_steps:
            return {}
        scores = self.result().scores
        record = {"accuracy": scores.accuracy, "top5": scores.top5, "loss": scores.loss}
        return {f"{self.config.scored_on}_{name}": value for name, value in record.items()}

    def draw_batch(self) -> Batch:
        """Return the next batch, augmented."""
        indices = self.epochs.next(self.rng)
        rows = indices.to(self.device, non_blocking=True)
        batch = Batch(
            images=self.images[rows].float() / 255,
            targets=self.targets[rows],
            indices=indices,
            generated=torch.zeros(len(rows), dtype=torch.bool, device=self.device),
        )
        batch = self.augment(batch, self.rng)
        if self.has_judge:
            self.judge_counts += torch.stack([batch.generated.sum(), batch.refused.sum()])
        return batch

    def learn(self, batch: Batch) -> None:
        """Update the classifier on ``batch``."""
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
        """Return this process's share of the configured loss of a batch; the shares add up to the loss."""
        images, targets = own(batch.images), own(batch.targets)
        logits = self.classifier(images.contiguous(memory_format=torch.channels_last)).float()
        return self.criterion(logits, targets) * (len(images) / len(batch.images))

    @staticmethod
    def batch_sizes(config: ClassifyConfig) -> tuple[int, ...]:
        """Return the possible numbers of images in a forward pass, over all processes."""
        return (config.batch_size,)

    @property
    def scored(self) -> Classifier:
        """The classifier that is scored and kept."""
        return self.classifier

    @torch.no_grad()
    def result(self) -> ClassificationResult:
        """Score the classifier in its current state on the whole test split."""
        classifier = self.scored.eval()
        logits = []
        with autocast(self.device, self.dtype):
            for images in self.test_images.split(TEST_CHUNK):
                x = (images.float() / 255).contiguous(memory_format=torch.channels_last)
                logits.append(classifier(x).float())
        all_logits = torch.cat(logits).cpu().numpy()
        return ClassificationResult(score(all_logits, self.test_labels), all_logits, self.test_labels)

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.loop.Training`."""
        return super().state() | {
            "order": self.epochs.left,
            "loss": self.loss,
            "judged": self.judge_counts,
            **prefixed("classifier", self.classifier.state_dict()),
            **optimiser_state(self.optimiser, "optimiser"),
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.loop.Training`."""
        super().restore(state)
        self.epochs.left = state["order"].cpu()
        self.loss = state["loss"].to(self.device, copy=True)
        self.judge_counts = state["judged"].to(self.device, copy=True)
        self.classifier.load_state_dict(unprefixed("classifier", state))
        restore_optimiser(self.optimiser, "optimiser", state)


def evened(labels: Labels) -> Labels:
    """Return the rows of the labelled images, with those of smaller classes repeated until all classes have equally
    many."""
    members = [np.flatnonzero(labels == label) for label in np.unique(labels[labels >= 0])]
    most = max(map(len, members))
    return np.concatenate([np.resize(rows, most) for rows in members])


def learning_rate(config: ClassifyConfig, step: int) -> float:
    """Return the learning rate of ``step``, counted from 0."""
    done = step / config.steps
    if config.schedule == "constant":
        return config.learning_rate
    if config.schedule == "hundredths":
        return config.learning_rate * HUNDREDTH_FACTOR ** (100 * step // config.steps)
    if config.schedule == "cosine":
        return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
    return config.learning_rate * DROP_FACTOR ** sum(done >= drop for drop in DROPS)


def to_device(images: Images, device: torch.device) -> Tensor:
    """Convert images (n, H, W, C) uint8 to (n, C, H, W) uint8 on the device."""
    return torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
