"""The kinds of run, as a table, and the ids of runs."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.errors import GlicoError
from glico.files import open_regular
from glico.formats import json_text

if TYPE_CHECKING:
    from glico.config import RunConfig


@dataclass(frozen=True)
class Kind:
    """The configuration and execution of a kind of run; glico.runs.presentation has its words.

    ``schema`` is the class of glico.config that configures a run, ``job`` the module whose ``build`` makes the run's
    job. ``output`` is the file that a finished run leaves. ``inputs`` are the settings that may name a file; ``slug``
    returns the words of a run's id. ``sparse`` are metrics that few steps write: a page that reads part of a large file
    reads all records with one of these.
    """

    schema: str
    job: str
    output: str
    inputs: tuple[str, ...]
    slug: Callable[[Any], tuple[object, ...]]
    sparse: tuple[str, ...] = ()

    @property
    def config(self) -> "type[RunConfig]":
        """The class that configures a run. It is imported only when needed, so that the command line starts quickly."""
        loaded: type[RunConfig] = getattr(import_module("glico.config"), self.schema)
        return loaded


def checkpoint_name(path: Path) -> str:
    """Return a checkpoint's name: that of its file, or of its run if the file lies in a run folder."""
    return path.parent.name.removeprefix("train-") if path.stem == "checkpoint" else path.stem


KINDS = {
    "train": Kind(
        schema="TrainConfig",
        job="glico.runs.train_job",
        output="checkpoint.safetensors",
        inputs=("dataset", "index_file", "decisions", "warm_start", "vgg_weights", "resnet_weights"),
        slug=lambda c: (Path(c.dataset).stem, c.sample_size, c.objective, c.seed),
        sparse=("variation",),  # which shows pages that a class collapses
    ),
    "classify": Kind(
        schema="ClassifyConfig",
        job="glico.runs.classify_job",
        output="predictions.npz",
        inputs=("checkpoint", "classifier_weights"),
        slug=lambda c: (checkpoint_name(Path(c.checkpoint)), c.augmentation, c.classifier, c.seed),
        sparse=("test_accuracy", "holdout_accuracy"),
    ),
    "dcgan": Kind(
        schema="DcganConfig",
        job="glico.runs.dcgan_job",
        output="dcgan.safetensors",
        inputs=("dataset", "index_file", "decisions"),
        slug=lambda c: (Path(c.dataset).stem, c.sample_size, c.seed),
    ),
}


def kind_of(config: "RunConfig") -> str:
    """Return the name of the configuration's kind."""
    return next(name for name, kind in KINDS.items() if type(config) is kind.config)


def settle(config: "RunConfig") -> "RunConfig":
    """Return the same configuration with absolute paths, so that it means the same in every directory.

    Raises GlicoError if it names a missing file or an unknown data set.
    """
    return config.model_copy(update={name: str(path) for name, path in _input_paths(config).items()})


def input_digests(config: "RunConfig") -> dict[str, str]:
    """Return the digest of every file and folder that the run reads, by its path."""
    return {str(path): digest(path) for path in _input_paths(config).values()}


def run_id(config: "RunConfig") -> str:
    """Return readable words and eight hex digits, equal for configurations that compute the same.

    The digits depend on the contents of the files that the run reads, and not on their paths.
    """
    kind = kind_of(config)
    contents = {name: digest(path) for name, path in _input_paths(config).items()}
    fingerprint = config.model_copy(update=contents).fingerprint()
    words = [re.sub(r"[^a-z0-9+]+", "-", str(word).lower()).strip("-") for word in KINDS[kind].slug(config)]
    return "-".join([kind, *(word[:40] for word in words if word), fingerprint])


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content, or of the names, sizes and times of a folder's files.

    Raises GlicoError if it cannot be read.
    """
    try:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            entries = [(str(f.relative_to(path)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
            return hashlib.sha256(json_text(entries).encode()).hexdigest()
        stat = path.stat()
        return _content(path, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise GlicoError(f"Cannot read {path}: {error.strerror}. Check the path and its permissions.") from error


@lru_cache(maxsize=1024)
def _content(path: Path, *version: int) -> str:
    """Return a file's digest. The file is read again if its ``version`` (inode, size, time) has changed."""
    with open_regular(path, "archive_mib") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _input_paths(config: "RunConfig") -> dict[str, Path]:
    paths = {}
    settings = config.used(config.model_dump())
    for name in KINDS[kind_of(config)].inputs:
        value = settings.get(name)
        if value is None or (name == "dataset" and _is_known(str(value))):
            continue
        paths[name] = Path(value).expanduser().resolve()
        if not paths[name].exists():
            raise GlicoError(f"There is no {name.replace('_', ' ')} at {value}. Check the path.")
    return paths


def _is_known(dataset: str) -> bool:
    """Return whether this is the name of a known data set. Raises GlicoError if it is no path either."""
    from glico.data import DATASETS, load_dataset

    if dataset not in DATASETS and not Path(dataset).expanduser().exists():
        load_dataset(dataset)
    return dataset in DATASETS
