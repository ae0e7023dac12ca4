"""Measure the time from a folder of images to a checkpoint: the default settings and alternatives.

    python -m benchmarks.sitting --dataset PATH [--resolution 64] [--samples-per-class 8] [--seed 0] [--ways NAME ...]
    python -m benchmarks.sitting --dataset PATH --beside FOLDER [--rounds 3]

Each way is a whole training with GLICO's defaults and one change, one after the other, on a machine that should be
quiet. The table has the total seconds; the seconds until the reconstructions hold half and four fifths of the variation
within the classes, when a person recognises the images; and the final reconstruction loss and 5-NN purity in the latent
space. The last column is the time until a way reaches the default's final loss, relative to the default's time; "or
more" if it does not reach it.

FOLDER is a checkout of another version (``git worktree add FOLDER COMMIT``). The defaults of the two versions are then
trained in turns, each in a process with one thread, with another seed of sample and training in every round. Seconds
are the processor's, so that other work on the machine counts little. Quality is measured by this version: the loss on
the training images with and without noise, 5-NN purity, the share of the variation within classes, 5-NN accuracy on the
codes of unseen images, and the sharpness halfway along slerp relative to its ends.
"""

import argparse
import math
import time
from typing import Any

import numpy as np

from benchmarks.sitting_beside import compare
from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Sample
from glico.latent.structure import per_image
from glico.training.latent_optimisation import LatentOptimisation

WAYS: dict[str, dict[str, Any]] = {
    "the default": {},
    "GLO": {"objective": "glo"},
    "Muon, 280 steps": {"generator_optimiser": "muon", "steps": 280},
    "a weak classifier that sees every pixel": {"weak_classifier": "weak-cnn"},
    "batches of 20": {"batch_size": 20},
}
RECOGNISED = (0.5, 0.8)  # of the variation within classes


def sitting(config: TrainConfig, sample: Sample) -> dict[str, Any]:
    """Train once. Return the curve of (seconds, loss), the times of recognition and the final purity."""
    started = time.perf_counter()
    training = LatentOptimisation(config, sample)
    curve, recognised = [], dict.fromkeys(RECOGNISED, math.nan)
    for record in training:
        if not record:
            continue
        now = time.perf_counter() - started
        curve.append((now, record["reconstruction"]))
        for share in RECOGNISED:
            if record.get("variation", -math.inf) >= share and math.isnan(recognised[share]):
                recognised[share] = now
    purity = per_image(training.codes.weight.detach().numpy(), sample.labels)["purity"]
    return {"curve": curve, "recognised": recognised, "purity": float(np.nanmean(purity))}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", required=True, help="a data set's name or path")
    parser.add_argument("--resolution", type=int, default=64, help="side of the images")
    parser.add_argument("--samples-per-class", type=int, default=8, help="images per class")
    parser.add_argument("--seed", type=int, default=0, help="seed of sample and training")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="NAME")
    parser.add_argument("--beside", metavar="FOLDER", help="checkout of another version to compare the default with")
    parser.add_argument("--rounds", type=int, default=3, help="trainings of each version, with a seed each")
    options = parser.parse_args()

    if options.beside:
        compare(options, WAYS["the default"])
        return
    sample = small_sample(load_dataset(options.dataset, options.resolution), options.samples_per_class, options.seed)
    print(f"{len(sample.images)} images of {options.resolution} pixels, {len(sample.class_names)} classes")
    print("| way | seconds | until half is held | until four fifths | loss | purity | time / default's |")
    print("|" + " --- |" * 7, flush=True)
    aim, took = math.nan, math.nan
    for name in dict.fromkeys(["the default", *options.ways]):
        config = TrainConfig.model_validate({"dataset": options.dataset, "seed": options.seed} | WAYS[name])
        result = sitting(config, sample)
        seconds, loss = result["curve"][-1]
        if name == "the default":
            aim, took = loss, seconds
        reached = next((now for now, value in result["curve"] if value <= aim), seconds)
        short = "" if loss <= aim else " or more"
        held = " | ".join(f"{value:.0f}" for value in result["recognised"].values())
        print(
            f"| {name} | {seconds:.0f} | {held} | {loss:.4f} | {result['purity']:.2f} | {reached / took:.2f}{short} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
