"""Compare the speed of latent optimisation with a plain implementation of the authors' way: a ratio in one run.

    python -m benchmarks.training_speed [--dataset PATH] [--vgg-weights FILE] [--images 1000] [--rounds 3]

The plain way does what the authors' release does at 32 pixels. The generator runs twice per step, VGG's weights receive
gradients, and the features of the real images are recomputed at every step with their graph, all in float32 in the
default memory layout. Both train the authors' CIFAR generator with batches of 128, three VGG layers and the pixel term.
Rounds alternate between the ways, so that a noisy machine slows all of them. Without a data set the images are random,
and without a file VGG's weights are random, because the speed depends on neither.

The last way scores the reconstruction of half of each batch. ``--quality EPOCHS`` also trains the plain way for this
many epochs (with new optimisers every epoch, as in the authors' code) and ours in several ways for fewer steps, and
prints the reconstruction loss and purity of each.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file
from torch import Tensor

from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Sample
from glico.latent.structure import per_image
from glico.losses import perceptual
from glico.models.classifier_layers import image_classifier
from glico.models.generators import build_generator, draw_noise
from glico.models.modules import sequential
from glico.models.vgg import load_vgg
from glico.training.latent_optimisation import LatentOptimisation

OURS: tuple[tuple[str, dict[str, Any], float], ...] = (  # ways to train, and the share of the plain way's steps
    ("ours", {}, 1 / 2),
    ("ours", {}, 1 / 4),
    ("ours, half", {"reconstruction_share": 0.5}, 1 / 2),
    ("ours, rate x 2", {"learning_rate_generator": 0.004}, 3 / 10),
    ("ours, rate x 2, half", {"learning_rate_generator": 0.004, "reconstruction_share": 0.5}, 3 / 10),
)


class Plain:
    """A plain implementation of the authors' training step."""

    def __init__(self, config: TrainConfig, sample: Sample, vgg: dict[str, Tensor]) -> None:
        self.config, self.rng = config, torch.Generator().manual_seed(0)
        self.images = torch.from_numpy(sample.images).permute(0, 3, 1, 2).float().div(255).contiguous()
        self.labels = torch.from_numpy(sample.labels)
        self.codes = torch.nn.Embedding(len(self.images), config.dimension)
        self.generator = build_generator(config, 3, 32)
        self.classifier = sequential(image_classifier(3, 32, len(sample.class_names)))
        self.loss = perceptual.PerceptualLoss(vgg, 32, 3, pixel_weight=1.0).requires_grad_(True)
        self.epoch = 0
        self.start_epoch()

    def start_epoch(self) -> None:
        """Create new optimisers, as the authors' code does every epoch, and halve the rates every 70 epochs."""
        factor = 0.5 ** (self.epoch // 70)
        self.optimisers = [
            torch.optim.Adam(self.codes.parameters(), 1e-3 * factor, (0.5, 0.999)),
            torch.optim.Adam(self.generator.parameters(), 7e-4 * factor, (0.5, 0.999)),
            torch.optim.SGD(self.classifier.parameters(), 0.1, 0.9, weight_decay=1e-4),
        ]
        self.epoch += 1

    def step(self) -> float:
        """Train on one mini-batch. Return its reconstruction loss."""
        index = torch.randperm(len(self.images), generator=self.rng)[: self.config.batch_size]
        images, labels = self.images[index], self.labels[index]
        noise = draw_noise(self.config, len(index), self.rng)
        for optimiser in self.optimisers:
            optimiser.zero_grad()
        reconstruction = self._distance(self.generator(self.codes(index), noise), images)
        entropy = F.cross_entropy(self.classifier(self.generator(self.codes(index), noise)), labels)
        (reconstruction + 0.5 * entropy).backward()
        for optimiser in self.optimisers:
            optimiser.step()
        with torch.no_grad():
            self.codes.weight.copy_(F.normalize(self.codes.weight, dim=1))
        return reconstruction.item()

    def _distance(self, generated: Tensor, images: Tensor) -> Tensor:
        pairs = zip(self.loss.activations(generated), self.loss.activations(images), strict=True)
        return torch.stack([(made - true).abs().mean() for made, true in pairs]).sum()


def random_sample(images: int) -> Sample:
    """Return random images of ten classes, which suffice to measure time."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (images, 32, 32, 3), dtype=np.uint8)
    return Sample(pixels, np.arange(images) % 10, np.arange(images), tuple("0123456789"))


def ours(config: TrainConfig, sample: Sample, **changes: object) -> Callable[[], object]:
    training = iter(LatentOptimisation(TrainConfig(**(config.model_dump() | changes)), sample))
    return lambda: next(training)


def seconds(step: Callable[[], object], steps: int) -> float:
    """Return the seconds of ``steps`` steps."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def parts(config: TrainConfig, sample: Sample) -> dict[str, Callable[[], object]]:
    """Return the parts of our step, each forward and backward on its own."""
    training = LatentOptimisation(config, sample)
    index = torch.arange(config.batch_size)
    z, noise = training.codes(index).detach(), draw_noise(config, len(index), training.rng)
    targets = training._targets(index)
    shape = {"memory_format": torch.channels_last}
    image = training.images[index].clone(**shape).requires_grad_(True)
    context = torch.autocast("cpu", training.dtype, enabled=training.dtype != torch.float32)
    assert training.classifier is not None
    classifier = training.classifier

    def run(call: Callable[[], Tensor]) -> Callable[[], object]:
        def once() -> None:
            with context:
                out = call()
            out.float().sum().backward()

        return once

    return {
        "generator, forward and backward": run(lambda: training.generator(z, noise)),
        "VGG and distances, forward and backward": run(lambda: training.reconstruction(image, targets)),
        "weak classifier, forward and backward": run(lambda: classifier(image)),
    }


def quality(config: TrainConfig, sample: Sample, epochs: int, vgg: dict[str, Tensor]) -> None:
    """Print the loss and purity of the plain way after these epochs, and of ours after fewer steps."""
    steps = epochs * -(-len(sample.images) // config.batch_size)
    plain, losses, start = Plain(config, sample, vgg), [], time.perf_counter()
    for _ in range(epochs):
        plain.start_epoch()
        losses += [plain.step() for _ in range(steps // epochs)]
    took = time.perf_counter() - start
    print(f"{'quality':24} {'steps':>6} {'reconstruction':>15} {'purity':>7} {'seconds':>8} {'faster':>7}")
    _row("plain, the authors' way", steps, losses, plain.codes, sample, took, took)
    for name, changes, share in OURS:
        changes = {"precision": "float32", "steps": max(1, round(steps * share))} | changes
        training = LatentOptimisation(TrainConfig(**(config.model_dump() | changes)), sample)
        start = time.perf_counter()
        result = [record["reconstruction"] for record in training if record]
        _row(name, training.total_steps, result, training.codes, sample, time.perf_counter() - start, took)


def _row(
    name: str, steps: int, losses: list[float], codes: torch.nn.Embedding, sample: Sample, took: float, plain: float
) -> None:
    last = statistics.mean(losses[-5:])
    purity = per_image(codes.weight.detach().numpy(), sample.labels)["purity"].mean()
    print(f"{name:24} {steps:6} {last:15.4f} {purity:7.3f} {took:8.1f} {plain / took:6.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", help="data set of 32-pixel colour images")
    parser.add_argument("--vgg-weights", help="file with VGG's weights")
    parser.add_argument("--images", type=int, default=1000, help="images in the sample")
    parser.add_argument("--rounds", type=int, default=3, help="epochs to time of each way")
    parser.add_argument(
        "--quality", type=int, metavar="EPOCHS", help="also train the plain way this long, and ours for fewer steps"
    )
    options = parser.parse_args()

    sample = random_sample(options.images)
    if options.dataset:
        data = load_dataset(options.dataset, 32)
        sample = small_sample(data, options.images // len(data.class_names), 0)
    torch.manual_seed(0)
    weights = options.vgg_weights or random_vgg(Path(tempfile.mkdtemp()) / "vgg.safetensors")
    config = TrainConfig(
        dataset="cifar10",
        reconstruction="perceptual",
        vgg_weights=weights,
        perceptual_layers=3,
        pixel_weight=1.0,
        generator="reference",
        noise="project",
        steps=10**6,
        batch_size=min(128, len(sample.images)),
    )
    steps = -(-len(sample.images) // config.batch_size)
    ways = {
        "plain, the authors' way": Plain(config, sample, load_vgg(weights)).step,
        "ours, float32": ours(config, sample, precision="float32"),
        "ours, bfloat16": ours(config, sample, precision="bfloat16"),
        "ours, float32, half": ours(config, sample, precision="float32", reconstruction_share=0.5),
    }
    for step in ways.values():
        step()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, step in ways.items():
            times[name].append(seconds(step, steps))
    plain = times["plain, the authors' way"]
    print(f"{len(sample.images)} images of 32 pixels, batch {config.batch_size}, {options.rounds} epochs each,")
    print(f"{torch.get_num_threads()} threads of {torch.cpu.get_capabilities()['cpu_name']}")
    for name, result in times.items():
        ratios = sorted(p / f for p, f in zip(plain, result, strict=True))
        rate = len(sample.images) / statistics.median(result)
        print(
            f"{name:24} {statistics.median(result):6.2f} s per epoch {rate:7.0f} images/s  "
            f"{statistics.median(ratios):5.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
    print("where the time of a bfloat16 step goes:")
    for name, call in parts(config.model_copy(update={"precision": "bfloat16"}), sample).items():
        call()
        print(f"  {seconds(call, 3) / 3 * 1000:7.1f} ms  {name}")
    if options.quality:
        quality(config, sample, options.quality, load_vgg(weights))


def random_vgg(path: Path) -> str:
    """Write a file with VGG-16's shapes and random weights, up to conv3_2."""
    features = torchvision.models.vgg16(weights=None).features[:13]
    save_file({f"features.{name}": tensor for name, tensor in features.state_dict().items()}, path)
    return str(path)


if __name__ == "__main__":
    main()
