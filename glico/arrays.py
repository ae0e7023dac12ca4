"""Files of arrays (.npz), each read through a layout: types and shapes that fit together, finite numbers."""

import os
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.files import open_regular

Arrays = dict[str, NDArray[Any]]
Layout = Mapping[str, tuple[str, str]]
"""By name: NumPy's letters for the kinds that an array may have ("f", "iu", "U", "b"), and a letter for each of its
axes. Axes of one letter have one length; capitals are bounded by MOST_CHANNELS. A name that ends in "?" may be missing.
"""
MOST_CHANNELS = 4

PREDICTIONS: Layout = {"labels": ("i", "n"), "logits": ("f", "nk"), "indices": ("i", "n"), "part": ("U", "")}
PREVIEWS: dict[str, Layout] = {
    "train": {
        "images": ("u", "nhwC"), "reconstructions": ("u", "nhwC"), "codes?": ("f", "md"), "labels?": ("i", "m"),
        "step": ("i", ""), "merged?": ("U", "x"),
    },
    "classify": {
        "images": ("u", "nhwC"), "generated": ("b", "n"), "refused": ("b", "n"), "labels": ("i", "n"),
        "step": ("i", ""),
    },
    "dcgan": {"images": ("u", "nhwC"), "drawn": ("u", "nhwC"), "step": ("i", "")},
}  # fmt: skip


def read_arrays(path: str | os.PathLike[str], layout: Layout) -> Arrays | None:
    """Return the arrays of ``layout`` in a file, or None if it is missing or damaged, or if they do not fit.

    Integers are counts or labels, so none is below -1, which marks an image without a label.
    """
    try:
        with open_regular(path, "arrays_mib") as opened:
            if any(member.compress_type != zipfile.ZIP_STORED for member in zipfile.ZipFile(opened).infolist()):
                return None  # ours are never compressed, and so never larger than their file
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as file:
                names = [name.removesuffix("?") for name in layout]
                arrays = {name: file[name] for name in names if name in file.files}
    except Exception:  # a reader that meets a damaged file may raise anything
        return None
    return arrays if _fit(arrays, layout) else None


def read_predictions(path: str | os.PathLike[str]) -> Arrays | None:
    """Return a run's PREDICTIONS: ``logits`` (n, k) of images with true ``labels`` (n,), the ``indices`` (n,) of a
    ``part`` of the data set. None if the file is missing or damaged, or a label is none of the k classes."""
    arrays = read_arrays(path, PREDICTIONS)
    if arrays is None:
        return None
    labels, classes = arrays["labels"], arrays["logits"].shape[1]
    fits = labels.min() >= 0 and labels.max() < classes and arrays["indices"].min() >= 0
    return arrays if fits and str(arrays["part"]) in ("train", "test") else None


def _fit(arrays: Arrays, layout: Layout) -> bool:
    sizes: dict[str, int] = {}
    for name, (kinds, axes) in layout.items():
        array = arrays.get(name.removesuffix("?"))
        if array is None:
            if name.endswith("?"):
                continue
            return False
        if array.dtype.kind not in kinds or array.ndim != len(axes):
            return False
        if any(sizes.setdefault(axis, size) != size for axis, size in zip(axes, array.shape, strict=True)):
            return False
        if (kinds == "f" and not np.isfinite(array).all()) or (kinds == "i" and (array < -1).any()):
            return False
    lengths = {axis: size for axis, size in sizes.items() if axis != "x"}
    return all(lengths.values()) and all(size <= MOST_CHANNELS for axis, size in lengths.items() if axis.isupper())
