"""Runs as Ray tasks: on all machines of a cluster, one run per task with its share of a GPU.

If a node dies, its run is repeated on another one from the last saved state. The folder of runs, the data sets,
checkpoints and weights must be on storage that all nodes see at the same paths, and this package with its requirements
must be installed on all. Runs do not join the local queue: Ray assigns devices.
"""

import os
import platform
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glico.config import RunConfig
from glico.errors import GlicoError, how_to_get
from glico.files import writing
from glico.places import environment, runs_directory
from glico.runs.execute import carry_out
from glico.runs.folder import RunFolder
from glico.runs.kinds import kind_of
from glico.runs.launch import prepare
from glico.runs.slots import threads_per_run
from glico.runs.state import State

RETRIES = 3
LOCK_SECONDS = 120.0  # on shared storage a dead node's locks may outlive it by so much
NEWS_SECONDS = 1.0
STOP_SECONDS = 30.0


def run_on_ray(
    folders: Sequence[RunFolder],
    configs: Sequence[RunConfig],
    address: str | None = None,
    gpu_share: float = 1.0,
    report: Callable[[list[State]], None] = lambda states: None,
) -> None:
    """Execute these runs and wait until all have ended. Their states and results are in their folders.

    ``address`` is ray://HOST:PORT; by default the cluster that this machine is part of, or one of this machine alone.
    ``report`` receives the states about once a second. If a node dies, only the steps since the last saved state are
    lost. Raises GlicoError if Ray is not installed or cannot be reached, or if a node lacks something that the runs
    need; then, and after an interrupt, the living runs save their states and stop.
    """
    ray = _ray()
    with _marked() as mark, _connected(ray, address, mark.parent):
        tasks = [_task(ray, config, mark, gpu_share) for config in configs]
        try:
            _follow(ray, folders, tasks, report)
        except BaseException:
            _stop(ray, folders, tasks)
            raise


def work(config: RunConfig, mark: Path, device: str) -> str | None:
    """Execute one run in a process of a node. Return a sentence if the node cannot execute it, else None."""
    node = platform.node()
    if not mark.exists():
        return f"{node} does not see {mark.parent}: GLICO_RUNS must be on storage that all nodes share."
    try:
        folder = RunFolder.create(config)
        deadline = time.monotonic() + LOCK_SECONDS
        while (prepared := prepare(folder)).how == "alive" and time.monotonic() < deadline:
            time.sleep(NEWS_SECONDS)
        how, writer = prepared
        if writer is not None:
            carry_out(writer, device)
        return f"{folder.id} is already running elsewhere." if how == "alive" else None
    except GlicoError as error:
        return f"{error} (Reported by {node}: data and checkpoints must have the same paths on all nodes.)"


def _task(ray: Any, config: RunConfig, mark: Path, gpu_share: float) -> Any:
    """Submit a run. On a GPU, its process sees only the device that Ray assigns."""
    most: dict[str, float] = {}
    for node in ray.nodes():
        for name, count in node["Resources"].items() if node["Alive"] else ():
            most[name] = max(most.get(name, 0), count)
    gpu = config.device.startswith("cuda") or (config.device == "auto" and most.get("GPU", 0) > 0)
    if gpu and not most.get("GPU"):
        raise GlicoError(
            f"The device is {config.device}, but no node of the Ray cluster has a GPU. Choose --device cpu or auto."
        )
    cores = min(threads_per_run(kind_of(config)), int(most.get("CPU", 1)))
    # A process a run: what torch keeps on a device, and its settings, end with the run.
    remote = ray.remote(max_calls=1, max_retries=RETRIES, num_cpus=cores, num_gpus=gpu_share if gpu else 0)(work)
    threads = {"env_vars": {"OMP_NUM_THREADS": str(cores)}}
    return remote.options(runtime_env=threads).remote(config, mark, "cuda:0" if gpu else "cpu")


def _follow(ray: Any, folders: Sequence[RunFolder], tasks: list[Any], report: Callable[[list[State]], None]) -> None:
    pending = tasks
    while pending:
        ready, pending = ray.wait(pending, num_returns=len(pending), timeout=NEWS_SECONDS)
        for task in ready:
            try:
                problem = ray.get(task)
            except ray.exceptions.RayError:
                continue  # more nodes died than there are tries: the run's folder has its state
            if problem is not None:
                raise GlicoError(problem)
        report([_state(folder) for folder in folders])


def _stop(ray: Any, folders: Sequence[RunFolder], tasks: list[Any]) -> None:
    """Cancel the waiting runs, and have the running ones save their states."""
    for folder, task in zip(folders, tasks, strict=False):
        if _state(folder).status == "running":
            folder.cancel()
        else:
            ray.cancel(task)
    if tasks:
        ray.wait(tasks, num_returns=len(tasks), timeout=STOP_SECONDS)


def _state(folder: RunFolder) -> State:
    """Return the run's state. Before a node begins the run, it has no folder."""
    return folder.state if folder.file("run.json").exists() else State("queued", message="Waiting for Ray.")


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machines unasked
    try:
        import ray
    except ImportError:
        raise GlicoError(f"Ray is not installed: {how_to_get('ray')}.") from None
    return ray


@contextmanager
def _connected(ray: Any, address: str | None, runs: Path) -> Iterator[None]:
    """Connect to the cluster. Its processes find this package and the folders at the same paths."""
    variables = {name: os.environ[name] for name in ("GLICO_CACHE",) if name in os.environ}
    variables |= {"GLICO_RUNS": str(runs), "PYTHONPATH": environment()["PYTHONPATH"]}
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR", runtime_env={"env_vars": variables})
    except (ConnectionError, ValueError, RuntimeError) as error:
        where = address or "the cluster of this machine"
        raise GlicoError(
            f"Ray cannot be reached at {where}: {str(error).splitlines()[0]}. Start the cluster or correct the address."
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)  # Ray has put its own in its place, which would end the command at once
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _marked() -> Iterator[Path]:
    """Make a file in the folder of runs, by which a node can tell that it sees the same folder."""
    mark = runs_directory().absolute() / f".ray-{uuid.uuid4().hex}"
    with writing(mark):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    try:
        yield mark
    finally:
        mark.unlink(missing_ok=True)
