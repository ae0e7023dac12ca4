"""What drawing and augmenting a batch costs beside the classifier's step, in one run.

python -m benchmarks.augmentation [--classifier small-cnn] [--resolution 32] [--batch-size 128] [--device auto]
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from glico.augmentation.latent_draws import LatentSampler
from glico.augmentation.table import AUGMENTATIONS
from glico.config import ClassifyConfig, TrainConfig
from glico.models.generators import build_generator
from glico.training.classification import Classification
from glico.training.machine import choose_device, choose_dtype

CLASSES, SAMPLES_PER_CLASS = 10, 10


def main() -> None:
    """Time the steps of all methods in turn, round after round, and print the medians as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classifier", default="small-cnn")
    parser.add_argument("--resolution", type=int, default=32)
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)

    trainings = {name: _training(name, arguments, device) for name in AUGMENTATIONS}
    draws: dict[str, list[float]] = {name: [] for name in trainings}
    steps: list[float] = []
    plain = trainings["none"]
    batch = plain.draw_batch()
    for _ in range(arguments.rounds + 1):
        for name, training in trainings.items():
            draws[name].append(_seconds(training.draw_batch, device))
        steps.append(_seconds(lambda: plain.learn(batch), device))

    step = median(steps[1:])
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    print(f"{arguments.classifier}, {arguments.batch_size} images of {arguments.resolution} pixels, {device}{threads}")
    print(f"a step of the classifier: {1000 * step:.1f} ms\n")
    print("| augmentation | a batch (ms) | share of the classifier's step |\n| --- | --- | --- |")
    for name, times in draws.items():
        print(f"| {name} | {1000 * median(times[1:]):.2f} | {100 * median(times[1:]) / step:.1f} % |")


def _training(name: str, arguments: argparse.Namespace, device: torch.device) -> Classification:
    """A classifier's training on random images, with an untrained generator: their times are those of real ones."""
    side, channels = arguments.resolution, arguments.channels
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), SAMPLES_PER_CLASS)
    images = random.integers(0, 256, (len(labels), side, side, channels), dtype=np.uint8)
    train = TrainConfig()
    codes = torch.nn.functional.normalize(torch.randn(len(labels), train.dimension), dim=1)
    sampler = LatentSampler(
        build_generator(train, channels, side), codes, torch.from_numpy(labels), train,
        device=device, dtype=choose_dtype("auto", device, heavy=False),
    )  # fmt: skip
    config = ClassifyConfig.model_validate(
        {"checkpoint": "", "augmentation": name, "classifier": arguments.classifier, "batch_size": arguments.batch_size}
    )
    return Classification(
        config, images, labels, images, labels, CLASSES, flip=True, sampler=sampler, device=str(device)
    )


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
