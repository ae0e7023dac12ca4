"""Write the fields that are shipped, those of every class of the checkpoints in checkpoints/, and the best pairs.

    python -m benchmarks.fields [CHECKPOINT ...]

They are named by the images of the class, and a checkpoint without images has its reconstructions registered. Fields of
the same images are found again on another machine up to rounding. Run it after checkpoints were made anew, and remove
the files of the old ones.
"""

import argparse
from pathlib import Path

import numpy as np

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent import field_cache, pair_cache
from glico.latent.morphs import Morphs, members, path_source
from glico.morph.registration import register
from glico.pixels import to_float
from glico.places import SHIPPED


def main() -> None:
    """Write a file for each class with two images or more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="*", type=Path, help="by default those in checkpoints/")
    for path in parser.parse_args().checkpoints or sorted(SHIPPED.glob("*.safetensors")):
        source = path_source(OpenCheckpoint.load(path))
        training, classes = source.training, {}
        for label in np.unique(training.labels[training.labels >= 0]).tolist():
            images = training.images[members(training.labels, label, len(training.labels))]
            if len(images) > 1:
                name = field_cache.key(images)
                field_cache.save(name, register(to_float(images)).numpy(), SHIPPED / "fields")
                classes[label] = images
                print(f"{path.stem}, class {label}: {name}.npz", flush=True)
        morphs = Morphs(training.images, training.labels, training.original)
        name = pair_cache.key(list(classes.values()))
        pair_cache.save(name, morphs.best_pairs(list(classes)), SHIPPED / "fields")
        print(f"{path.stem}, pairs that morph best: {name}.json", flush=True)


if __name__ == "__main__":
    main()
