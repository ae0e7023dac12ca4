"""Which device and which arithmetic a training uses."""

from contextlib import AbstractContextManager, nullcontext

import torch

from glico.config import Precision
from glico.errors import GlicoError


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
    """float32 or bfloat16: ``auto`` is bfloat16 where the device multiplies it natively and the network is ``heavy``.

    A light network gains nothing from it on a CPU, where converting costs more than multiplying.
    """
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = device.type == "cpu" and _cpu_multiplies_bfloat16()
    return torch.bfloat16 if native and heavy else torch.float32


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Networks inside run in ``dtype``."""
    return torch.autocast(device.type, dtype) if dtype != torch.float32 else nullcontext()


def _cpu_multiplies_bfloat16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
