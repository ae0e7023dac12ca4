"""Which images: a data set and the small sample of it."""

from typing import Literal

from glico.config.schema import Config, field

Resolution = Literal[16, 32, 64, 128, 256]


class DataConfig(Config):
    """Which images: a data set, how they are prepared, and the small sample that is drawn from it."""

    dataset: str = field(
        "digits",
        "a name (digits, cifar10, cifar100, cifair10, cifair100, cub200, cub200-boxes) or a path: an image folder with "
        "a folder a class, a .zip of one, or an .npz with MedMNIST's keys",
        group="Data",
    )
    resolution: Resolution | None = field(
        None,
        "side of the square images: the shorter side is resized and the centre cut out; by default the data set's own "
        "(digits 16, CIFAR 32, CUB-200 256, an .npz's rounded up to at most 64, folders 64)",
        group="Data",
        unit="pixels",
    )
    colour: Literal["auto", "grey", "rgb"] = field(
        "auto", "colour mode; auto is grey if every image is grey, else rgb", group="Data"
    )
    test_fraction: float = field(
        0.2,
        "share of each class that is held out for testing where the data has no test part of its own; the same images "
        "for every seed",
        group="Data",
        advanced=True,
        ge=0,
        le=0.9,
    )
    samples_per_class: int = field(
        10, "labelled training images a class (the paper's SPC)", group="Data", unit="images a class", ge=2, le=5000
    )
    index_file: str | None = field(
        None,
        "text file that names the labelled images, in place of a drawn sample: one a line, by its index in the "
        "training part, by its file, or as in CUB-200's train_test_split.txt",
        group="Data",
        advanced=True,
    )
    unlabelled: Literal["none", "training", "test"] = field(
        "none",
        "images whose codes are learned without labels: none, the rest of the training part, or the test part "
        "(the transductive mode of section III)",
        group="Data",
        advanced=True,
    )
    unlabelled_limit: int = field(
        10000, "at most this many unlabelled images", group="Data", unit="images", advanced=True, ge=1, le=1_000_000
    )
    seed: int = field(0, "seed of the small sample and of the training", group="Data", ge=0, le=2**31 - 1)
    download: bool = field(
        False,
        "allow a download of the data set or of pretrained weights if they are not in the cache",
        group="Data",
        identity=False,
    )
