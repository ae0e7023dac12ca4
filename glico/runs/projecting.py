"""Projections of checkpoints, computed in a process of their own: started, watched through files, found again.

``python -m glico.runs.projecting JSON`` is that process. Beside the projection that it will write, named by its
content, a .json file tells how far it is, and a lock tells whether it lives.
"""

import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from glico.config import ProjectConfig
from glico.errors import GlicoError
from glico.files import write_json
from glico.latent.projection import Codes, Progress, project
from glico.latent.projection_cache import Projection, directory, save
from glico.latent.structure import nearest, trustworthiness
from glico.runs.lock import Lock, is_alive, is_held, launching
from glico.runs.process import spawn

NEIGHBOURS_KEPT = 10  # of every code, for the map to draw


@dataclass(frozen=True)
class CodesOf:
    """Which codes: a checkpoint's last ones, or those of one of its snapshots."""

    checkpoint: str
    snapshot: int | None = None

    def load(self) -> Codes:
        """The codes (n, d). Raises GlicoError if the checkpoint has no such snapshot."""
        from glico.checkpoints.checkpoint import Checkpoint

        checkpoint = Checkpoint.load(self.checkpoint)
        if self.snapshot is None:
            return checkpoint.codes.float().numpy()
        kept = 0 if checkpoint.snapshots is None else len(checkpoint.snapshots)
        if checkpoint.snapshots is None or not 0 <= self.snapshot < kept:
            raise GlicoError(
                f"{self.checkpoint} has {kept} snapshots of its codes; there is no number {self.snapshot}."
            )
        return checkpoint.snapshots[self.snapshot].float().numpy()


@dataclass(frozen=True)
class Status:
    """How far a projection is: ``fraction`` 0 to 1; ``error`` says why it ended without a result."""

    stage: str
    fraction: float
    error: str = ""


def compute(codes: Sequence[Codes], config: ProjectConfig, progress: Progress | None = None) -> Projection:
    """The projection of these sets of codes, here and now."""
    layouts = project(codes, config, progress)
    near = [nearest(z, NEIGHBOURS_KEPT) for z in codes]
    trusted = [trustworthiness(z, layout) for z, layout in zip(codes, layouts, strict=True)]
    return Projection(tuple(layouts), tuple(near), tuple(trusted))


def preview(codes: Sequence[Codes], components: Literal[2, 3]) -> Projection:
    """The PCA of these sets of codes at once, without neighbours and trustworthiness: to be seen while one waits."""
    layouts = tuple(project(codes, ProjectConfig(method="pca", components=components)))
    return Projection(layouts, tuple(np.empty((len(z), 0), np.int32) for z in codes), ())


def start(name: str, sources: Sequence[CodesOf], config: ProjectConfig) -> None:
    """Compute the projection of this key in a process of its own, into the cache; nothing where one is at it."""
    directory().mkdir(parents=True, exist_ok=True)
    lock = _beside(name, "lock")
    launcher = Lock.acquire(launching(lock))
    if launcher is None:
        return
    if is_held(lock):
        launcher.release()
        return
    _write(name, Status("starting", 0.0))
    request = {
        "name": name,
        "sources": [asdict(source) for source in sources],
        "config": config.model_dump(),
    }
    spawn(["glico.runs.projecting", json.dumps(request)], lock, launcher)


def status(name: str) -> Status | None:
    """How far the projection of this key is; None if it was never started or is done."""
    living = is_alive(_beside(name, "lock"))
    try:
        told = Status(**json.loads(_beside(name, "json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    if not living and not told.error:
        return Status(told.stage, told.fraction, "It was stopped before it was finished.")
    return told


def _main(request: str) -> int:
    asked = json.loads(request)
    name, told = asked["name"], 0.0
    lock = Lock.acquire(_beside(name, "lock"))
    if lock is None:
        return 0  # another process was launched too, and was first
    warnings.filterwarnings("ignore")

    def tell(stage: str, fraction: float) -> None:
        nonlocal told
        if fraction - told > 0.01:
            told = fraction
            _write(name, Status(stage, fraction))

    try:
        codes = [CodesOf(**source).load() for source in asked["sources"]]
        save(name, compute(codes, ProjectConfig(**asked["config"]), tell), directory())
        _beside(name, "json").unlink(missing_ok=True)
    except Exception as error:  # whatever it is, the page has to be told
        _write(name, Status("failed", told, str(error) if isinstance(error, GlicoError) else repr(error)))
        return 1
    finally:
        lock.release()
    return 0


def _beside(name: str, kind: str) -> Path:
    return directory() / f"{name}.{kind}"


def _write(name: str, status: Status) -> None:
    write_json(_beside(name, "json"), asdict(status), durable=False)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
