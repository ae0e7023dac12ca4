"""The loop of every training: steps, occasional reports, an error if it diverges. It can be stopped and resumed."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from glico.checkpoints.tensor_file import unprefixed
from glico.config import RunConfig
from glico.errors import GlicoError
from glico.machine import choose_device, choose_dtype

REPORTS = 200  # records over the whole run

Record = dict[str, float]


class Training(ABC):
    """A training that can stop and continue at any step, with the same numbers as if it had not stopped.

    A subclass defines its step, its report and its state. Iterate over it to train.
    """

    finite: tuple[str, ...] = ("loss",)
    """The numbers of a report that must be finite, or else the training ends."""
    remedy = "lower the learning rate"
    """The advice to give then."""
    drops_out = False
    """Whether a network has dropout, which uses torch's global random generator."""
    rng: torch.Generator

    def __init__(self, config: RunConfig, device: str | None = None) -> None:
        """``device``, else the configured one."""
        self.device = choose_device(device or config.device)
        self.dtype = choose_dtype(config.precision, self.device)
        self.seed = config.seed
        self.total_steps, self.step = config.steps, 0  # step: steps done so far

    @property
    @abstractmethod
    def images_per_step(self) -> int:
        """The number of images of a step."""

    @abstractmethod
    def advance(self) -> int:
        """Do one step. Return the number of images it used."""

    @abstractmethod
    def report(self) -> Record:
        """Return the numbers of the steps since the last report."""

    def evaluate(self) -> Record:
        """Return further measurements after this step. Their time does not count as training time."""
        return {}

    def is_reported(self, every: int) -> bool:
        """Return whether the next step is reported: every ``every``-th and the last one."""
        done = self.step + 1
        return done % every == 0 or done == self.total_steps

    def __iter__(self) -> Iterator[Record | None]:
        """Train to the end, one step per item; the item is a record (with "step") if the step is reported, else None.

        Raises GlicoError if the training diverges.
        """
        every = max(1, self.total_steps // REPORTS)
        started, images = time.perf_counter(), 0
        while self.step < self.total_steps:
            reported = self.is_reported(every)
            images += self.advance()
            self.step += 1
            if not reported:
                yield None
                continue
            record = {"step": float(self.step)} | self.report()
            if not all(math.isfinite(record[name]) for name in self.finite):
                raise GlicoError(f"The training diverged (NaN) at step {self.step}: {self.remedy}.")
            record["images_per_second"] = images / (time.perf_counter() - started)
            record |= self.evaluate()
            record["seconds"] = time.perf_counter() - started
            yield record

    def state(self) -> dict[str, Tensor]:
        """Return everything that the rest of the training depends on, by name."""
        return {
            "step": torch.tensor(self.step),
            "bfloat16": torch.tensor(self.dtype == torch.bfloat16),
            "random": self.rng.get_state(),
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """Restore a state that :meth:`state` returned."""
        self.step = int(state["step"])
        self.dtype = torch.bfloat16 if state["bfloat16"] else torch.float32  # the choice of "auto" at that time
        self.rng.set_state(state["random"].cpu())

    def dropout_of_this_step(self) -> AbstractContextManager[object]:
        """For the length of a step torch's global generator is one that seed and step name."""
        return seeded_step(self.seed, self.step, self.device) if self.drops_out else nullcontext()


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed the global generators with ``seed`` inside the block, and restore their states afterwards."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


@contextmanager
def seeded_step(seed: int, step: int, device: torch.device) -> Iterator[None]:
    """As :func:`seeded`, for one step of a training: its dropout is the same however often the training was stopped."""
    with seeded(seed * 1_000_003 + step, device):
        yield


def optimiser_state(optimiser: Optimizer, prefix: str) -> dict[str, Tensor]:
    """Return the optimiser's moments and counters, named ``prefix.PARAMETER.NAME``."""
    return {
        f"{prefix}.{parameter}.{name}": torch.as_tensor(value)
        for parameter, values in optimiser.state_dict()["state"].items()
        for name, value in values.items()
        if value is not None
    }


def restore_optimiser(optimiser: Optimizer, prefix: str, state: dict[str, Tensor]) -> None:
    """Restore the state that :func:`optimiser_state` returned; the parameter groups (the rates) stay as they are.

    Moments have their parameter's memory format, which the fused optimisers of a GPU need.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    moments: dict[int, dict[str, Any]] = {}
    for key, value in unprefixed(prefix, state).items():
        number, name = key.split(".", 1)
        parameter = parameters[int(number)]
        restored: Any = value
        if value.shape == parameter.shape:
            restored = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
        elif value.ndim == 0 and not value.is_floating_point():  # SparseAdam's counter is an int, Adam's a tensor
            restored = value.item()
        moments.setdefault(int(number), {})[name] = restored
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
