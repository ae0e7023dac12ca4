"""Data sets that several runs need: a warm process loads one at its second use, and the runs it forks share it."""

from contextlib import suppress
from pathlib import Path

from glico.config import DataConfig
from glico.data import load_configured
from glico.data.dataset import Dataset
from glico.runs.folder import RunFolder
from glico.runs.kinds import digest
from glico.types import Progress

_asked: set[str] = set()
_loaded: dict[str, Dataset] = {}  # at most one


def load_shared(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """The data set of ``config``: the one that is shared, or loaded for this run alone. Raises GlicoError."""
    return _loaded.get(_key(config)) or load_configured(config, progress)


def share(arguments: list[str]) -> None:
    """In a warm process, before it forks ``run FOLDER``: load the data of a run if an earlier one had the same.

    What cannot be loaded is left to the run, which says why.
    """
    with suppress(Exception):
        if arguments[0] == "run" and (config := _data_of(RunFolder.open(Path(arguments[1])))) is not None:
            key = _key(config)
            if key in _asked and key not in _loaded:
                _loaded.clear()
                _loaded[key] = load_configured(config)
            _asked.add(key)


def _data_of(run: RunFolder) -> DataConfig | None:
    """Which data set a run loads."""
    if run.kind != "classify":
        return run.config if isinstance(run.config, DataConfig) else None
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.checkpoints.located import source_of

    config, checkpoint = run.config, Checkpoint.load(run.config.checkpoint)
    return source_of(checkpoint.config, checkpoint.image_shape, False, config.dataset)


def _key(config: DataConfig) -> str:
    """What names the images and how they are prepared; of a file or folder also what it holds now."""
    path = Path(config.dataset).expanduser()
    content = digest(path) if path.exists() else ""
    return repr([config.dataset, config.resolution, config.colour, config.test_fraction, content])
