"""A synthetic training set: n images per class, each with the path that it came from, as an image folder in a .zip."""

import io
from collections.abc import Sequence
from typing import IO, NamedTuple
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.typing import NDArray

from glico.data.class_folders import class_folders
from glico.formats import csv_text
from glico.pictures import to_pil
from glico.types import Images, Labels


class Synthetic(NamedTuple):
    """``images`` (m, H, W, C) uint8 with their ``labels`` (m,), from G([path(z_i, z_j, t), e]).

    ``i`` and ``j`` (m,) are rows of the codes; ``confidence`` (m,) is the checkpoint's weak classifier's probability
    of the image's own class, nan without a classifier.
    """

    images: Images
    labels: Labels
    i: Labels
    j: Labels
    t: NDArray[np.float32]
    confidence: NDArray[np.float32]

    def subset(self, which: NDArray[np.bool_]) -> "Synthetic":
        """Return the images for which ``which`` (m,) is true."""
        return Synthetic._make(values[which] for values in self)


def write_archive(file: IO[bytes], synthetic: Synthetic, class_names: Sequence[str], indices: Labels) -> None:
    """Write the images as a .zip with a folder per class, and paths.csv with the path and the t of each image.

    ``indices`` (n,) are the checkpoint's rows' indices in the data set.
    """
    folders = class_folders(class_names)
    table: list[list[object]] = [["file", "class", "row_i", "row_j", "image_i", "image_j", "t", "confidence"]]
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for index, (image, label, i, j, t, confidence) in enumerate(zip(*synthetic, strict=True)):
            name = f"{folders[label]}/{index:06d}.png"
            png = io.BytesIO()
            to_pil(image).save(png, "PNG")
            archive.writestr(name, png.getvalue())
            origin = [i, j, indices[i], indices[j], f"{t:.4g}", f"{confidence:.4f}"]
            table.append([name, class_names[label], *origin])
        archive.writestr("paths.csv", csv_text(table))
