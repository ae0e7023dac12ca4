"""What the kinds of run do: how each becomes a training, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.utils.deterministic

from glico.config import TrainConfig
from glico.data import load_configured, small_sample
from glico.data.dataset import Progress
from glico.runs.checkpoint import Checkpoint
from glico.runs.files import write_json
from glico.runs.folder import RunFolder
from glico.training.latent_optimisation import LatentOptimisation
from glico.training.protocol import Training


@dataclass(frozen=True)
class Work:
    """``build(config, progress)`` makes the training; ``finish(training, folder)`` writes its results."""

    build: Callable[[Any, Progress], Training]
    finish: Callable[[Any, RunFolder], None]


def exact_arithmetic(threads: int) -> None:
    """The same numbers every time on the CPU: as many threads as the run began with, no operation that races."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def build_train(config: TrainConfig, progress: Progress) -> LatentOptimisation:
    """Algorithm 1 on the configured small sample."""
    dataset = load_configured(config, progress)
    sample = small_sample(dataset, config.samples_per_class, config.seed, config.unlabelled, config.unlabelled_limit)
    return LatentOptimisation(config, sample)


def finish_train(training: LatentOptimisation, folder: RunFolder) -> None:
    """checkpoint.safetensors, and the last record in result.json."""
    checkpoint = Checkpoint(config=folder.config, **training.checkpoint_parts())
    checkpoint.save(folder.file("checkpoint.safetensors"))
    write_json(folder.file("result.json"), {"checkpoint": "checkpoint.safetensors", **checkpoint.summary})


WORK = {"train": Work(build_train, finish_train)}
