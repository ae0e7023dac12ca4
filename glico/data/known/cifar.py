"""CIFAR-10, CIFAR-100 and ciFAIR: torchvision's addresses, checksums and reader, over a cache that is written at once.

ciFAIR (Barz and Denzler, 2020) has CIFAR's training split, and a test split without the images that repeat a training
image.
"""

import shutil
import tarfile
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO
from zipfile import ZipFile

import numpy as np

from glico.data.dataset import Dataset, KnownDataset
from glico.data.download import download as fetch
from glico.data.download import unpacking
from glico.data.images import match_colour, resize_images
from glico.data.preparation import Preparation
from glico.errors import GlicoError
from glico.files import open_regular
from glico.places import cache_directory
from glico.types import Progress

FOLDERS = {
    "cifar10": "cifar-10-batches-py",
    "cifar100": "cifar-100-python",
    "cifair10": "ciFAIR-10",
    "cifair100": "ciFAIR-100",
}
CIFAIR_URL = "https://github.com/cvjena/cifair/releases/download/v1.0"


def cifar_reader(name: str) -> Any:
    """torchvision's class that reads the data set, with the addresses and checksums of its files."""
    from torchvision.datasets import CIFAR10, CIFAR100

    class Cifair10(CIFAR10):
        base_folder, filename = "ciFAIR-10", "ciFAIR-10.zip"
        url, tgz_md5 = f"{CIFAIR_URL}/{filename}", "ca08fd390f0839693d3fc45c4e49585f"
        test_list = [["test_batch", "01290e6b622a1977a000eff13650aca2"]]  # noqa: RUF012 (torchvision's own form)

    class Cifair100(CIFAR100):
        base_folder, filename = "ciFAIR-100", "ciFAIR-100.zip"
        url, tgz_md5 = f"{CIFAIR_URL}/{filename}", "ddc236ab4b12eeb8b20b952614861a33"
        test_list = [["test", "8130dae8d6fc6a436437f0ebdb801df1"]]  # noqa: RUF012

    return {"cifar10": CIFAR10, "cifar100": CIFAR100, "cifair10": Cifair10, "cifair100": Cifair100}[name]


def cifar_folder(name: str) -> Path:
    """Return the folder of the data set, which exists after its download."""
    return cache_directory() / FOLDERS[name]


def read_cifar(name: str, preparation: Preparation, download: bool, progress: Progress | None) -> Dataset:
    """50,000 training and 10,000 test images of 32 x 32. Raises GlicoError if it is not here and not to be fetched."""
    reader = cifar_reader(name)
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
        preparation.colour,
        resize_images(train.data, preparation, progress),
        resize_images(test.data, preparation, progress),
    )
    labels, test_labels = (np.asarray(part.targets, dtype=np.int64) for part in (train, test))
    return Dataset(name, images, labels, test_images, test_labels, tuple(train.classes))


def _install(reader: Any, folder: Path, archive: Path, progress: Progress | None) -> None:
    """Fetch the archive if it is not here, unpack the files that are known by checksum, rename them into place."""
    fetch(reader.url, archive, reader.tgz_md5, progress)
    names = [name for name, _ in reader.train_list + reader.test_list] + [reader.meta["filename"]]
    with (
        unpacking(archive, folder) as partial,
        open_regular(archive, "archive_mib") as file,
        _opened(file, archive.suffix) as packed,
    ):
        for name in names:
            with _member(packed, f"{folder.name}/{name}") as member, (partial / name).open("wb") as out:
                shutil.copyfileobj(member, out)


def _opened(archive: BinaryIO, suffix: str) -> tarfile.TarFile | ZipFile:
    return ZipFile(archive) if suffix == ".zip" else tarfile.open(fileobj=archive)


def _member(packed: tarfile.TarFile | ZipFile, name: str) -> IO[bytes]:
    """Return one file of the archive, opened. Raises KeyError if there is none."""
    if isinstance(packed, ZipFile):
        return packed.open(name)
    file = packed.extractfile(name)
    if file is None:
        raise KeyError(f"{name} is no file")
    return file


def _known(name: str, about: str) -> KnownDataset:
    return KnownDataset(
        about, 32, partial(read_cifar, name), lambda: cifar_folder(name).is_dir(), "170 MB", by_pytorch=True
    )


DATASETS = {
    "cifar10": _known("cifar10", "60,000 photographs of 10 classes, 32 x 32"),
    "cifar100": _known("cifar100", "60,000 photographs of 100 classes, 32 x 32"),
    "cifair10": _known("cifair10", "CIFAR-10 with a test split that repeats no training image"),
    "cifair100": _known("cifair100", "CIFAR-100 with a test split that repeats no training image"),
}
