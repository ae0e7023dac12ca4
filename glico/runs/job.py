"""The parts of a run around its steps: how to build its training, its previews and its results."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
import torch.utils.deterministic
from numpy.typing import NDArray

from glico.errors import GlicoError
from glico.runs.kinds import KINDS
from glico.runs.writing import RunWriter
from glico.training.loop import Training
from glico.types import Progress

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """A training, and its outputs.

    ``finish(writer)`` writes the results; ``preview()`` returns a few pictures of the training now, or None; and
    ``collapsed()`` the names of classes that have collapsed so far.
    """

    training: Training
    finish: Callable[[RunWriter], None]
    preview: Callable[[], Arrays | None]
    collapsed: Callable[[], list[str]] = list


def build_job(kind: str, config: Any, progress: Progress) -> Job:
    """Return the job of a configuration, from ``build`` in its kind's job module."""
    job: Job = import_module(KINDS[kind].job).build(config, progress)
    return job


def choose_arithmetic(threads: int, device: str) -> None:
    """Have torch compute the same numbers in every execution on the CPU.

    It uses as many ``threads`` as the run began with, and no operation whose threads race. On a GPU speed comes first:
    cuDNN tries its algorithms and takes the fastest.
    """
    on_gpu = device.startswith("cuda")
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = on_gpu
    torch.use_deterministic_algorithms(not on_gpu, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def usable(device: str, configured: str) -> str:
    """Return the slot's device, or the CPU if the device is ``configured`` as auto and torch cannot use the GPU."""
    return "cpu" if configured == "auto" and device.startswith("cuda") and not torch.cuda.is_available() else device


def save_preview(writer: RunWriter, job: Job) -> None:
    """Write preview.npz; a preview that cannot be written stops nothing."""
    arrays = job.preview()
    if arrays is not None:
        try:
            writer.write_arrays("preview.npz", arrays)
        except GlicoError as error:
            writer.log(str(error))
