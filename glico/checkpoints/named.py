"""Paths that a person named on this machine. Other paths in a checkpoint's configuration are not opened.

A checkpoint may come from a stranger. Its data set and files of weights are opened only if somebody here has named the
same path, in a training of this process or in a run of this machine.
"""

from pathlib import Path

from glico.config import DataConfig, TrainConfig
from glico.config.data import IN_MEMORY
from glico.data.known import DATASETS
from glico.data.text import plain_text
from glico.errors import GlicoError
from glico.files import read_json
from glico.places import runs_directory

FIELDS = ("dataset", "vgg_weights", "decisions")
_named: set[str] = set()


def name_paths(config: TrainConfig) -> None:
    """Note the paths of a configuration that a person made for a training in this process."""
    _named.update(value for field in FIELDS if (value := getattr(config, field)) is not None)


def is_named(path: str) -> bool:
    """Return whether a person has named ``path`` in this process or in a run of this machine."""
    if path in _named:
        return True
    for file in runs_directory().glob("*/run.json"):
        config = (read_json(file) or {}).get("config")
        if isinstance(config, dict) and path in (config.get(field) for field in FIELDS):
            _named.add(path)
            return True
    return False


def data_set_of(config: DataConfig, dataset: str | None = None) -> str:
    """Return the data set to open for a checkpoint that was trained by ``config``: ``dataset`` if it is given.

    Raises GlicoError if the checkpoint's own is a path that nobody here has named, or that no longer exists.
    """
    own = config.dataset
    if dataset is not None or own in DATASETS or own == IN_MEMORY:  # the reader says that this one is not on the disk
        return dataset or own
    _check_named(
        own,
        "was trained on",
        "you name it yourself: name the data set with --dataset, or in the field Dataset",
        "Name its new place with --dataset, or in the field Dataset.",
    )
    return own


def decisions_of(config: DataConfig) -> str | None:
    """Return the table of decisions to read for a checkpoint that was trained by ``config``, None without one.

    Raises GlicoError if nobody here has named it, or if it no longer exists.
    """
    path = config.decisions
    if path is not None:
        _check_named(
            path,
            "was trained with the decisions in",
            "a run of this machine names it",
            "Restore the table.",
        )
    return path


def with_named_weights(config: TrainConfig) -> TrainConfig:
    """Return a checkpoint's ``config`` for its reconstruction loss, which then opens only files that a person has named
    and downloads nothing.

    Raises GlicoError if the loss needs weights at a path that nobody here has named.
    """
    path = config.vgg_weights
    if config.reconstruction != "laplacian" and path is not None:
        _check_named(path, "was trained with the weights in", "a run of this machine names it")
    return config.model_copy(update={"download": False})


def _check_named(path: str, use: str, condition: str, remedy: str | None = None) -> None:
    """Raise GlicoError unless a person has named ``path``; with a ``remedy``, also if nothing is there.

    ``use`` says what the checkpoint did with the path, and ``condition`` what must be true for it to be opened.
    """
    shown = plain_text(path, 100)
    if not is_named(path):
        raise GlicoError(
            f"The checkpoint says that it {use} {shown!r}. A path in a checkpoint is not opened unless {condition}."
        )
    if remedy is not None and not Path(path).expanduser().exists():
        raise GlicoError(f"The checkpoint {use} {shown!r}, which no longer exists. {remedy}")
