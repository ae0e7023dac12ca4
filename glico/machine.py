"""Which device and which arithmetic a training uses."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

import torch

from glico.config import Precision
from glico.errors import GlicoError

CLEARLY = 1.25  # times faster; less is within the noise of a shared machine


def choose_device(name: str) -> torch.device:
    """The device that ``name`` means: auto is a GPU if there is one, else the CPU.

    Raises GlicoError if the machine has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise GlicoError(f"This machine has no device {name}: it has {torch.cuda.device_count()} CUDA devices.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise GlicoError("This machine has no device mps: choose cpu or auto.")
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32
        torch.backends.cudnn.allow_tf32 = True
    return device


def choose_dtype(precision: Precision, device: torch.device, *, heavy: bool) -> torch.dtype:
    """float32 or bfloat16: ``auto`` is bfloat16 where the device is faster at it and the network is ``heavy``.

    A CPU may have instructions for bfloat16 and yet be slower with them, so it is measured; a light network gains
    nothing from them on any CPU.
    """
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    return torch.bfloat16 if device.type == "cpu" and heavy and _cpu_prefers_bfloat16() else torch.float32


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Networks inside run in ``dtype``."""
    return torch.autocast(device.type, dtype) if dtype != torch.float32 else nullcontext()


@contextmanager
def sizes_vary() -> Iterator[None]:
    """Inside, cuDNN does not try all its algorithms on a size of batch that is new to it, since every other one is."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


@cache
def _cpu_prefers_bfloat16() -> bool:
    """Whether a convolution of VGG's kind is clearly faster in bfloat16 on this CPU: the best of five tries each."""
    capabilities = torch.cpu.get_capabilities()
    if not (capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")):
        return False
    best = {torch.float32: math.inf, torch.bfloat16: math.inf}
    for _ in range(5):
        for dtype in best:
            images, weights = torch.ones(8, 128, 16, 16, dtype=dtype), torch.ones(128, 128, 3, 3, dtype=dtype)
            images = images.contiguous(memory_format=torch.channels_last)
            start = time.perf_counter()
            torch.nn.functional.conv2d(images, weights, padding=1)
            best[dtype] = min(best[dtype], time.perf_counter() - start)
    return best[torch.float32] > CLEARLY * best[torch.bfloat16]
