"""The data set, the small sample, and the fixed test split of data without one."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from glico.config import DataConfig
from glico.data.groups import split_by_group
from glico.data.preparation import Choices, Preparation
from glico.types import Images, Labels, Progress, Split


def class_name(label: int, names: Sequence[str]) -> str:
    """Return the name of a class, or its number if the name is empty, or "unlabelled" for -1."""
    return names[label] or f"class {label}" if label >= 0 else "unlabelled"


@dataclass(frozen=True)
class Contents:
    """The files of a data set that were read and those that were not, so that no data set shrinks in silence.

    ``read`` counts the images by their files' suffix, ``unread`` the files that are no images of a known format;
    ``unused`` is the number of images without a class. ``skipped`` names the images and lines of labels that cannot
    be read, ``notes`` are sentences on how the data was understood, ``cautions`` on what will harm a training.
    """

    read: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    unused: int = 0
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """Return all of it for a person, a sentence each; none for a data set that is no files."""
        sentences = [f"Read {_counted(self.read, 'image')}."] if self.read else []
        if self.unread:
            sentences.append(f"Not read, since they are no images of a known format: {_counted(self.unread, 'file')}.")
        if self.skipped:
            more = f" and {len(self.skipped) - SHOWN} more" if len(self.skipped) > SHOWN else ""
            sentences.append(f"Skipped, because they cannot be read: {', '.join(self.skipped[:SHOWN])}{more}.")
        return [*sentences, *self.notes, *self.cautions]

    def as_json(self) -> dict[str, object]:
        """Return the same for a result or a file."""
        return {
            "read": dict(self.read),
            "unread": dict(self.unread),
            "unused": self.unused,
            "left_out": list(self.skipped),
            "sentences": self.sentences(),
        }


SHOWN = 5  # files that a sentence names


def _counted(counts: Mapping[str, int], what: str) -> str:
    """ "12 images (8 .jpg, 4 without a suffix)"."""
    total = sum(counts.values())
    each = ", ".join(f"{count} {suffix or 'without a suffix'}" for suffix, count in list(counts.items())[:8])
    return f"{total:,} {what}{'s'[: total > 1]} ({each}{', ...' if len(counts) > 8 else ''})"


@dataclass(frozen=True)
class Published:
    """The splits as they were published, before decisions (glico.data.decisions) changed them.

    ``labels`` (N,) are the classes of the published training split. ``train`` (n,) and ``test`` (m,) are the positions
    of the remaining images in their published splits.
    """

    labels: Labels
    train: Labels
    test: Labels

    def rows(self, split: Split) -> Labels:
        """Return the positions of a split's images in the published split."""
        return self.train if split == "train" else self.test

    def only(self, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Self:
        """Return the same without the images for which ``train`` (n,) or ``test`` (m,) is False."""
        return replace(self, train=self.train[train], test=self.test[test])


@dataclass(frozen=True)
class Dataset:
    """Images of one size with labels, in a training and a test split.

    ``train_images`` and ``test_images`` are (n, H, W, C) uint8 with C = 1 or 3; labels are (n,) int64 indices into
    ``class_names``. The test split may be empty, never absent. ``train_names`` are the training images' files,
    ``train_ids`` (n,) their publisher's numbers, if any. ``may_lack`` is the number of images that a class may have
    less than a sample needs. ``contents`` tells what was read of its files, ``preparation`` how the images were
    prepared, settled on this data, and ``choices`` which of its choices matter. ``train_groups`` names each training
    image's group if a split may not divide groups (glico.data.groups). ``published`` has the splits before decisions,
    None without decisions.
    """

    name: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    class_names: tuple[str, ...]
    train_names: tuple[str, ...] = ()
    train_ids: Labels | None = None
    may_lack: int = 0
    contents: Contents = Contents()
    test_names: tuple[str, ...] = ()
    train_groups: tuple[str, ...] = ()
    preparation: Preparation | None = None
    choices: Choices = field(default_factory=Choices)
    published: Published | None = None

    @property
    def skipped(self) -> tuple[str, ...]:
        """The images and lines of labels that cannot be read and were left out."""
        return self.contents.skipped

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        _, height, width, channels = self.train_images.shape
        return height, width, channels


def name_in_split(split: str, index: int) -> str:
    """Return the name of an image by its place in a data set's split, "test" or "train".

    "image 7" and "training image 7" are the small sample's own eighth, wherever it is in the data set.
    """
    return f"test image {index}" if split == "test" else f"image {index} of the training split"


@dataclass(frozen=True)
class Sample:
    """A small sample: ``samples_per_class`` labelled images of every class, then unlabelled ones (label -1).

    ``images`` (n, H, W, C) uint8, ``labels`` (n,) int64, ``indices`` (n,) int64: each image's index in the training
    split, or in the test split if it is unlabelled and ``unlabelled="test"``.
    """

    images: Images
    labels: Labels
    indices: Labels
    class_names: tuple[str, ...]


class Reader(Protocol):
    """Reads a known data set with a preparation; fetches it first if it may."""

    def __call__(self, preparation: Preparation, download: bool, progress: Progress | None) -> Dataset: ...


@dataclass(frozen=True)
class KnownDataset:
    """A data set with a name: a line for people, its own resolution, its reader, whether it is on this machine.

    ``download`` is the size of the download, None without one. The standard augmentation ``flips`` its images, and
    crops them ``inside`` (7/8 of the side, section IV-C) or after padding. Lists of names have its ``family`` instead.
    Its reader may need PyTorch (``by_pytorch``).
    """

    about: str
    resolution: int
    read: Reader
    is_available: Callable[[], bool]
    download: str | None
    flips: bool = True
    inside: bool = False
    family: str = ""
    by_pytorch: bool = False

    @property
    def description(self) -> str:
        """A description of the data set and of the way to get it."""
        return f"{self.about}; a download of {self.download}" if self.download else self.about


TEST_FRACTION: float = DataConfig.model_fields["test_fraction"].default


def in_holdout(
    indices: Labels, labels: Labels, seed: int, fraction: float, groups: Sequence[str] = ()
) -> NDArray[np.bool_]:
    """Return the mask (n,) of the holdout of a small sample: a share of each class, which ``seed`` determines.

    ``indices`` (n,) are the images' places in the data set. Images without a label (-1) never belong to the holdout.
    With ``groups`` of the data set's images, it has whole groups.
    """
    held = np.zeros(len(labels), dtype=bool)
    labelled = np.flatnonzero(labels >= 0)
    keys = [f"{seed}/{index}" for index in indices[labelled].tolist()]
    if groups:
        own = tuple(groups[index] for index in indices[labelled].tolist())
        held[labelled] = split_by_group(own, labels[labelled], fraction, str(seed))
    else:
        held[labelled] = in_test_split(keys, labels[labelled], fraction)
    return held


def in_test_split(keys: Sequence[str], labels: Labels, fraction: float) -> NDArray[np.bool_]:
    """Return the mask (n,) of the test split: of each class, the share whose keys have the lowest hashes.

    No seed enters, so every sample of the data is tested on the same images, on every machine. A new image moves at
    most one other image of its class to the other split. Both splits have at least one image of each class, unless the
    class has only one or ``fraction`` is 0.
    """
    mask = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label).tolist()
        members.sort(key=lambda index: hashlib.sha256(keys[index].encode("utf-8", "surrogatepass")).digest())
        count = min(max(round(fraction * len(members)), 1), len(members) - 1) if fraction > 0 else 0
        mask[members[:count]] = True
    return mask
