"""Add the reconstruction errors of the training images to a checkpoint that stores no images.

python -m benchmarks.training_errors checkpoints/cifar10-glico.safetensors --dataset CIFAR10.npz

A training does this itself. This command completes older files from their data set. The tensors stay the same, byte for
byte.
"""

import argparse
from pathlib import Path

import numpy as np

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.relocation import relocated, source_of
from glico.data import load_configured
from glico.latent.encode import measured_errors, summary_entry


def main() -> None:
    """Find the training images in the data set, measure their errors, and rewrite the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoints", metavar="CHECKPOINT", type=Path, nargs="+")
    parser.add_argument("--dataset", metavar="DATASET", help="path of the data set, if it has moved")
    arguments = parser.parse_args()
    for path in arguments.checkpoints:
        checkpoint = Checkpoint.load(path)
        data = load_configured(source_of(checkpoint.config, checkpoint.image_shape, False, arguments.dataset))
        rows = relocated(checkpoint, data).indices.numpy()
        tested = (checkpoint.labels < 0).numpy() & (checkpoint.config.unlabelled == "test")
        images = np.empty((len(rows), *checkpoint.image_shape), np.uint8)
        images[~tested], images[tested] = data.train_images[rows[~tested]], data.test_images[rows[tested]]
        result = measured_errors(checkpoint, images)
        checkpoint.summary |= summary_entry(result)
        checkpoint.save(path)
        shares = np.quantile(result.residuals, [0, 0.5, 0.95, 1])
        print(f"{path}: median error {result.median:.4f}; unexplained " + ", ".join(f"{x:.3f}" for x in shares))


if __name__ == "__main__":
    main()
