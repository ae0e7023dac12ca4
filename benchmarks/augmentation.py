"""Measure the time to draw and augment a batch, relative to the classifier's step, in one run.

python -m benchmarks.augmentation [--classifier small-cnn] [--resolution 32] [--batch-size 128] [--device auto]
"""

import argparse
from statistics import median

import torch

from benchmarks.random_training import random_training, seconds
from glico.config import OFFERED
from glico.machine import choose_device


def main() -> None:
    """Time a batch of every method in turn for several rounds, and print the medians as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classifier", default="small-cnn")
    parser.add_argument("--resolution", type=int, default=32)
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)

    trainings = {
        name: random_training(
            device,
            side=arguments.resolution,
            channels=arguments.channels,
            augmentation=name,
            classifier=arguments.classifier,
            batch_size=arguments.batch_size,
        )
        for name in OFFERED
    }
    draws: dict[str, list[float]] = {name: [] for name in trainings}
    steps: list[float] = []
    plain = trainings["none"]
    batch = plain.draw_batch()
    for _ in range(arguments.rounds + 1):
        for name, training in trainings.items():
            draws[name].append(seconds(training.draw_batch, device))
        steps.append(seconds(lambda: plain.learn(batch), device))

    step = median(steps[1:])
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    print(f"{arguments.classifier}, {arguments.batch_size} images of {arguments.resolution} pixels, {device}{threads}")
    print(f"a step of the classifier: {1000 * step:.1f} ms\n")
    print("| augmentation | a batch (ms) | share of the classifier's step |\n| --- | --- | --- |")
    for name, times in draws.items():
        print(f"| {name} | {1000 * median(times[1:]):.2f} | {100 * median(times[1:]) / step:.1f} % |")


if __name__ == "__main__":
    main()
