"""Which images: a data set and the small sample of it."""

import re
from typing import Any, Literal

from pydantic import model_validator

from glico.config.schema import Config, field

Resolution = Literal[16, 32, 64, 128, 256]


class DataConfig(Config):
    """Which images: a data set, how they are prepared, and the small sample that is drawn from it."""

    dataset: str = field(
        "digits",
        "a name (digits, cifar10, cifar100, cifair10, cifair100, cub200, cub200-boxes, and MedMNIST's where its "
        "package is installed) or a path: an image folder with a folder per class or a table of labels, a .zip of one, "
        "such a table (.csv or .tsv: path,label[,split]), or an .npz with MedMNIST's keys",
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
        "share of each class that is held out for testing where the data has no test split of its own; the same images "
        "for every seed",
        group="Data",
        advanced=True,
        ge=0,
        le=0.9,
    )
    samples_per_class: int = field(
        10,
        "labelled training images per class (the paper's SPC); also all, or up-to-20: a class with fewer gives what it "
        "has",
        group="Data",
        unit="images per class",
        only={"per_class": ("exactly", "up-to")},
        ge=2,
        le=5000,
    )
    per_class: Literal["exactly", "up-to", "all"] = field(
        "exactly",
        "exactly as many images of every class as are asked for; up to as many, where a class with fewer gives what it "
        "has (2 or more); or all images of every class",
        group="Data",
        later=True,
    )
    index_file: str | None = field(
        None,
        "text file that names the labelled images, instead of a random sample: one per line, by its index in the "
        "training split, by its file, or as in CUB-200's train_test_split.txt",
        group="Data",
        advanced=True,
    )
    unreadable: Literal["refuse", "leave-out"] = field(
        "refuse",
        "what happens to an image or a line of labels that cannot be read: the whole data set is refused, or it is "
        "left out",
        group="Data",
        advanced=True,
        later=True,
    )
    unlabelled: Literal["none", "training", "test"] = field(
        "none",
        "images whose codes are learned without labels: none, the rest of the training split, or the test split "
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

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, values: Any) -> Any:
        """``samples_per_class`` may say it all: "all", or "up-to-20"."""
        said = values.get("samples_per_class") if isinstance(values, dict) else None
        if said == "all":
            rest = {name: value for name, value in values.items() if name != "samples_per_class"}
            return rest | {"per_class": "all"}
        if isinstance(said, str) and (match := re.fullmatch(r"up-to-(\d{1,9})", said)):
            return values | {"samples_per_class": int(match[1]), "per_class": "up-to"}
        return values

    @property
    def sample_size(self) -> str:
        """How many images a class gives, in words: "10", "up to 20", "all"."""
        size = str(self.samples_per_class)
        return {"exactly": size, "up-to": f"up to {size}", "all": "all"}[self.per_class]
