"""Torch's global generators, where a network can draw from no other."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """The global generators hold ``seed`` inside, and what they held before outside."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


@contextmanager
def seeded_step(seed: int, step: int, device: torch.device) -> Iterator[None]:
    """As :func:`seeded`, for one step of a training: its dropout is the same however often the training was stopped."""
    with seeded(seed * 1_000_003 + step, device):
        yield
