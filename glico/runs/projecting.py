"""Projections, computed one at a time for every two cores, each in a process of its own that all sessions share.

``python -m glico.runs.projecting NAME`` is that process; without a name it compiles UMAP's functions, unless this
machine has them. Beside the projection that it will write, named by its content, are the codes and settings (.request),
its progress (.json), a lock that shows whether it is alive, and a file that every request for its status touches
(.wanted). Such a request starts waiting projections, first come, first served. The same queue encodes unseen images.
"""

import os
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from glico.config import ProjectConfig
from glico.errors import GlicoError
from glico.files import open_regular, read_json, write_atomically, write_json
from glico.latent import field_cache
from glico.latent.neighbours import nearest_others
from glico.latent.projection import compiled_directory, project, suited
from glico.latent.projection_cache import Projection, directory, find, key, save
from glico.latent.structure import trustworthiness
from glico.runs.lock import Lock, is_alive, is_held, launching
from glico.runs.process import give_way, spawn
from glico.runs.slots import cores
from glico.types import Codes, Images, Layout, Progress
from glico.words import counted

if TYPE_CHECKING:
    from glico.checkpoints.latent_space import LatentSpace

NEIGHBOURS_KEPT = 10  # of every code, for the map to draw
WAITING = "waiting"
PATIENCE = 90.0  # seconds: a browser asks for a page in the background once a minute


@dataclass(frozen=True)
class Status:
    """The progress of a projection: ``fraction`` in [0, 1]; ``error`` says why it ended without a result."""

    stage: str
    fraction: float
    queued: float  # time of the request, by time.time()
    error: str = ""


def compute(codes: Sequence[Codes], config: ProjectConfig, progress: Progress | None = None) -> Projection:
    """Compute the projection of these sets of codes in this process."""
    layouts = project(codes, config, progress)
    near = [nearest_others(z, NEIGHBOURS_KEPT) for z in codes]
    trusted = [trustworthiness(z, layout) for z, layout in zip(codes, layouts, strict=True)]
    return Projection(tuple(layouts), tuple(near), tuple(trusted))


def preview(codes: Sequence[Codes], components: Literal[2, 3]) -> Projection:
    """Return the PCA of these sets of codes at once, without neighbours and trustworthiness, for the first look."""
    layouts = tuple(project(codes, ProjectConfig(method="pca", components=components)))
    return Projection(layouts, tuple(np.empty((len(z), 0), np.int32) for z in codes), ())


def start(name: str, codes: Sequence[Codes], config: ProjectConfig) -> None:
    """Queue the projection of this key unless it waits or is being computed. Calls of :func:`status` keep it alive."""
    arrays = {f"codes_{i}": z for i, z in enumerate(codes)}
    _queue(name, {"config": np.array(config.model_dump_json()), **arrays})


def start_unseen(name: str, checkpoints: Sequence[Path], count: int, dataset: str | None = None) -> None:
    """Queue the search for ``count`` unseen images on the spheres of these checkpoints, as :func:`start` does.

    ``dataset`` names their data set if it has moved.
    """
    paths = [str(path.absolute()) for path in checkpoints]
    _queue(name, {"checkpoints": np.array(paths), "count": np.array(count), "dataset": np.array(dataset or "")})


def start_fields(images: Images) -> str:
    """Queue the registration of a class's ``images`` (n, H, W, C) uint8, as :func:`start` does. Return its key."""
    name = field_cache.key(images)
    _queue(name, {"images": images})
    return name


def _queue(name: str, arrays: dict[str, Any]) -> None:
    present = status(name)
    if present is not None and not present.error:
        return
    write_atomically(_beside(name, "request"), lambda file: np.savez(file, **arrays), durable=False, parents=True)
    _beside(name, "wanted").touch()
    _write(name, Status(WAITING, 0.0, time.time()))
    status(name)


def wait(name: str, codes: Sequence[Codes], config: ProjectConfig) -> Projection:
    """Return the stored projection of this key, or compute it in its process and wait. Raises GlicoError."""
    while (projection := find(name)) is None:
        start(name, codes, config)
        if (progress := status(name)) is not None and progress.error:
            raise GlicoError(f"The projection failed: {progress.error}")
        time.sleep(0.1)
    return projection


def laid_out(space: "LatentSpace") -> tuple[dict[str, Layout], NDArray[np.int32]]:
    """Return a checkpoint's layouts (n, 2) by UMAP and PCA, by name, and each code's nearest. Raises GlicoError."""
    codes = [space.codes]
    umap = suited(ProjectConfig(), space.labels)
    projection = wait(key(codes, umap), codes, umap)
    (pca,) = project(codes, ProjectConfig(method="pca"))
    return {umap.method: projection.layouts[0], "pca": pca}, projection.nearest[0]


