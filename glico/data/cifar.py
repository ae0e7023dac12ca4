"""CIFAR-10 and CIFAR-100: torchvision's addresses, checksums and reader, over a cache that is written at once."""

import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from glico.data.dataset import Dataset, Progress
from glico.data.download import download as fetch
from glico.data.images import Colour, match_colour, resize_images
from glico.errors import GlicoError
from glico.places import cache_directory

FOLDERS = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python"}


def cifar_folder(name: str) -> Path:
    """Where the data set lies once it is there."""
    return cache_directory() / FOLDERS[name]


def read_cifar(name: str, resolution: int, colour: Colour, download: bool, progress: Progress | None) -> Dataset:
    """50 000 training and 10 000 test images of 32 x 32. Raises GlicoError if it is not here and not to be fetched."""
    from torchvision import datasets

    reader = {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100}[name]
    folder = cifar_folder(name)
    archive = folder.parent / reader.filename
    if not folder.is_dir():
        if not download and not archive.is_file():
            raise GlicoError(
                f"{name} is not on this machine: allow its download (--download, about 170 MB, once) "
                f"or put {reader.filename} into {folder.parent}."
            )
        _install(reader, folder, archive, progress)
    try:
        train, test = (reader(folder.parent, train=part) for part in (True, False))
    except RuntimeError as error:
        raise GlicoError(f"{name} is damaged in {folder}: remove that folder and allow a download again.") from error
    images, test_images = match_colour(
        colour,
        resize_images(train.data, resolution, colour, progress),
        resize_images(test.data, resolution, colour, progress),
    )
    labels, test_labels = (np.asarray(part.targets, dtype=np.int64) for part in (train, test))
    return Dataset(name, images, labels, test_images, test_labels, tuple(train.classes))


def _install(reader: Any, folder: Path, archive: Path, progress: Progress | None) -> None:
    """Fetch the archive if it is not here, unpack the files that are known by checksum, rename them into place."""
    fetch(reader.url, archive, reader.tgz_md5, progress)
    names = [name for name, _ in reader.train_list + reader.test_list] + [reader.meta["filename"]]
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with tarfile.open(archive) as tar:
            for name in names:
                with tar.extractfile(f"{folder.name}/{name}") as file, (partial / name).open("wb") as out:  # type: ignore[union-attr]
                    shutil.copyfileobj(file, out)
        os.replace(partial, folder)
    except (OSError, tarfile.TarError, KeyError) as error:
        if not folder.is_dir():  # else another process was quicker, which is as well
            raise GlicoError(f"{archive} could not be unpacked into {folder}: {error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    archive.unlink(missing_ok=True)
