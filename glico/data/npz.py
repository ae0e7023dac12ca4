"""An .npz file with MedMNIST's keys."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from glico.config.limits import check
from glico.data.archive import open_archive
from glico.data.dataset import Colour, Dataset, held_out
from glico.data.images import match_colour, resize_images
from glico.data.text import plain_text, reason, shown_path
from glico.errors import GlicoError
from glico.types import Images, Labels, Progress

KEYS = "train_images, train_labels, test_images, test_labels and, if you like, class_names"


def read_npz(
    path: Path, resolution: int | None, colour: Colour, test_fraction: float, progress: Progress | None
) -> Dataset:
    """The file -> a data set. ``val_*`` is left out; without ``test_*``, ``test_fraction`` of each class is held out.

    Images are uint8 (n, H, W), (n, H, W, 1) or (n, H, W, 3); labels are whole numbers (n,) or (n, 1) from 0.
    Without a resolution it is the smallest one that holds the images, at most 64. Raises GlicoError.
    """
    shown = shown_path(path)
    with open_archive(path, "an .npz file") as archive:
        present = {name.removesuffix(".npy") for name in archive.namelist()}
        if not {"train_images", "train_labels"} <= present or ("test_images" in present) != ("test_labels" in present):
            raise GlicoError(f"{shown} has the keys {_listed(present)}; it needs {KEYS}.")
        images, labels = _part(archive, shown, "train")
        has_test = "test_images" in present
        test_images, test_labels = _part(archive, shown, "test") if has_test else (images[:0], labels[:0])
        names = _array(archive, shown, "class_names") if "class_names" in present else None
    if len(images) == 0:
        raise GlicoError(f"{shown} has no training image.")
    class_names = _class_names(shown, names, labels, test_labels)
    resolution = resolution or resolution_for(images)
    if not has_test:
        mask = held_out([str(index) for index in range(len(labels))], labels, test_fraction)
        images, labels, test_images, test_labels = images[~mask], labels[~mask], images[mask], labels[mask]
    images, test_images = match_colour(
        colour,
        resize_images(images, resolution, colour, progress),
        resize_images(test_images, resolution, colour, progress),
    )
    return Dataset(path.stem, images, labels, test_images, test_labels, class_names)


def resolution_for(images: NDArray[np.uint8]) -> int:
    """Return the smallest resolution that holds images (n, H, W, ...), at most 64."""
    return next((r for r in (16, 32) if r >= min(images.shape[1:3])), 64)


def _part(archive: ZipFile, shown: str, part: str) -> tuple[Images, Labels]:
    images, labels = _array(archive, shown, f"{part}_images"), _array(archive, shown, f"{part}_labels")
    if images.dtype != np.uint8 or not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))):
        raise GlicoError(
            f"{shown} has {part}_images of type {images.dtype} and shape {images.shape}; "
            "it needs uint8 of shape (n, H, W), (n, H, W, 1) or (n, H, W, 3)."
        )
    if min(images.shape[1:3]) == 0:
        raise GlicoError(f"{shown} has {part}_images of shape {images.shape}: the images are empty.")
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise GlicoError(
            f"{shown} has {labels.shape[1]} labels per image in {part}_labels; one class per image is needed."
        )
    if labels.ndim not in (1, 2) or labels.dtype.kind not in "iu":
        raise GlicoError(
            f"{shown} has {part}_labels of type {labels.dtype} and shape {labels.shape}; "
            "it needs whole numbers of shape (n,) or (n, 1)."
        )
    labels = labels.reshape(-1)
    if len(labels) != len(images):
        raise GlicoError(f"{shown} has {len(images)} {part}_images but {len(labels)} {part}_labels; each needs one.")
    return images, labels.astype(np.int64)


def _class_names(shown: str, names: NDArray[Any] | None, labels: Labels, test_labels: Labels) -> tuple[str, ...]:
    """The names, or the labels as names; every label must be one of them and occur in the training split."""
    lowest, highest = min(labels.min(), test_labels.min(initial=0)), max(labels.max(), test_labels.max(initial=0))
    count = len(names) if names is not None and names.ndim == 1 else int(labels.max()) + 1
    if names is not None and (names.ndim != 1 or names.dtype.kind not in "US"):
        raise GlicoError(
            f"{shown} has class_names of type {names.dtype}, shape {names.shape}; it needs a list of texts."
        )
    if lowest < 0 or highest >= count:
        raise GlicoError(
            f"{shown} has labels from {lowest} to {highest} and {count} classes; labels must be 0 to {count - 1}."
        )
    missing = count - len(np.unique(labels))
    if missing:
        raise GlicoError(f"{shown} has {count} classes, {missing} of them without a training image; each needs some.")
    check("classes", count, shown)
    if count < 2:
        raise GlicoError(f"{shown} has images of one class, and at least two are needed.")
    if names is None:
        return tuple(map(str, range(count)))
    texts = [name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names.tolist()]
    class_names = tuple(map(plain_text, texts))
    if len(set(class_names)) < count:
        raise GlicoError(f"{shown} has class_names that repeat; each class needs a name of its own.")
    return class_names


def _array(archive: ZipFile, shown: str, key: str) -> NDArray[Any]:
    """One array, without unpickling, and none larger than its member: the header is read first."""
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
