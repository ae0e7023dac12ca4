"""An .npz file with MedMNIST's keys."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from glico.config.limits import check
from glico.data.archive import open_archive
from glico.data.dataset import Contents, Dataset, in_test_split
from glico.data.images import match_colour, resize_images
from glico.data.preparation import Choices, Preparation
from glico.data.text import plain_text, reason, shown_path
from glico.data.value_range import FLOATS, INTEGERS, Ranges, decide, measure, to_eight_bits
from glico.errors import GlicoError
from glico.types import Images, Labels, Progress

KEYS = "train_images, train_labels, test_images, test_labels and, if you like, class_names"


def read_npz(path: Path, preparation: Preparation, test_fraction: float, progress: Progress | None) -> Dataset:
    """Read a data set from an .npz file.

    ``val_*`` is ignored. Without ``test_*``, ``test_fraction`` of each class becomes the test split.

    Images are (n, H, W), (n, H, W, 1) or (n, H, W, 3), uint8 or deeper; labels are whole numbers (n,) or (n, 1) from 0
    or 1, or one column of 0 and 1 a class (n, c). A resolution of 0 is the smallest that holds the images, at most 64.
    Raises GlicoError.
    """
    shown = shown_path(path)
    with open_archive(path, "an .npz file") as archive:
        present = {name.removesuffix(".npy") for name in archive.namelist()}
        if not {"train_images", "train_labels"} <= present or ("test_images" in present) != ("test_labels" in present):
            raise GlicoError(f"{shown} has the keys {_listed(present)}; it needs {KEYS}.")
        images, labels = _split(archive, shown, "train")
        has_test = "test_images" in present
        test_images, test_labels = _split(archive, shown, "test") if has_test else (images[:0], labels[:0])
        names = _array(archive, shown, "class_names") if "class_names" in present else None
        notes = ["The val_images are left out."] if "val_images" in present else []
    if len(images) == 0:
        raise GlicoError(f"{shown} has no training image. Put images into train_images and train_labels.")
    if images.dtype != test_images.dtype:
        raise GlicoError(
            f"{shown} has train_images of type {images.dtype} and test_images of type {test_images.dtype}; both need "
            "the same."
        )
    labels, test_labels, class_names = _from_zero(shown, names, labels, test_labels)
    preparation = replace(preparation, resolution=preparation.resolution or resolution_for(images))
    if not has_test:
        mask = in_test_split([str(index) for index in range(len(labels))], labels, test_fraction)
        images, labels, test_images, test_labels = images[~mask], labels[~mask], images[mask], labels[mask]
    images, test_images, ranges = _in_eight_bits(images, test_images, preparation)
    is_oblong = images.shape[1] != images.shape[2]
    images, test_images = match_colour(
        preparation.colour,
        resize_images(images, preparation, progress),
        resize_images(test_images, preparation, progress),
    )
    settled = preparation.settled(ranges.written, "white" if preparation.ground == "auto" else preparation.ground)
    return Dataset(
        path.stem,
        images,
        labels,
        test_images,
        test_labels,
        class_names,
        contents=Contents(notes=(*notes, *ranges.notes), cautions=ranges.cautions),
        preparation=settled,
        choices=Choices(ranges.choices, oblong=is_oblong),
    )


def resolution_for(images: NDArray[Any]) -> int:
    """Return the smallest resolution that holds images (n, H, W, ...), at most 64."""
    return next((r for r in (16, 32) if r >= min(images.shape[1:3])), 64)


def _split(archive: ZipFile, shown: str, split: str) -> tuple[NDArray[Any], Labels]:
    images, labels = _array(archive, shown, f"{split}_images"), _array(archive, shown, f"{split}_labels")
    if images.dtype.kind not in "uif" or not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))):
        volumes = images.ndim in (4, 5) and images.shape[-1] not in (1, 3)
        raise GlicoError(
            f"{shown} has {split}_images of type {images.dtype} and shape {images.shape}; "
            + (
                "these are volumes, as of MedMNIST's 3-D sets, and images of two dimensions are needed: "
                "take a slice of each, "
                if volumes
                else "it needs numbers "
            )
            + "of shape (n, H, W), (n, H, W, 1) or (n, H, W, 3)."
        )
    if min(images.shape[1:3]) == 0:
        raise GlicoError(f"{shown} has {split}_images of shape {images.shape}: the images are empty.")
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = _one_hot(shown, split, labels)
    if labels.ndim not in (1, 2) or labels.dtype.kind not in "iu":
        raise GlicoError(
            f"{shown} has {split}_labels of type {labels.dtype} and shape {labels.shape}; "
            "it needs whole numbers of shape (n,) or (n, 1)."
        )
    labels = labels.reshape(-1)
    if len(labels) != len(images):
        raise GlicoError(f"{shown} has {len(images)} {split}_images but {len(labels)} {split}_labels; each needs one.")
    return images, labels.astype(np.int64)


def _one_hot(shown: str, split: str, labels: NDArray[Any]) -> Labels:
    """(n, c) of 0 and 1, one 1 a row -> (n,). Raises GlicoError for several classes of an image, and other numbers."""
    if not np.isin(labels, (0, 1)).all():
        raise GlicoError(
            f"{shown} has {labels.shape[1]} labels per image in {split}_labels; one class per image is needed."
        )
    several, none = int((labels.sum(axis=1) > 1).sum()), int((labels.sum(axis=1) == 0).sum())
    if several or none:
        raise GlicoError(
            f"{shown} is a multi-label data set: of {len(labels)} images in {split}_labels {several} have several of "
            f"{labels.shape[1]} labels and {none} have none; one class per image is needed."
        )
    return labels.argmax(axis=1).astype(np.int64)


def _in_eight_bits(
    images: NDArray[Any], test_images: NDArray[Any], preparation: Preparation
) -> tuple[Images, Images, Ranges]:
    """Both splits in 8 bits, and the one range of values by which they are."""
    splits = [images, test_images]
    if images.dtype == np.uint8:
        return splits[0], splits[1], Ranges(INTEGERS, FLOATS, preparation.value_range)
    ranges = decide([measure(split) for split in splits if len(split)], preparation.value_range)
    bytes_ = [
        np.stack([to_eight_bits(image, ranges.range_for(image)) for image in split])
        if len(split)
        else np.zeros(split.shape, dtype=np.uint8)
        for split in splits
    ]
    return bytes_[0], bytes_[1], ranges


def _from_zero(
    shown: str, names: NDArray[Any] | None, labels: Labels, test_labels: Labels
) -> tuple[Labels, Labels, tuple[str, ...]]:
    """Return the labels of both splits from 0, and the names of the classes.

    Without ``names`` labels that start at 1 keep their numbers as names. Raises GlicoError for labels without a name or
    a training image.
    """
    if names is not None and (names.ndim != 1 or names.dtype.kind not in "US"):
        raise GlicoError(
            f"{shown} has class_names of type {names.dtype}, shape {names.shape}; it needs a list of texts."
        )
    everywhere = np.concatenate([labels, test_labels])
    lowest, highest = int(everywhere.min()), int(everywhere.max())
    first = 1 if lowest == 1 and (names is None or highest == len(names)) else 0
    count = len(names) if names is not None else int(labels.max()) + 1 - first
    if lowest < 0 or highest - first >= count:
        raise GlicoError(
            f"{shown} has labels from {lowest} to {highest} and {count} classes; labels must be 0 to {count - 1}."
        )
    labels, test_labels = labels - first, test_labels - first
    there = np.unique(labels)
    if len(there) < count:
        gap = np.append(there, count) != np.arange(len(there) + 1)
        raise GlicoError(
            f"{shown} has {count} classes, {count - len(there)} of them without a training image (the first: "
            f"{int(gap.argmax()) + first}); each needs some."
        )
    check("classes", count, shown)
    if count < 2:
        raise GlicoError(f"{shown} has images of one class, and at least two are needed.")
    if names is None:
        return labels, test_labels, tuple(map(str, range(first, count + first)))
    texts = [name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names.tolist()]
    class_names = tuple(map(plain_text, texts))
    if len(set(class_names)) < count:
        raise GlicoError(f"{shown} has class_names that repeat; each class needs a name of its own.")
    return labels, test_labels, class_names


def _array(archive: ZipFile, shown: str, key: str) -> NDArray[Any]:
    """Return one array, without unpickling, and none larger than its member: the header is read first."""
    try:
        info = archive.getinfo(f"{key}.npy")
        with archive.open(info) as file:
            version = npy.read_magic(file)
            read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read_header(file)
            if dtype.hasobject:
                raise GlicoError(
                    f"{shown} holds Python objects in {key}, which are not read: save plain numbers or texts."
                )
            check("images", shape[0] if shape else 0, f"{shown}, {key},")
            if int(np.prod(shape, dtype=object)) * dtype.itemsize != info.file_size - file.tell():
                raise ValueError(f"{key} has not the size that its header states")
        with archive.open(info) as file:
            return npy.read_array(file, allow_pickle=False)
    except GlicoError:
        raise
    except Exception as error:  # a stranger's file may raise anything
        raise GlicoError(f"{shown} is not an .npz file that can be read: {reason(error)}.") from error


def _listed(present: set[str]) -> str:
    shown = sorted(plain_text(name, limit=40) for name in present)
    return (", ".join(shown[:8]) + (" ..." if len(shown) > 8 else "")) or "(none)"
