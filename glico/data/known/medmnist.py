"""MedMNIST's 2-D sets with one class per image (Yang et al., 2023), where its package is installed: it has the
addresses, checksums and classes; the files are read here."""

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from glico.data.dataset import Dataset, KnownDataset
from glico.data.download import download as fetch
from glico.data.npz import read_npz
from glico.data.preparation import Preparation
from glico.errors import GlicoError
from glico.places import cache_directory
from glico.types import Progress

NAMES = {  # what each is, and how many images it has to learn from
    "pathmnist": "89,996 patches of colon tissue, 9 classes",
    "dermamnist": "7,007 photographs of skin lesions, 7 classes",
    "octmnist": "97,477 OCT scans of retinas, 4 classes, grey",
    "pneumoniamnist": "4,708 X-rays of chests, 2 classes, grey",
    "retinamnist": "1,080 photographs of retinas, 5 degrees of retinopathy",
    "breastmnist": "546 ultrasound images of breasts, 2 classes, grey",
    "bloodmnist": "11,959 photographs of blood cells, 8 classes",
    "tissuemnist": "165,466 microscope images of kidney cells, 8 classes, grey",
    "organamnist": "34,561 CT slices of organs, axial, 11 classes, grey",
    "organcmnist": "12,975 CT slices of organs, coronal, 11 classes, grey",
    "organsmnist": "13,932 CT slices of organs, sagittal, 11 classes, grey",
}
RESOLUTION = 32
SIZES = (28, 64, 128, 224)  # the sides of the published images
OWN_FOLDER = Path("~/.medmnist")  # the folder of the package's downloads


def is_installed() -> bool:
    """Return whether the package is here, without which the sets have no names."""
    return find_spec("medmnist") is not None


def is_medmnist_here(name: str) -> bool:
    """Return whether a set's file is on this machine, in any of its sizes."""
    return any(_file(name, size) is not None for size in SIZES)


def read_medmnist(name: str, preparation: Preparation, download: bool, progress: Progress | None) -> Dataset:
    """Return the set from its images of the smallest published size that suits the resolution.

    Raises GlicoError if that file is neither here nor to be fetched.
    """
    suited = min(
        (size for size in SIZES if size >= preparation.resolution - 4), default=SIZES[-1]
    )  # 28 does for 32 pixels
    path = _file(name, suited)
    if path is None:
        url, md5 = (_info(name)[key + _ending(suited)] for key in ("url", "MD5"))
        path = cache_directory() / "medmnist" / f"{name}{_ending(suited)}.npz"
        if not download:
            raise GlicoError(
                f"{name} is not on this machine at {suited} pixels: allow its download (--download) or put {path.name} "
                f"into {path.parent}."
            )
        fetch(url, path, md5, progress)
    dataset = read_npz(path, preparation, 0, progress)
    labels: dict[str, str] = _info(name)["label"]
    if len(labels) != len(dataset.class_names):
        raise GlicoError(f"{path} has {len(dataset.class_names)} classes and not the {len(labels)} of {name}.")
    return replace(dataset, name=name, class_names=tuple(labels[key] for key in sorted(labels, key=int)))


def _info(name: str) -> dict[str, Any]:
    from medmnist.info import INFO

    info: dict[str, Any] = INFO[name]
    return info


def _file(name: str, size: int) -> Path | None:
    file = f"{name}{_ending(size)}.npz"
    folders = (cache_directory() / "medmnist", OWN_FOLDER.expanduser())
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def _ending(size: int) -> str:
    return "" if size == SIZES[0] else f"_{size}"


def _known(name: str, about: str) -> KnownDataset:
    return KnownDataset(
        f"MedMNIST's {about}",
        RESOLUTION,
        partial(read_medmnist, name),
        partial(is_medmnist_here, name),
        "its own",
        family="MedMNIST's",
    )


DATASETS = {name: _known(name, about) for name, about in NAMES.items()} if is_installed() else {}
