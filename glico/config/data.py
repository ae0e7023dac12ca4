"""The options that select the images: a data set, and the small sample drawn from it."""

import re
from typing import Any, Literal

from pydantic import field_validator, model_validator

from glico.config.schema import Config, field

Resolution = Literal[16, 32, 64, 128, 256]
IN_MEMORY = "arrays in memory"
"""The ``dataset`` of a checkpoint that was fitted on arrays: nothing that can be opened."""


PREPARATION = ("fit", "value_range", "ground")  # fields that new images are prepared by as well
# How images were prepared before these fields existed: a checkpoint without them means this.
FORMER_PREPARATION = {"value_range": "stored", "ground": "white"}


class DataConfig(Config):
    """A data set, the preparation of its images, and the small sample that is drawn from it."""

    dataset: str = field(
        "digits",
        "a name (digits, cifar10, cifar100, cifair10, cifair100, cub200, cub200-boxes, and MedMNIST's if its package "
        "is installed) or a path: an image folder with a folder per class or a table of labels, a .zip of one, such a "
        "table (.csv or .tsv: path,label[,split]), or an .npz with MedMNIST's keys",
        group="Data",
    )
    resolution: Resolution | None = field(
        None,
        "side of the square images: the shorter side is resized to it and the centre cut out. By default the data "
        "set's own: digits 16, CIFAR 32, CUB-200 256, an .npz's rounded up to at most 64, folders 64",
        automatic="the data set's own",
        group="Data",
        unit="pixels",
    )
    colour: Literal["auto", "grey", "rgb"] = field(
        "auto", "colour mode; auto is grey if every image is grey, otherwise rgb", group="Data"
    )
    fit: Literal["crop", "white", "black", "mirrored", "mean", "squash"] = field(
        "crop",
        "how an image becomes square: crop cuts out its centre; white, black, mirrored and mean keep the whole image "
        "and add a border of that kind (mean: of its mean colour); squash changes its proportions",
        group="Data",
        advanced=True,
        later=True,
    )
    value_range: str = field(
        "auto",
        "values that become black and white in images of more than 8 bits, the same for the whole data set. auto: the "
        "smallest and largest value, or the files' own range if they use half of it. stored: the files' own range. "
        "percentiles: without half a per cent at each end. LOW:HIGH: these two",
        group="Data",
        advanced=True,
        later=True,
        checked=True,
    )
    ground: Literal["auto", "white", "black", "grey"] = field(
        "auto",
        "background of transparent images, the same for the whole data set; auto is white, unless drawings would "
        "vanish on it",
        group="Data",
        advanced=True,
        later=True,
    )
    test_fraction: float = field(
        0.2,
        "share of each class that becomes the test split if the data has none; the same images for every seed",
        group="Data",
        advanced=True,
        ge=0,
        le=0.9,
    )
    samples_per_class: int = field(
        10,
        "labelled training images per class (the paper's SPC); also all, or up-to-20: smaller classes contribute all "
        "their images",
        group="Data",
        unit="images per class",
        only={"per_class": ("exactly", "up-to")},
        ge=2,
        le=5000,
    )
    per_class: Literal["exactly", "up-to", "all"] = field(
        "exactly",
        "exactly: the same number of images of every class; up-to: at most that number, smaller classes contribute "
        "all their images (2 or more); all: all images of every class",
        group="Data",
        later=True,
    )
    index_file: str | None = field(
        None,
        "text file that lists the labelled images, instead of a random sample: one per line, by its index in the "
        "training split, by its file name, or as in CUB-200's train_test_split.txt",
        automatic="none: a random sample",
        group="Data",
        advanced=True,
    )
    groups: str | None = field(
        None,
        "which images belong together, so that no group is on both sides of a split: column:NAME of the table of "
        "labels, name:PATTERN of the file (a regular expression, whose parenthesis is the group), folder (inside class "
        "folders), or duplicates",
        automatic="none",
        group="Data",
        advanced=True,
        later=True,
        checked=True,
    )
    duplicates: Literal["keep", "leave-out"] = field(
        "keep",
        "exact and near duplicates: keep them, or leave one of each pair out. Of a training and a test image the test "
        "image is left out, of two classes both",
        group="Data",
        advanced=True,
        later=True,
    )
    decisions: str | None = field(
        None,
        "table of decisions on single images (path,label,split,decision,note), which the app writes: relabel puts an "
        "image into the class label, leave-out drops it, fine changes nothing. The files of the data set stay as they "
        "are",
        automatic="none",
        group="Data",
        advanced=True,
        later=True,
    )
    unreadable: Literal["refuse", "leave-out"] = field(
        "refuse",
        "if an image or a line of labels cannot be read: refuse the whole data set, or leave that image out",
        group="Data",
        advanced=True,
        later=True,
    )
    unlabelled: Literal["none", "training", "test"] = field(
        "none",
        "images whose codes are learned without labels: none, the rest of the training split, or the test split "
        "(transductive, section III)",
        group="Data",
        advanced=True,
    )
    unlabelled_limit: int = field(
        10000, "highest number of unlabelled images", group="Data", unit="images", advanced=True, ge=1, le=1_000_000
    )
    seed: int = field(0, "seed of the small sample and of the training", group="Data", ge=0, le=2**31 - 1)
    download: bool = field(
        False,
        "allow the download of a data set or of pretrained weights that are not in the cache",
        group="Data",
        identity=False,
    )

    @field_validator("value_range")
    @classmethod
    def _is_a_range(cls, value: str) -> str:
        low, _, high = value.partition(":")
        if value in ("auto", "stored", "percentiles"):
            return value
        try:
            is_range = float(low) < float(high) < float("inf")
        except ValueError:
            is_range = False
        if not is_range or float(low) == -float("inf"):
            raise ValueError("must be auto, stored, percentiles, or two numbers LOW:HIGH, the lower first")
        return value

    @field_validator("groups")
    @classmethod
    def _are_groups(cls, value: str | None) -> str | None:
        kind, _, rest = (value or "folder").partition(":")
        if value in (None, "folder", "duplicates") or (kind == "column" and rest):
            return value
        try:
            is_pattern = kind == "name" and bool(rest) and bool(re.compile(rest))
        except re.error:
            is_pattern = False
        if not is_pattern:
            raise ValueError("must be column:NAME, name:PATTERN, folder or duplicates")
        return value

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, values: Any) -> Any:
        """Accept "all" and "up-to-20" as values of ``samples_per_class``."""
        size = values.get("samples_per_class") if isinstance(values, dict) else None
        if size == "all":
            rest = {name: value for name, value in values.items() if name != "samples_per_class"}
            return rest | {"per_class": "all"}
        if isinstance(size, str) and (match := re.fullmatch(r"up-to-(\d{1,9})", size)):
            return values | {"samples_per_class": int(match[1]), "per_class": "up-to"}
        return values

    @property
    def sample_size(self) -> str:
        """The number of images per class as text: "10", "up to 20", "all"."""
        size = str(self.samples_per_class)
        return {"exactly": size, "up-to": f"up to {size}", "all": "all"}[self.per_class]
