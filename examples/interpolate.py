"""Fit a model to images in memory, and write the path between two of them as a film.

python examples/interpolate.py [STEPS] [FILE]            # by default 800 steps, path.gif
"""

import sys

import numpy as np
from PIL import Image

import glico


def main(steps: int, file: str) -> None:
    """Train on ten digits per class, and walk from the first image of class 3 to another one of its class."""
    digits = glico.load_dataset("digits")
    sample = glico.small_sample(digits, samples_per_class=10, seed=0)
    model = glico.GLICO(steps=steps, seed=0, verbose=True).fit(sample.images, sample.labels)
    print(glico.structure(model))

    start, end = np.flatnonzero(model.labels_ == 3)[:2].tolist()
    frames = model.interpolate(start, end, t=np.linspace(0, 1, 30))  # (30, 16, 16, 1) uint8
    pictures = [Image.fromarray(frame[..., 0]).resize((256, 256), Image.Resampling.NEAREST) for frame in frames]
    pictures[0].save(file, save_all=True, append_images=pictures[1:] + pictures[::-1], duration=50, loop=0)
    print(f"Image {start} to image {end}: {file}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 800, sys.argv[2] if len(sys.argv) > 2 else "path.gif")
