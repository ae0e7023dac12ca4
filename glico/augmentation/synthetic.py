"""A synthetic training set: n images per class, each with the path that it came from, as an image folder in a .zip."""

import io
from collections.abc import Sequence
from typing import IO, NamedTuple
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.finite import check_finite
from glico.config import FramePathName
from glico.data.class_folders import class_folders
from glico.errors import GlicoError
from glico.formats import csv_text
from glico.pictures import to_pil
from glico.pixels import to_uint8
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


def synthesise(
    checkpoint: Checkpoint,
    per_class: int,
    seed: int,
    *,
    path: FramePathName = "slerp",
    factors: Sequence[float] = FACTORS,
    drawn_from: Sequence[int] = (),
    detail: bool = False,
) -> Synthetic:
    """Generate ``per_class`` images of every class as section IV-B does: each from a new pair, t and noise.

    With ``drawn_from`` only of the classes that have two of these rows, and only between these. With ``detail`` they
    keep that of the true images (LatentSampler.with_detail); GlicoError if the checkpoint has none.
    """
    rng = torch.Generator().manual_seed(seed)
    with_classifier = bool(checkpoint.classifier)
    sampler = LatentSampler.from_checkpoint(
        checkpoint, path=path, factors=factors, drawn_from=drawn_from, with_classifier=with_classifier
    )
    if detail:
        if checkpoint.images is None:
            raise GlicoError(
                "The checkpoint keeps no images, so the detail of the true images is not known. "
                "Choose a method without detail, or a checkpoint with its images."
            )
        sampler = sampler.with_detail(checkpoint.images.permute(0, 3, 1, 2))
    labels = checkpoint.labels.cpu()
    classes = labels[sampler.pairs.drawable].unique().repeat_interleave(per_class)
    i = sampler.pairs.of_classes(classes, rng)
    generated = sampler.sample(i, rng)
    check_finite(generated.images, "generator")
    confidence = torch.full((len(i),), torch.nan) if generated.confidence is None else generated.confidence
    origin = (labels[i], generated.i, generated.j, generated.t, confidence)
    return Synthetic(to_uint8(generated.images), *(value.numpy() for value in origin))


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
