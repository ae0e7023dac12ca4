"""Compare training again from a checkpoint with training from nothing, after decisions on some images.

    python -m benchmarks.warm_start [--dataset digits] [--samples-per-class 10] [--objective glo glico]
        [--steps 800] [--share 0.25] [--wrong 0.07] [--seeds 0 1 2]

In each seed's sample a share of the labels is wrong at first (``--wrong``), and a pair is trained on it. Then half of
these images get their right class and the others are left out, so that the next images of the draw take their places.
The same corrected sample is trained from nothing and from the checkpoint, with ``--share`` of the steps. The table has
the reconstruction loss (Laplacian pyramid, without noise), the 5-NN purity in the latent space, processor seconds with
the encoding of the new images, and the ratios of warm to cold, as the mean and the range over seeds.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from glico.config import TrainConfig
from glico.data import configured_sample, load_configured
from glico.data.dataset import Dataset, Sample
from glico.data.decisions import Decision, image_names, with_decisions
from glico.latent.structure import per_image
from glico.losses.laplacian import LaplacianLoss
from glico.training.latent_optimisation import LatentOptimisation
from glico.training.result import checkpoint_of


@dataclass(frozen=True)
class Measured:
    """The quality of a finished training, and the processor seconds that it took."""

    loss: float
    purity: float
    seconds: float


def train(config: TrainConfig, sample: Sample, output: Path) -> Measured:
    """Train, save the checkpoint at ``output``, and measure it."""
    began = time.process_time()
    training = LatentOptimisation(config, sample)
    last = [record for record in training if record is not None][-1]
    seconds = time.process_time() - began
    checkpoint = checkpoint_of(training, sample, config, last)
    checkpoint.save(output)
    loss, rows = LaplacianLoss(), torch.arange(len(sample.images)).split(64)
    errors = [loss(training.reconstruct(checkpoint.codes[r]), loss.targets(training.images[r])) for r in rows]
    purity = float(np.nanmean(per_image(checkpoint.codes.numpy(), sample.labels)["purity"]))
    return Measured(float(torch.cat(errors).mean()), purity, seconds)


def mislabelled(dataset: Dataset, sample: Sample, share: float, seed: int) -> tuple[list[Decision], list[Decision]]:
    """Return decisions that put a share of the sample into wrong classes, and those that mend this."""
    rng = np.random.default_rng([seed, 26])
    names, classes = image_names(dataset, "train"), dataset.class_names
    chosen = rng.permutation(len(sample.indices))[: max(2, round(share * len(sample.indices)))]
    wrong, mended = [], []
    for turn, (index, label) in enumerate(
        zip(sample.indices[chosen].tolist(), sample.labels[chosen].tolist(), strict=True)
    ):
        other = (label + int(rng.integers(1, len(classes)))) % len(classes)
        wrong.append(Decision(names[index], classes[other], "train", "relabel"))
        if turn % 2:
            mended.append(Decision(names[index], classes[label], "train", "leave-out"))
    return wrong, mended


def compare(config: TrainConfig, share: float, wrong_share: float) -> tuple[Measured, Measured, Measured]:
    """Return the measurements of the first training, of one from nothing and of a warm start."""
    dataset = load_configured(config)
    wrong, mended = mislabelled(dataset, configured_sample(dataset, config), wrong_share, config.seed)
    before = configured_sample(with_decisions(dataset, wrong), config)
    after = configured_sample(with_decisions(dataset, mended), config)
    warm = config.warm_started("").model_copy(update={"steps": max(1, int(config.steps * share))})
    with tempfile.TemporaryDirectory() as folder:
        first, again = Path(folder) / "first.safetensors", Path(folder) / "again.safetensors"
        return (
            train(config, before, first),
            train(config, after, again),
            train(warm.model_copy(update={"warm_start": str(first)}), after, again),
        )


def summary(values: Sequence[float], form: str) -> str:
    """Return the mean and the range of ``values``."""
    return f"{statistics.fmean(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def main() -> None:
    """Print a table for each objective."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--samples-per-class", type=int, default=10)
    parser.add_argument("--objective", nargs="+", default=["glo", "glico"])
    parser.add_argument("--steps", type=int, default=TrainConfig.model_fields["steps"].default)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--wrong", type=float, default=0.07)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    common = {"dataset": options.dataset, "samples_per_class": options.samples_per_class, "steps": options.steps}
    print("| objective | start | steps | reconstruction loss | purity | processor seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for objective in options.objective:
        runs = [
            compare(
                TrainConfig.from_values({**common, "objective": objective, "seed": seed}), options.share, options.wrong
            )
            for seed in options.seeds
        ]
        cold, warm = [run[1] for run in runs], [run[2] for run in runs]
        for name, own, steps in (
            ("nothing", cold, options.steps),
            ("checkpoint", warm, int(options.steps * options.share)),
        ):
            cells = [
                summary([each.loss for each in own], ".4f"),
                summary([each.purity for each in own], ".3f"),
                summary([each.seconds for each in own], ".1f"),
            ]
            print(f"| {objective} | {name} | {steps} | {' | '.join(cells)} |", flush=True)
        pairs = list(zip(warm, cold, strict=True))
        ratios = [
            summary([getattr(w, name) / getattr(c, name) for w, c in pairs], ".3f")
            for name in ("loss", "purity", "seconds")
        ]
        print(f"| {objective} | warm / cold | {options.share:g} | {' | '.join(ratios)} |", flush=True)


if __name__ == "__main__":
    main()
