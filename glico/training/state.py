"""Training state as a flat dictionary of tensors, which a .safetensors file can hold."""

from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from glico.checkpoints.tensor_file import unprefixed


def optimiser_state(optimiser: Optimizer, prefix: str) -> dict[str, Tensor]:
    """The optimiser's moments and counters, named ``prefix.PARAMETER.NAME``."""
    return {
        f"{prefix}.{parameter}.{name}": torch.as_tensor(value)
        for parameter, values in optimiser.state_dict()["state"].items()
        for name, value in values.items()
        if value is not None
    }


def restore_optimiser(optimiser: Optimizer, prefix: str, state: dict[str, Tensor]) -> None:
    """Put back what :func:`optimiser_state` gave; the parameter groups (the rates) stay as they are."""
    moments: dict[int, dict[str, Any]] = {}
    for key, value in unprefixed(prefix, state).items():
        parameter, name = key.split(".", 1)
        counter = value.ndim == 0 and not value.is_floating_point()  # SparseAdam's is an int, Adam's a tensor
        moments.setdefault(int(parameter), {})[name] = value.item() if counter else value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