def status(name: str) -> Status | None:
    """Return the progress of the projection of this key, or None if it was never started or is done.

    A projection that nobody has asked about for ``PATIENCE`` seconds is cancelled.
    """
    progress, alive = _read(name), is_alive(_beside(name, "lock"))
    while not alive and (now := _read(name)) != progress:  # it began or ended between the two looks
        progress, alive = now, is_alive(_beside(name, "lock"))
    if progress is None or progress.error:
        return progress
    if not alive and progress.stage != WAITING:
        return replace(progress, error="It was stopped before it was finished.")
    with suppress(FileNotFoundError):  # it has just ended
        os.utime(_beside(name, "wanted"))
    if alive:
        return progress
    ahead = _ahead(progress)
    if ahead < slots():
        return _spawn(name, progress)
    return replace(progress, stage=f"waiting for {counted(ahead, 'other projection')}")


def compile_ahead() -> None:
    """Compile UMAP's functions in the background, some 40 s of a core, unless this machine has them."""
    if not _compiled().exists():
        spawn(["glico.runs.projecting"], None, None)


def slots() -> int:
    """Return how many projections are computed at once on this machine."""
    return max(1, cores() // 2)


def _ahead(progress: Status) -> int:
    """Return how many projections with an earlier request wait or are being computed."""
    ahead = 0
    for path in directory().glob("*.json"):
        alive, other = is_alive(_beside(path.stem, "lock")), _read(path.stem)
        if other is not None and not other.error and other.queued < progress.queued:
            ahead += alive or (other.stage == WAITING and _is_wanted(path.stem))
    return ahead


def _spawn(name: str, progress: Status) -> Status:
    """Start the process, unless another session has just done so."""
    lock = _beside(name, "lock")
    launcher = Lock.acquire(launching(lock), patience=0)
    if launcher is None:
        return progress
    if is_held(lock):
        launcher.release()
        return progress
    starting = replace(progress, stage="starting")
    _write(name, starting)
    spawn(["glico.runs.projecting", name], lock, launcher)
    return starting


def _compile() -> int:
    give_way()
    compiled_directory().mkdir(parents=True, exist_ok=True)
    lock = Lock.acquire(compiled_directory() / "lock", patience=0)
    if lock is not None:
        codes = np.random.default_rng(0).normal(size=(2, 32, 8)).astype(np.float32)
        project(list(codes / np.linalg.norm(codes, axis=2, keepdims=True)), ProjectConfig())
        _compiled().touch()
        lock.release()
    return 0


def _compiled() -> Path:
    return compiled_directory() / "compiled"


def _main(name: str) -> int:
    request, written = _read(name), 0.0
    lock = Lock.take_over(_beside(name, "lock"))
    if lock is None or request is None:
        return 0  # another process was launched too, and was first
    warnings.filterwarnings("ignore")
    Thread(target=_leave_when_unwanted, args=(name,), daemon=True).start()

    def report(fraction: float, stage: str) -> None:
        nonlocal written
        if fraction - written > 0.01:
            written = fraction
            _write(name, replace(request, stage=stage, fraction=fraction))

    try:
        with (
            open_regular(_beside(name, "request"), "arrays_mib") as opened,
            np.load(opened, allow_pickle=False) as file,
        ):
            arrays = dict(file)
        if "checkpoints" in arrays:
            from glico.runs import unseen  # which imports torch

            paths = [Path(path) for path in arrays["checkpoints"].tolist()]
            unseen.save(name, unseen.compute(paths, int(arrays["count"]), report, str(arrays["dataset"]) or None))
        elif "images" in arrays:
            from glico.latent.morphs import class_fields  # which imports torch

            class_fields(arrays["images"], report)
        else:
            config = ProjectConfig.model_validate_json(str(arrays.pop("config")))
            save(name, compute([arrays[f"codes_{i}"] for i in range(len(arrays))], config, report), directory())
        _beside(name, "json").unlink(missing_ok=True)
    except Exception as error:  # of any kind: the page shows it
        reason = str(error) if isinstance(error, GlicoError) else repr(error)
        _write(name, replace(request, stage="failed", fraction=written, error=reason))
        return 1
    finally:
        for kind in ("request", "wanted"):
            _beside(name, kind).unlink(missing_ok=True)
        lock.release()
    return 0


def _leave_when_unwanted(name: str) -> None:
    while _is_wanted(name):
        time.sleep(min(5.0, PATIENCE / 4))
    for kind in ("json", "request", "wanted"):
        _beside(name, kind).unlink(missing_ok=True)
    os._exit(0)


def _is_wanted(name: str) -> bool:
    """Return whether a session has requested its status within PATIENCE seconds."""
    try:
        return time.time() - _beside(name, "wanted").stat().st_mtime < PATIENCE
    except FileNotFoundError:
        return False


def _beside(name: str, kind: str) -> Path:
    return directory() / f"{name}.{kind}"


def _read(name: str) -> Status | None:
    try:
        return Status(**(read_json(_beside(name, "json")) or {}))
    except TypeError:
        return None


def _write(name: str, status: Status) -> None:
    write_json(_beside(name, "json"), asdict(status), durable=False)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]) if sys.argv[1:] else _compile())
