"""The device and the arithmetic of a training."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
import torch.utils.deterministic

from glico.config import Precision
from glico.errors import GlicoError


def choose_device(name: str) -> torch.device:
    """Return the device that ``name`` means: auto is a GPU if there is one, else the CPU.

    Raises GlicoError if the machine has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise GlicoError(
            f"This machine has no device {name}: it has {torch.cuda.device_count()} CUDA devices. "
            "Choose another one, or auto."
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise GlicoError("This machine has no device mps: choose cpu or auto.")
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32
        torch.backends.cudnn.allow_tf32 = True
    return device


def choose_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """Return float32 or bfloat16: ``auto`` is bfloat16 on a GPU that supports it, else float32.

    Some CPUs are faster in bfloat16 and some slower; choosing by that would let a seed's numbers depend on the machine.
    """
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if fast else torch.float32


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Run networks inside the block in ``dtype``."""
    return torch.autocast(device.type, dtype) if dtype != torch.float32 else nullcontext()


@contextmanager
def sizes_vary() -> Iterator[None]:
    """Disable cuDNN's autotuning inside the block: batch sizes vary, so it would tune for nearly every batch."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """Use deterministic operations on the CPU inside the block, and restore the earlier setting afterwards.

    On a GPU speed has priority, as in a run's own process.
    """
    if device.type == "cuda":
        yield
        return
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = torch.utils.deterministic
    filled = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)
        memory.fill_uninitialized_memory = filled
