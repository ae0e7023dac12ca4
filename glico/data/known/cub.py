"""CUB-200-2011 [28]: 11,788 photographs of 200 species of birds, with the publisher's split and boxes."""

import shutil
import tarfile
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from glico.data.dataset import Dataset, KnownDataset
from glico.data.decoding import Box, ImageFile, open_file
from glico.data.download import download as fetch
from glico.data.download import unpacking
from glico.data.images import match_colour, read_images
from glico.data.preparation import Preparation
from glico.errors import GlicoError
from glico.files import open_regular, read_bytes
from glico.places import cache_directory
from glico.types import Progress

URL = "https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz"
MD5 = "97eceeb196236b17998738112f37df78"
FOLDER = "CUB_200_2011"
TABLES = ("images.txt", "image_class_labels.txt", "train_test_split.txt", "bounding_boxes.txt", "classes.txt")
FILES = 11_788 + len(TABLES)
MAY_LACK = 1  # at 30 per class, the paper's largest sample: six classes have 29 training images


def is_cub_here() -> bool:
    """Return whether the data set is in the cache."""
    return (cache_directory() / FOLDER).is_dir()


def read_cub(preparation: Preparation, download: bool, progress: Progress | None, *, boxes: bool = False) -> Dataset:
    """5,994 training and 5,794 test images, with ``boxes`` each cut to the box around its bird first.

    Raises GlicoError if it is not here and not to be fetched, or is damaged.
    """
    folder = cache_directory() / FOLDER
    archive = folder.parent / URL.rsplit("/", 1)[-1]
    if not folder.is_dir():
        if not download and not archive.is_file():
            raise GlicoError(
                f"cub200 is not on this machine: allow its download (--download, 1.1 GB, once) or put {archive.name} "
                f"into {folder.parent}."
            )
        _install(folder, archive, progress)
    try:
        images, labels, split, around, classes = (_table(folder / name) for name in TABLES)
        ids = np.array(sorted(images))
        targets = np.array([int(labels[i][0]) - 1 for i in ids])
        trains = np.array([split[i] == ["1"] for i in ids])
        cuts = [_box(around[i]) if boxes else None for i in ids]
        names = [images[i][0] for i in ids]
        class_names = tuple(classes[number][0].split(".")[-1].replace("_", " ") for number in sorted(classes))
    except (OSError, ValueError, LookupError) as error:
        raise GlicoError(f"cub200 is damaged in {folder}: remove that folder and allow a download again.") from error
    files = [
        ImageFile(name, partial(open_file, folder / "images" / name), cut)
        for name, cut in zip(names, cuts, strict=True)
    ]
    (pixels,) = match_colour(preparation.colour, read_images(files, preparation, progress).images)
    return Dataset(
        "cub200-boxes" if boxes else "cub200",
        pixels[trains],
        targets[trains],
        pixels[~trains],
        targets[~trains],
        class_names,
        tuple(name for name, train in zip(names, trains, strict=True) if train),
        ids[trains],
        MAY_LACK,
    )


def _table(path: Path) -> dict[int, list[str]]:
    """Return a file of lines "NUMBER VALUE ...": the values by number."""
    rows = [line.split() for line in read_bytes(path, "text_mib").decode().splitlines() if line.strip()]
    return {int(row[0]): row[1:] for row in rows}


def _box(values: list[str]) -> Box:
    x, y, width, height = map(float, values)
    return x, y, x + width, y + height


def _install(folder: Path, archive: Path, progress: Progress | None) -> None:
    """Fetch the archive if it is not here, unpack images and tables, rename them into place."""
    fetch(URL, archive, MD5, progress)
    with (
        unpacking(archive, folder) as partial_folder,
        open_regular(archive, "archive_mib") as packed,
        tarfile.open(fileobj=packed) as tar,
    ):
        done = 0
        for member in tar:
            top, *parts = PurePosixPath(member.name).parts
            is_member = top == FOLDER and (parts[:1] == ["images"] or parts in [[name] for name in TABLES])
            file = tar.extractfile(member) if is_member and ".." not in parts else None
            if file is None:
                continue
            target = partial_folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with file, target.open("wb") as out:
                shutil.copyfileobj(file, out)
            done += 1
            if progress and done % 100 == 0:
                progress(min(1.0, done / FILES), f"unpacking {archive.name}: {done} of {FILES} files")


DATASETS = {
    "cub200": KnownDataset(
        "11,788 photographs of 200 species of birds, the shorter side 256 pixels",
        256,
        partial(read_cub, boxes=False),
        is_cub_here,
        "1.1 GB",
        inside=True,
    ),
    "cub200-boxes": KnownDataset(
        "the same, each cut to the box around its bird first",
        256,
        partial(read_cub, boxes=True),
        is_cub_here,
        "1.1 GB",
        inside=True,
    ),
}
