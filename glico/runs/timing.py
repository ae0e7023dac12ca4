"""The pace of a run, measured in a process of its own and stored, so that a page is answered at once.

``python -m glico.runs.timing NAME`` is that process. Only one works at a time on a machine; it is stopped if it takes
too much time or memory. Its result is cached under a name that is made from everything that the pace depends on.
"""

import gc
import hashlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from glico.config import ClassifyConfig, RunConfig
from glico.errors import GlicoError
from glico.files import evict, read_json, write_json
from glico.formats import json_text
from glico.places import cache_directory
from glico.runs.kinds import KINDS, input_digests, kind_of
from glico.runs.lock import Lock, is_held, launching
from glico.runs.pace import Clock, Pace, clock_of, load, seconds_per_step
from glico.runs.process import give_way, resident_bytes, spawn
from glico.runs.slots import cores, threads_per_run

if TYPE_CHECKING:
    from glico.training.loop import Training

FORMAT = 1
EVALUATED = 256  # test images that are scored to estimate the time for all of them
PROCESSOR_SECONDS = 30.0  # of each thread, after which the process is stopped: the timed steps take five
WALL_SECONDS = 120.0
MEMORY = 4 * 2**30  # bytes
KEPT = 2**20  # bytes of paces in the cache
AGAIN_SECONDS = 60.0  # until a measurement that failed, or was taken on a busy machine, is repeated
BUSY = 1.2  # processes for each processor


class NotTimedError(GlicoError):
    """A run cannot be timed here; the message says why."""


def pace(config: RunConfig) -> Pace | None:
    """Return the pace of runs of this configuration on this machine, whatever their seed and length.

    Return None until it is known; a process has then been started that measures it. Raises GlicoError if the run itself
    would, and NotTimedError if a step takes too long to be timed.
    """
    config = representative(config)
    path = _directory() / f"{_name(config)}.json"
    record = read_json(path)
    if record is None or _is_stale(record):
        _start(path, config)
    if record is None:
        return None
    if isinstance(record.get("error"), str):
        raise NotTimedError(record["error"])
    return Pace(float(record["step"]), float(record["evaluation"]))


def representative(config: RunConfig) -> RunConfig:
    """Return one configuration for all with the same pace: they differ only in seed and length."""
    same: dict[str, Any] = {"seed": 0, "steps": 1000}
    if isinstance(config, ClassifyConfig):
        same["evaluations"] = 1
    return config.model_copy(update=same)


def measure(config: RunConfig) -> Pace:
    """Time a few steps of this run in this process. Nothing is stored. Raises GlicoError if the run itself would."""
    from glico.runs.job import build_job, choose_arithmetic
    from glico.runs.shared import hold_data

    config, kind = representative(config), kind_of(config)
    threads = threads_per_run(kind)
    hold_data(config)

    def build(images: int) -> "Training":
        gc.collect()  # the previous training, which may hold a gigabyte
        return build_job(kind, config.model_copy(update={"batch_size": images}), lambda done, text: None).training

    first = build(config.batch_size)
    choose_arithmetic(threads, first.device.type)
    clock, images = clock_of(first.device.type, threads), first.images_per_step
    evaluation = evaluation_seconds(first, clock)
    del first
    return Pace(seconds_per_step(build, images, clock), evaluation)


def evaluation_seconds(training: Any, clock: Clock) -> float:
    """Return the seconds of one pass over the test images, or 0 if the training has none."""
    images = getattr(training, "test_images", None)
    if images is None or not len(images):
        return 0.0
    training.test_images, training.test_labels = images[:EVALUATED], training.test_labels[:EVALUATED]
    training.result()  # warms up
    start = clock()
    training.result()
    return (clock() - start) * len(images) / len(training.test_images)


def _directory() -> Path:
    return cache_directory() / "paces"


def _name(config: RunConfig) -> str:
    """Return a file name made from all that the pace depends on."""
    machine = [cores(), threads_per_run(kind_of(config)), _torch()]
    settings = [FORMAT, kind_of(config), config.computing(config.model_dump(mode="json")), config.device, machine]
    contents = sorted(input_digests(config).values())
    return hashlib.sha256(json_text([settings, contents], sort_keys=True).encode()).hexdigest()[:32]


@cache
def _torch() -> str:
    return version("torch")


def _is_stale(record: dict[str, Any]) -> bool:
    """Return whether to measure again: the measurement failed, or the machine was busy then and is not now."""
    if time.time() - float(record.get("time") or 0) < AGAIN_SECONDS:
        return False
    return "error" in record or (float(record.get("load") or 0) > BUSY and load() < BUSY)


def _start(path: Path, config: RunConfig) -> None:
    """Start the process, unless one works already for any pace. In that case a later call starts it."""
    lock = _directory() / "lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    launcher = Lock.acquire(launching(lock), patience=0)
    if launcher is None:
        return
    if is_held(lock):
        launcher.release()
        return
    request = {"kind": kind_of(config), "config": config.model_dump(mode="json")}
    write_json(path.with_suffix(".request"), request, durable=False)
    spawn(["glico.runs.timing", path.stem], lock, launcher)


def _main(name: str) -> int:
    lock = Lock.take_over(_directory() / "lock")
    path = _directory() / f"{name}.json"
    request = read_json(path.with_suffix(".request"))
    if lock is None or request is None:
        return 0
    give_way()
    kind = KINDS[request["kind"]]
    before = load()

    def keep(record: dict[str, Any]) -> None:
        write_json(path, record | {"time": time.time(), "load": before}, durable=False)
        path.with_suffix(".request").unlink(missing_ok=True)
        evict((other for other in _directory().glob("*.json") if other != path), KEPT)

    Thread(target=_stop_in_time, args=(keep, threads_per_run(request["kind"])), daemon=True).start()
    try:
        measured = measure(kind.config.model_validate(request["config"]))
        keep({"step": measured.step, "evaluation": measured.evaluation})
    except GlicoError as error:
        keep({"error": str(error)})
    except Exception as error:  # of any kind: the page shows it
        keep({"error": f"Cannot estimate the time ({type(error).__name__})."})
    lock.release()
    return 0


def _stop_in_time(keep: Callable[[dict[str, Any]], None], threads: int) -> None:
    """End the process if it takes more time or memory than an estimate is worth."""
    began = time.monotonic()
    while True:
        time.sleep(0.1)
        if resident_bytes() > MEMORY:
            why = f"a step takes more than {MEMORY // 2**30} GB of memory"
        elif time.process_time() > threads * PROCESSOR_SECONDS:
            why = "a single step takes many seconds"
        elif time.monotonic() - began > WALL_SECONDS:
            why = "the machine is too busy to time a step"
        else:
            continue
        with suppress(GlicoError):
            keep({"error": f"Cannot estimate the time: {why}."})
        os._exit(1)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
