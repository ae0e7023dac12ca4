"""Compare places at which the moving generator's image may be moved, with GLO after the same number of steps.

    python -m benchmarks.moving_study --dataset PATH [--resolution 32] [--samples-per-class 8] [--classes 5]
        [--steps 500] [--seeds 0]

"moved and still parts" is the generator that can be trained here. The others draw no part that stays where it is: one
moves the last hidden maps (half the side), one the image before the sigmoid. All train by reconstruction alone, with
the same fields. The columns are those of benchmarks.default_study.
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.default_study import HEADER, Measured, measured, row, some_classes
from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Sample
from glico.models.code_field import move
from glico.models.generators import MovingGenerator
from glico.training.latent_networks import LatentNetworks
from glico.training.latent_optimisation import LatentOptimisation


class MapsMoved(MovingGenerator):
    """Moves the last hidden maps, before they are normalised; the last layer draws the image from them."""

    def forward(self, z: Tensor, noise: Tensor | None = None, knots: Tensor | None = None) -> Tensor:
        assert isinstance(self.body, nn.Sequential)
        before, after = self.body[:-3], self.body[-3:]  # batch normalisation, ReLU, upsampling
        maps = before(self.join(z, noise))
        return torch.sigmoid(after(move(maps, self.field(z) if knots is None else knots)))


class ImageMoved(MovingGenerator):
    """Moves the image; no part of it stays where it is."""

    def forward(self, z: Tensor, noise: Tensor | None = None, knots: Tensor | None = None) -> Tensor:
        drawn = self.body(self.join(z, noise))
        return torch.sigmoid(move(drawn, self.field(z) if knots is None else knots))


def training_of(kind: type[MovingGenerator]) -> Callable[[TrainConfig, Sample], LatentOptimisation]:
    """Return what builds a training whose generator is of this ``kind``."""

    class Changed(LatentOptimisation):
        def build_networks(self, sample: Sample) -> LatentNetworks:
            networks = super().build_networks(sample)
            networks.generator.__class__ = kind
            if kind is not MovingGenerator:
                del networks.generator.still
            return networks

    return Changed


GENERATORS = {"moved and still parts": MovingGenerator, "maps moved": MapsMoved, "image moved": ImageMoved}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", required=True, help="a data set's name or path")
    parser.add_argument("--resolution", type=int, help="side of the images")
    parser.add_argument("--samples-per-class", type=int, default=8, help="images per class")
    parser.add_argument("--classes", type=int, help="use only the first N classes")
    parser.add_argument("--steps", type=int, default=500, help="steps of every training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="seeds of sample and training")
    options = parser.parse_args()

    dataset = load_dataset(options.dataset, options.resolution)
    print(f"{options.dataset}, {options.samples_per_class} per class, {options.steps} steps, seeds {options.seeds}")
    print(HEADER, flush=True)
    results: dict[str, list[Measured]] = {name: [] for name in ("GLO", *GENERATORS)}
    for seed in options.seeds:
        sample = some_classes(small_sample(dataset, options.samples_per_class, seed), options.classes)
        common = {"dataset": options.dataset, "steps": options.steps, "seed": seed, "snapshots": 0, "objective": "glo"}
        floor = 0.0
        for name, rows in results.items():
            generator = "dcgan" if name == "GLO" else "moving"
            build = LatentOptimisation if name == "GLO" else training_of(GENERATORS[name])
            one, _ = measured(TrainConfig.model_validate(common | {"generator": generator}), sample, build)
            floor = floor or one["rec"]
            rows.append(one | {"rec / GLO": one["rec"] / floor})
    for name, rows in results.items():
        print(row(name, rows), flush=True)


if __name__ == "__main__":
    main()
