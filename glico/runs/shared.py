"""Data sets that several runs need: a warm process loads one at its second use and shares it with the runs it forks."""

from contextlib import suppress
from pathlib import Path

from glico.config import ClassifyConfig, DataConfig, RunConfig
from glico.data import load_configured
from glico.data.dataset import Dataset
from glico.runs.folder import RunFolder
from glico.runs.kinds import digest
from glico.types import Progress

_requested: set[str] = set()
_loaded: dict[str, Dataset] = {}  # at most one


def load_shared(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """Return the data set of ``config``: the one that is shared, or loaded for this run alone. Raises GlicoError."""
    return _loaded.get(_key(config)) or load_configured(config, progress)


def share(arguments: list[str]) -> None:
    """In a warm process, before it forks ``run FOLDER``: load the data of a run if an earlier one had the same.

    A data set that cannot be loaded is left to the run, which reports the reason.
    """
    with suppress(Exception):
        if arguments[0] == "run" and (config := _data_of(RunFolder.open(Path(arguments[1])).config)) is not None:
            key = _key(config)
            if key in _requested and key not in _loaded:
                _loaded.clear()
                _loaded[key] = load_configured(config)
            _requested.add(key)


def hold_data(config: RunConfig) -> None:
    """Load the data set of a run once for all runs like it that this process builds. Raises GlicoError."""
    data = _data_of(config)
    if data is not None:
        _loaded.clear()
        _loaded[_key(data)] = load_configured(data)


def _data_of(config: RunConfig) -> DataConfig | None:
    """Return the configuration of the data set that a run loads."""
    if not isinstance(config, ClassifyConfig):
        return config
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.checkpoints.relocation import source_of

    checkpoint = Checkpoint.load(config.checkpoint)
    return source_of(checkpoint.config, checkpoint.image_shape, False, config.dataset)


def _key(config: DataConfig) -> str:
    """Return a key for the images and their preparation; for a file or folder also for its present content."""
    path = Path(config.dataset).expanduser()
    content = digest(path) if path.exists() else ""
    decided = digest(Path(config.decisions)) if config.decisions else ""
    choices = config.fit, config.value_range, config.ground, config.unreadable, config.groups, config.duplicates
    return repr([config.dataset, config.resolution, config.colour, config.test_fraction, content, decided, *choices])
