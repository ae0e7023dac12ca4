"""Images and labels as people have them, checked and brought into the form that a training takes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from glico.config import TrainConfig
from glico.config.limits import check
from glico.data.dataset import Dataset
from glico.data.images import read_images, resize_images
from glico.data.npz import resolution_for
from glico.data.photographs import image_files
from glico.data.preparation import Colour, Preparation
from glico.data.text import plain_text
from glico.errors import GlicoError
from glico.types import Images, Labels
from glico.words import listed

FEWEST = 2  # images of a class: new images need two codes to lie between
TO_UINT8 = "(255 * images).round().astype(np.uint8) turns values in [0, 1] into that"
SHAPES = "(n, H, W), (n, H, W, 1) or (n, H, W, 3)"

Photographs = ArrayLike | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class LabelledImages:
    """Images with one class each: ``images`` (n, H, W, C) uint8, ``labels`` (n,) int64 positions in ``classes``.

    ``classes`` (K,) are the different labels as they were given, in order, as in scikit-learn's ``classes_``.
    """

    images: Images
    labels: Labels
    classes: NDArray[Any]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes as text."""
        return tuple(plain_text(str(value)) for value in self.classes.tolist())

    def dataset(self, resolution: int | None, test: "LabelledImages | None" = None) -> Dataset:
        """Return a data set of square images with these as its training split.

        The side of the images is ``resolution``, by default the smallest one that holds them, at most 64. ``test`` has
        the same classes; without it the test split is empty.
        """
        colour: Colour = "grey" if self.images.shape[3] == 1 else "rgb"
        preparation = Preparation(resolution or resolution_for(self.images), colour)
        images = resize_images(self.images, preparation)
        if test is None:
            test_images, test_labels = images[:0], self.labels[:0]
        else:
            test_images, test_labels = resize_images(test.images, preparation), test.labels
        return Dataset("The images", images, self.labels, test_images, test_labels, self.class_names)


def labelled_images(images: ArrayLike, labels: ArrayLike) -> LabelledImages:
    """Return ``images`` and ``labels`` checked. Raises GlicoError with one sentence if they cannot be learned from."""
    pixels = uint8_images(images)
    array = label_array(labels, len(pixels))
    classes, positions = np.unique(array, return_inverse=True)
    counts = np.bincount(positions)
    if len(classes) < 2:
        raise GlicoError("Cannot learn classes: labels has one class only. Give images of two or more classes.")
    check("classes", len(classes), "labels")
    if counts.min() < FEWEST:
        single = classes[counts < FEWEST].tolist()
        raise GlicoError(
            f"Cannot generate between two images of a class: {listed([*map(repr, single)])} has one image. "
            "Give two or more images of each class, or leave these classes out."
        )
    result = LabelledImages(pixels, positions.astype(np.int64), classes)
    if len(set(result.class_names)) < len(classes):
        raise GlicoError("Cannot tell the classes apart: two labels read the same. Rename one of them.")
    return result


def uint8_images(images: ArrayLike, name: str = "images") -> Images:
    """Return ``images`` as (n, H, W, C) uint8. Raises GlicoError with one sentence if they are nothing of the kind."""
    try:
        array = np.asarray(images)
    except ValueError:  # a list of images of different sizes
        array = np.empty(0, dtype=object)
    if array.dtype.kind == "O":
        raise GlicoError(f"{name} are not one array: give uint8 of shape {SHAPES}, all images of one size.")
    if array.dtype != np.uint8:
        hint = f"; {TO_UINT8}" if array.dtype.kind == "f" else ""
        raise GlicoError(f"{name} have type {array.dtype}: give uint8 from 0 to 255{hint}.")
    if array.ndim == 4 and array.shape[3] not in (1, 3) and array.shape[1] in (1, 3):
        raise GlicoError(
            f"{name} have shape {array.shape}, with the channels first: images.transpose(0, 2, 3, 1) puts them last."
        )
    if not (array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (1, 3))):
        raise GlicoError(f"{name} have shape {array.shape}: give uint8 of shape {SHAPES}.")
    if 0 in array.shape:
        raise GlicoError(f"{name} have shape {array.shape}, which is empty: give one image or more.")
    check("images", len(array), name)
    return np.ascontiguousarray(array[..., None] if array.ndim == 3 else array)


