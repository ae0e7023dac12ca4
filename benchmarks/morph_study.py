"""Compare variants of the fusion of images in a morph, each on the same fields.

    python -m benchmarks.morph_study DATASET [--resolution 64] [--samples-per-class 12] [--pairs 24]

DATASET is a name or a path. For each variant the table has means over pairs of true images of a class: of the distance
of the halfway image from the pixel mean, of its detail, of its double exposure, global and local, and of the largest
step along the path in units of the mean step. There 1 is an even path, and a large value is a pop. The last column is
the largest of these.
"""

import argparse

import torch

from glico.data import load_dataset, small_sample
from glico.latent.distances import pixel_distance
from glico.latent.double_exposure import double_exposure, local_double_exposure
from glico.latent.halfway import class_pairs, off_cross_dissolve, sharpness
from glico.latent.morphs import Morphs
from glico.morph.frames import Fusion, morph, path_weights
from glico.pixels import to_float

FRAMES = 41
VARIANTS = {
    "the default": Fusion(),
    "the border repeated": Fusion(outside="border"),
    "mirrored": Fusion(outside="mirrored"),
    "haste 0.5": Fusion(haste=0.5),
    "haste 2": Fusion(haste=2.0),
    "sharpness 2": Fusion(sharpness=2.0),
    "sharpness 8": Fusion(sharpness=8.0),
}
MEASURES = ("from_mean", "sharpness", "double_exposure", "local_double_exposure", "largest step", "worst")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", metavar="DATASET", help="a data set's name or path")
    parser.add_argument("--resolution", type=int, help="side of the images")
    parser.add_argument("--samples-per-class", type=int, default=12, help="images per class")
    parser.add_argument("--pairs", type=int, default=24, help="pairs of images")
    options = parser.parse_args()
    sample = small_sample(load_dataset(options.dataset, options.resolution), options.samples_per_class, 0)
    morphs, t = Morphs(sample.images, sample.labels), torch.linspace(0, 1, FRAMES)
    pairs = class_pairs(torch.from_numpy(sample.labels), options.pairs).tolist()
    print(f"| variant | {' | '.join(MEASURES)} |\n|{' --- |' * (len(MEASURES) + 1)}", flush=True)
    for name, fusion in VARIANTS.items():
        result = []
        for pair in pairs:
            ends = to_float(sample.images[pair])
            frames = morph(ends, morphs.fields(pair).knots, path_weights(t), fusion)
            triple = ends[:1], frames[FRAMES // 2][None], ends[1:]
            steps = pixel_distance(frames[1:], frames[:-1])
            measures = (off_cross_dissolve, sharpness, double_exposure, local_double_exposure)
            result.append([*(float(measure(*triple)) for measure in measures), float(steps.max() / steps.mean())])
        values = torch.tensor(result)
        means = [*values.nanmean(dim=0).tolist(), float(values[:, -1].max())]
        print(f"| {name} | {' | '.join(f'{mean:.3f}' for mean in means)} |", flush=True)


if __name__ == "__main__":
    main()
