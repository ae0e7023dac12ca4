"""Write into a checkpoint that holds no images how well it draws those that it was trained on.

python -m benchmarks.training_errors checkpoints/cifar10-glico.safetensors --dataset CIFAR10.npz

A training does this itself; a file made before it did is completed here, from its data set. The tensors stay as they
are, byte for byte.
"""

import argparse
from pathlib import Path

import numpy as np

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.located import located, source_of
from glico.data import load_configured
from glico.latent.encode import measured_errors, stated


def main() -> None:
    """Find the training images in the data set, measure, and write the file again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoints", metavar="CHECKPOINT", type=Path, nargs="+")
    parser.add_argument("--dataset", metavar="DATASET", help="the data set, where it is not where it was")
    arguments = parser.parse_args()
    for path in arguments.checkpoints:
        checkpoint = Checkpoint.load(path)
        data = load_configured(source_of(checkpoint.config, checkpoint.image_shape, False, arguments.dataset))
        rows = located(checkpoint, data).indices.numpy()
        tested = (checkpoint.labels < 0).numpy() & (checkpoint.config.unlabelled == "test")
        images = np.empty((len(rows), *checkpoint.image_shape), np.uint8)
        images[~tested], images[tested] = data.train_images[rows[~tested]], data.test_images[rows[tested]]
        found = measured_errors(checkpoint, images)
        checkpoint.summary |= stated(found)
        checkpoint.save(path)
        shares = np.quantile(found.unexplained, [0, 0.5, 0.95, 1])
        print(f"{path}: median error {found.median:.4f}; unexplained " + ", ".join(f"{x:.3f}" for x in shares))


if __name__ == "__main__":
    main()