def label_array(labels: ArrayLike, count: int, name: str = "labels") -> NDArray[Any]:
    """Return ``labels`` as (count,) whole numbers, booleans or texts. Raises GlicoError with one sentence if not."""
    array = np.asarray(labels)
    if array.dtype.kind == "O":
        if not all(isinstance(value, str) for value in array.flat):
            raise GlicoError(f"{name} mix several types: give whole numbers or texts, one per image, none missing.")
        array = array.astype(np.str_)
    if array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.round(array)).all():
        array = array.astype(np.int64)
    if array.dtype.kind not in "iubUS":
        raise GlicoError(f"{name} have type {array.dtype}: give whole numbers or texts, one per image.")
    if array.dtype.kind in "iu":
        array = array.astype(np.int64)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise GlicoError(f"{name} have shape {array.shape}: give one per image, of shape ({count},).")
    if len(array) != count:
        raise GlicoError(f"There are {count} images and {len(array)} {name}: give one label per image.")
    return array


def positions_of(labels: ArrayLike, classes: NDArray[Any], count: int, name: str = "labels") -> Labels:
    """Return the positions (count,) of ``labels`` in ``classes`` (K,). Raises GlicoError if one is no class."""
    array = label_array(labels, count, name)
    if (array.dtype.kind in "US") != (classes.dtype.kind in "US"):
        array, classes = array.astype(np.str_), classes.astype(np.str_)
    order = np.argsort(classes, kind="stable")
    places = np.searchsorted(classes, array, sorter=order).clip(max=len(classes) - 1)
    positions = order[places]
    strange = array[classes[positions] != array]
    if len(strange):
        raise GlicoError(f"{name} hold {strange[0]!s}, which is no class of the model: {its_classes(classes)}.")
    return positions.astype(np.int64)


def its_classes(classes: NDArray[Any]) -> str:
    """Return the classes in words, the first ten of many."""
    return f"its classes are {listed(classes.tolist(), 10)}"


def code_array(codes: ArrayLike, dimension: int, ndim: int, name: str = "codes") -> torch.Tensor:
    """Return ``codes`` as float32, (B, d) if ``ndim`` is 2, else (d,), where d is the ``dimension``.

    Raises GlicoError if their shape is wrong or a number is not finite.
    """
    array = np.asarray(codes)
    if array.dtype.kind not in "fiu" or array.ndim != ndim or array.shape[-1] != dimension or array.size == 0:
        needed = f"(B, {dimension})" if ndim == 2 else f"({dimension},)"
        raise GlicoError(f"{name} have type {array.dtype} and shape {array.shape}: give numbers of shape {needed}.")
    if not np.isfinite(array).all():
        raise GlicoError(f"{name} are not all finite.")
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))


def end_code(codes: torch.Tensor, name: str, value: int | ArrayLike) -> torch.Tensor:
    """Return the code (d,) of an end of a path: a code, or the row of one in ``codes`` (n, d)."""
    if np.ndim(value) > 0:
        return code_array(value, codes.shape[1], ndim=1, name=name)
    return codes[_row(codes, name, value, "or a code")]


def end_row(codes: torch.Tensor, name: str, value: int | ArrayLike) -> int:
    """Return the row in ``codes`` (n, d) of an end of a path that joins training images."""
    return _row(codes, name, value, "since a morph joins two of these")


def _row(codes: torch.Tensor, name: str, value: int | ArrayLike, otherwise: str) -> int:
    row = np.asarray(value)
    if row.ndim > 0 or row.dtype.kind not in "iu" or not 0 <= int(row) < len(codes):
        shown = repr(value) if row.ndim == 0 else "an array"
        raise GlicoError(f"{name} is {shown}: give the row of a training image, 0 to {len(codes) - 1}, {otherwise}.")
    return int(row)


def photographs(given: Photographs, preparation: Preparation) -> Images:
    """Return new images prepared as the training images were, (B, R, R, C) uint8.

    They are an array as in :func:`uint8_images`, or the path of an image file or of a folder of them, or several
    paths. Raises GlicoError with one sentence.
    """
    paths = _paths(given)
    if paths is not None:
        return read_images(image_files(paths), preparation).images
    images = uint8_images(given)  # type: ignore[arg-type]
    prepared = resize_images(images, preparation)
    return np.repeat(prepared, 3, axis=3) if prepared.shape[3] == 1 and preparation.colour == "rgb" else prepared


def _paths(given: Photographs) -> list[Path] | None:
    """Return the paths that were given, None if it was an array."""
    if isinstance(given, str | os.PathLike):
        return [Path(given)]
    several = given if isinstance(given, Sequence) else ()
    paths = [Path(one) for one in several if isinstance(one, str | os.PathLike)]
    return paths if paths and len(paths) == len(several) else None


def folder_config(config: TrainConfig, folder: str | os.PathLike[str]) -> TrainConfig:
    """``config`` with the data set at ``folder``, by its absolute path, or of that name."""
    path = Path(folder).expanduser()
    return config.model_copy(update={"dataset": str(path.resolve()) if path.exists() else os.fspath(folder)})
