"""Compare the speed of a classifier's step with a plain torch loop of the same method: a ratio in one run.

    python -m benchmarks.classifier_speed [--classifiers small-cnn wideresnet-16-1] [--batch-size 64] [--rounds 7]

The plain loops follow the papers: a DataLoader with torchvision's transforms image by image and the default memory
layout; for MixMatch a forward pass for each of the K guesses and each of the K + 1 interleaved parts, and the average
of the weights parameter by parameter. Networks, optimiser and number format (float32) are the same. The steps of both
ways alternate, and the CPU time of all threads is measured, so that other work on the machine has little influence.
Images are random, because the speed does not depend on them.
"""

import argparse
import copy
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from glico.augmentation.step_context import Crop
from glico.config import ClassifyConfig
from glico.models.classifiers import build_classifier
from glico.training.classification import Classification, ClassificationData
from glico.training.mixmatch import MixMatch

CLASSES, SIDE, LABELLED, UNLABELLED = 10, 32, 100, 1000
WARM_UP = 2  # rounds that are not measured
TRANSFORM = v2.Compose([v2.RandomCrop(SIDE, 4), v2.RandomHorizontalFlip(), v2.ToDtype(torch.float32, scale=True)])


class Views(Dataset[tuple[list[Tensor], int]]):
    """Images with ``count`` augmented views each, augmented one by one."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, count: int) -> None:
        self.images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        self.labels, self.count = labels, count

    def __getitem__(self, index: int) -> tuple[list[Tensor], int]:
        return [TRANSFORM(self.images[index]) for _ in range(self.count)], int(self.labels[index])

    def __len__(self) -> int:
        return len(self.images)


class Plain:
    """Plain supervised learning."""

    def __init__(self, config: ClassifyConfig, images: np.ndarray, labels: np.ndarray) -> None:
        self.config = config
        self.network = build_classifier(config.classifier, 3, SIDE, CLASSES).train()
        self.optimiser = torch.optim.SGD(self.network.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
        self.labelled = self._loader(Views(images, labels, 1))

    def step(self) -> None:
        """Take one step of SGD."""
        (images,), labels = next(self.labelled)
        self._descend(F.cross_entropy(self.network(images), labels))

    def _descend(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def _loader(self, views: Views) -> Iterator[tuple[list[Tensor], Tensor]]:
        sampler = torch.utils.data.RandomSampler(views, replacement=True, num_samples=10**9)
        return iter(DataLoader(views, self.config.batch_size, sampler=sampler))


class PlainMixMatch(Plain):
    """Plain MixMatch."""

    def __init__(self, config: ClassifyConfig, images: np.ndarray, labels: np.ndarray, unlabelled: np.ndarray) -> None:
        super().__init__(config, images, labels)
        self.average = copy.deepcopy(self.network)
        self.unlabelled = self._loader(Views(unlabelled, np.zeros(len(unlabelled)), config.guesses))

    def step(self) -> None:
        """Take one step, as in the paper's Algorithm 1."""
        (images,), labels = next(self.labelled)
        views, _ = next(self.unlabelled)
        with torch.no_grad():
            guess = torch.stack([self.network(view).softmax(dim=1) for view in views]).mean(dim=0) ** 2
            guess /= guess.sum(dim=1, keepdim=True)
        x = torch.cat([images, *views])
        y = torch.cat([F.one_hot(labels, CLASSES).float(), *[guess] * len(views)])
        other, weight = torch.randperm(len(x)), np.random.default_rng().beta(0.75, 0.75)
        weight = max(weight, 1 - weight)
        x, y = weight * x + (1 - weight) * x[other], weight * y + (1 - weight) * y[other]
        batches = len(views) + 1
        parts = [x[first::batches] for first in range(batches)]  # each has labelled and unlabelled images
        logits = torch.empty(len(x), CLASSES)
        for first, part in enumerate(parts):
            logits[first::batches] = self.network(part)
        supervised = F.cross_entropy(logits[: len(images)], y[: len(images)])
        consistency = (logits[len(images) :].softmax(dim=1) - y[len(images) :]).square().mean()
        self._descend(supervised + 75 * consistency)
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.mul_(0.999).add_(value, alpha=0.001)


def main() -> None:
    """Time both ways in turn, and print the medians and their ratios as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classifiers", nargs="+", default=["small-cnn", "wideresnet-16-1"])
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print(f"{arguments.batch_size} labelled images of {SIDE} pixels per step, {torch.get_num_threads()} threads\n")
    print("| method | classifier | plain (ms per step) | ours (ms per step) | times faster (smallest to largest) |")
    print("| --- | --- | --- | --- | --- |")
    for name in arguments.classifiers:
        for method, ways in _methods(name, arguments.batch_size).items():
            plain, ours = _alternate(ways, arguments.rounds)
            ratios = sorted(p / o for p, o in zip(plain, ours, strict=True))
            middle, spread = median(plain) / median(ours), f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
            print(f"| {method} | {name} | {median(plain):.1f} | {median(ours):.1f} | {middle:.2f} ({spread}) |")


def _methods(name: str, batch_size: int) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return the plain step and ours for each method."""
    rng = np.random.default_rng(0)
    images, unlabelled = (rng.integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8) for n in (LABELLED, UNLABELLED))
    labels = np.arange(LABELLED) % CLASSES
    given = {"checkpoint": "", "classifier": name, "batch_size": batch_size, "augmentation": "standard"}
    config = ClassifyConfig.model_validate({**given, "precision": "float32", "device": "cpu"})
    mixing = config.model_copy(update={"learning": "mixmatch", "unlabelled": "training", "unlabelled_ramp": 0.0})
    data = ClassificationData(images, labels, images, labels, CLASSES)
    supervised = Classification(config, data, Crop(flip=True))
    mixmatch = MixMatch(unlabelled, mixing, data, Crop(flip=True))
    return {
        "supervised": (Plain(config, images, labels).step, lambda: supervised.learn(supervised.draw_batch())),
        "MixMatch": (
            PlainMixMatch(mixing, images, labels, unlabelled).step,
            lambda: mixmatch.learn(mixmatch.draw_batch()),
        ),
    }


def _alternate(ways: tuple[Callable[[], object], Callable[[], object]], rounds: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of CPU time of every step, for each way."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM_UP + rounds):
        for result, step in zip(times, ways, strict=True):
            started = time.process_time()
            step()
            if turn >= WARM_UP:
                result.append(1000 * (time.process_time() - started))
    return times


if __name__ == "__main__":
    main()
