"""Training and classifying from Python: launch a run, wait for it, give what it found."""

from collections.abc import Callable
from typing import Any

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, State
from glico.runs.kinds import KINDS
from glico.runs.launch import follow, launch, stop

Watch = Callable[[State], None]


def train(config: TrainConfig, *, restart: bool = False, progress: Watch | None = None) -> Checkpoint:
    """Latent optimisation (Algorithm 1) in a process of its own; gives its checkpoint.

    What was trained before is not trained again, and what was cut off goes on, unless ``restart``. An interrupt
    (Ctrl-C) stops the run in a state that the same call resumes. Raises GlicoError where it fails.
    """
    return Checkpoint.load(_run(config, restart, progress).file(KINDS["train"].leaves))


def classify(config: ClassifyConfig, *, restart: bool = False, progress: Watch | None = None) -> dict[str, Any]:
    """One classifier run (section IV-B), as :func:`train` does it; gives what its result.json holds."""
    return _run(config, restart, progress).result or {}


def _run(config: RunConfig, restart: bool, progress: Watch | None) -> RunFolder:
    folder = launch(config, restart=restart)
    try:
        (state,) = follow([folder], (lambda states: progress(states[0])) if progress else None)
    except KeyboardInterrupt:
        stop([folder])
        raise
    if state.status != "done":
        raise GlicoError(state.message)
    return folder
