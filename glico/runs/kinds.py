"""The kinds of run, as a table; and what a run's folder is called."""

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
    """All of a kind of run: adding one is adding its entry, and the module of its ``job``.

    ``schema`` of glico.config configures a run, the ``job`` module's ``build`` makes it one that can be executed, and
    it ``leaves`` a file of that name. ``inputs`` are the fields that may name a file; ``slug`` gives the readable
    part of a run's id. ``summary`` is for the command line, where the kind is a command. On pages it is
    called ``title``; what a run's method is called is the value of its field ``method``, or that word where there is no
    such field; ``measure`` of its result stands in the list of runs, ``curves`` of its metrics are drawn. ``sparse``
    names a metric of every sort of record that few steps write: a page that reads a large file in part reads all these.
    """

    schema: str
    job: str
    leaves: str
    inputs: tuple[str, ...]
    slug: Callable[[Any], tuple[object, ...]]
    summary: str
    title: str
    method: str
    measure: str
    curves: tuple[str, ...]
    sparse: tuple[str, ...] = ()

    @property
    def config(self) -> "type[RunConfig]":
        """What configures a run; loaded when it is asked for, so that the command line's help comes quickly."""
        loaded: type[RunConfig] = getattr(import_module("glico.config"), self.schema)
        return loaded


def checkpoint_name(path: Path) -> str:
    """The file's name; for one that lies in its run folder, the run's."""
    return path.parent.name.removeprefix("train-") if path.stem == "checkpoint" else path.stem


KINDS = {
    "train": Kind(
        schema="TrainConfig",
        job="glico.runs.train_job",
        leaves="checkpoint.safetensors",
        inputs=("dataset", "index_file", "vgg_weights", "resnet_weights"),
        slug=lambda c: (Path(c.dataset).stem, c.sample_size, c.objective, c.seed),
        summary="learn codes and a generator from a small sample (Algorithm 1)",
        title="GLO and GLICO",
        method="objective",
        measure="reconstruction",
        curves=("reconstruction", "cross_entropy", "cosine", "accuracy", "loss", "images_per_second"),
        sparse=("variation",),  # from which pages tell that a class collapses
    ),
    "classify": Kind(
        schema="ClassifyConfig",
        job="glico.runs.classify_job",
        leaves="predictions.npz",
        inputs=("checkpoint", "classifier_weights"),
        slug=lambda c: (checkpoint_name(Path(c.checkpoint)), c.augmentation, c.classifier, c.seed),
        summary="train classifiers on a checkpoint's small sample, over methods and seeds",
        title="classifiers",
        method="augmentation",
        measure="accuracy",
        curves=(),  # accuracies are compared instead, method by method
        sparse=("test_accuracy", "holdout_accuracy"),
    ),
    "dcgan": Kind(
        schema="DcganConfig",
        job="glico.runs.dcgan_job",
        leaves="dcgan.safetensors",
        inputs=("dataset", "index_file"),
        slug=lambda c: (Path(c.dataset).stem, c.sample_size, c.seed),
        summary="train a conditional DCGAN on a small sample, to compare with (Fig. 1)",
        title="DCGAN",
        method="dcgan",
        measure="generator_loss",
        curves=("generator_loss", "discriminator_loss", "images_per_second"),
    ),
}


def kind_of(config: "RunConfig") -> str:
    """The name of the configuration's kind."""
    return next(name for name, kind in KINDS.items() if type(config) is kind.config)


def settle(config: "RunConfig") -> "RunConfig":
    """The same configuration with absolute paths, so that it means the same from any directory.

    Raises GlicoError if it names a file or a data set that is not there.
    """
    return config.model_copy(update={name: str(path) for name, path in _input_paths(config).items()})


def input_digests(config: "RunConfig") -> dict[str, str]:
    """The digest of every file and folder that the run reads, by its path."""
    return {str(path): digest(path) for path in _input_paths(config).values()}


def run_id(config: "RunConfig") -> str:
    """A readable slug and eight hex digits; equal for what computes the same.

    The digits stand for what the files hold that the run reads, not for where they lie.
    """
    kind = kind_of(config)
    contents = {name: digest(path) for name, path in _input_paths(config).items()}
    fingerprint = config.model_copy(update=contents).fingerprint()
    words = [re.sub(r"[^a-z0-9+]+", "-", str(word).lower()).strip("-") for word in KINDS[kind].slug(config)]
    return "-".join([kind, *(word[:40] for word in words if word), fingerprint])


def digest(path: Path) -> str:
    """SHA-256 of a file's content, or of a folder's file names, sizes and times. Raises GlicoError if unreadable."""
    try:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            named = [(str(f.relative_to(path)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
            return hashlib.sha256(json_text(named).encode()).hexdigest()
        facts = path.stat()
        return _content(path, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        raise GlicoError(f"{path} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=1024)
def _content(path: Path, *facts: int) -> str:
    """A file's digest; it is read again when one of the ``facts`` about it has changed."""
    with open_regular(path, "archive_mib") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _input_paths(config: "RunConfig") -> dict[str, Path]:
    paths = {}
    used = config.used(config.model_dump())
    for name in KINDS[kind_of(config)].inputs:
        value = used.get(name)
        if value is None or (name == "dataset" and _is_known(str(value))):
            continue
        paths[name] = Path(value).expanduser().resolve()
        if not paths[name].exists():
            raise GlicoError(f"There is no {name.replace('_', ' ')} at {value}.")
    return paths


def _is_known(dataset: str) -> bool:
    """Whether the data set is one that has a name. Raises GlicoError, with a hint, if it is no path either."""
    from glico.data import DATASETS, load_dataset

    if dataset not in DATASETS and not Path(dataset).expanduser().exists():
        load_dataset(dataset)
    return dataset in DATASETS
