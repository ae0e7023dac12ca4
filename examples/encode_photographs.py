"""Find the codes of new images, and see which of them the generator can reproduce.

python examples/encode_photographs.py CHECKPOINT IMAGE...            # files, or a folder of them
python examples/encode_photographs.py                                # unseen digits, and noise
"""

import sys
from pathlib import Path

import numpy as np

import glico

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "digits-glico.safetensors"


def main(arguments: list[str]) -> None:
    """Encode the images, and print the error of each and the nearest training images."""
    model = glico.load(arguments[0] if arguments else CHECKPOINT)
    if len(arguments) > 1:
        encoding = model.encode([Path(argument) for argument in arguments[1:]])
    else:
        noise = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 1), dtype=np.uint8)
        encoding = model.encode(np.concatenate([glico.load_dataset("digits").test_images[:3], noise]))
    print(encoding)
    for i in range(len(encoding)):
        drawn = "cannot be reproduced" if encoding.out_of_range[i] else "can be reproduced"
        classes = ", ".join(model.labels_[encoding.neighbours[i]].tolist())
        print(f"{i}: {drawn}, {encoding.residuals[i]:.0%} unexplained; the nearest training images are {classes}")


if __name__ == "__main__":
    main(sys.argv[1:])
