"""What a run does beside its steps: how it becomes a training, what it shows on the way and leaves at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch
import torch.utils.deterministic
from numpy.typing import NDArray

from glico.errors import GlicoError
from glico.files import write_atomically
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS
from glico.training.loop import Training
from glico.types import Progress

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """``finish(folder)`` writes the results; ``preview()`` gives a few pictures of how it goes, or None."""

    training: Training
    finish: Callable[[RunFolder], None]
    preview: Callable[[], Arrays | None]


def build_job(kind: str, config: Any, progress: Progress) -> Job:
    """The job of a configuration, by the ``build`` of its kind's job module."""
    job: Job = import_module(KINDS[kind].job).build(config, progress)
    return job


def choose_arithmetic(threads: int, device: str) -> None:
    """The same numbers every time on the CPU: as many threads as the run began with, no operation that races.

    On a GPU speed comes first: cuDNN tries its algorithms and takes the fastest.
    """
    on_gpu = device.startswith("cuda")
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = on_gpu
    torch.use_deterministic_algorithms(not on_gpu, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def usable(device: str, asked: str) -> str:
    """The slot's device; where any was ``asked`` for, the CPU if torch cannot use the GPU that the machine has."""
    return "cpu" if asked == "auto" and device.startswith("cuda") and not torch.cuda.is_available() else device


def save_arrays(folder: RunFolder, name: str, arrays: Arrays) -> None:
    """Write an .npz file of the run, atomically."""
    write_atomically(folder.file(name), lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]


def save_preview(folder: RunFolder, job: Job) -> None:
    """Write preview.npz; a preview that cannot be written stops nothing."""
    arrays = job.preview()
    if arrays is not None:
        try:
            save_arrays(folder, "preview.npz", arrays)
        except GlicoError as error:
            folder.log(str(error))
