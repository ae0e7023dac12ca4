"""One training in several processes, each with its share of every batch (data parallel), as torchrun starts them.

All processes draw the same batch from the same random generators. Each works on its own rows of it; what is summed over
rows (gradients, losses, the statistics of batch norm) is added up over the processes, and all take the same step. So
their weights stay equal bit for bit, and equal those of a single process up to the rounding of sums. In a single
process every function here returns its input.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from glico.errors import GlicoError
from glico.machine import choose_device

Rows = TypeVar("Rows", Tensor, Tensor | None)
PATIENCE = timedelta(days=1)  # for another process, which may be downloading; one that has died is noticed at once


def own_device(device: str) -> torch.device:
    """Return the device of this process among those that torchrun started on this machine: a GPU each, or all the CPU.

    Raises GlicoError if there are fewer GPUs than processes, or if ``device`` is one that they would share.
    """
    if device == "cuda" or (device == "auto" and torch.cuda.is_available()):
        return choose_device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    if device in ("auto", "cpu"):
        return torch.device("cpu")
    raise GlicoError(f"Several processes cannot share the device {device}: choose auto, cuda or cpu.")


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Let the processes that torchrun started exchange messages inside the block: by NCCL on GPUs, by gloo on CPUs."""
    # An optimiser imports this. If it were imported first inside the block, it would keep the group of processes, whose
    # threads would outlive the interpreter and could abort it.
    import torch._dynamo

    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


def rank() -> int:
    """Return the number of this process, from 0; process 0 is the leader."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """Return the number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def alone(what: str) -> None:
    """Raise GlicoError if there are several processes, since they cannot share the training of ``what``."""
    if size() > 1:
        raise GlicoError(f"{what} trains in one process only. Start it without torchrun.")


def own(rows: Rows) -> Rows:
    """Return this process's rows of a batch (B, ...): every size()-th, so that shares differ by at most one row."""
    return rows if size() == 1 or rows is None else rows[rank() :: size()]


def whole(rows: Tensor, count: int) -> Tensor:
    """Return the batch (count, ...) from every process's own ``rows``, without a gradient."""
    if size() == 1:
        return rows
    batch = rows.new_zeros(count, *rows.shape[1:])
    batch[rank() :: size()] = rows
    return _add_up(batch)


def summed(values: Tensor) -> Tensor:
    """Return the sum of all processes' ``values``, without a gradient."""
    return values if size() == 1 else _add_up(values)


def from_leader(value: Any) -> Any:
    """Return the leader's ``value`` in every process; the others' values are ignored."""
    box = [value]
    with _talking():
        dist.broadcast_object_list(box, src=0)
    return box[0]


def word_from_leader(word: int) -> int:
    """Return the leader's number, as :func:`from_leader`, but fast enough for every step and without waiting for a
    GPU."""
    message = torch.tensor(word)
    with _talking():
        dist.broadcast(message, src=0)
    return int(message)


def add_up(optimisers: Iterable[Optimizer], values: Tensor) -> None:
    """Replace all gradients of the optimisers' parameters, and ``values``, by their sums over the processes.

    One message carries all. A sparse gradient must have the same rows in every process.
    """
    if size() == 1:
        return
    groups = [group for optimiser in optimisers for group in optimiser.param_groups]
    gradients = [parameter.grad for group in groups for parameter in group["params"] if parameter.grad is not None]
    parts = [gradient._values() if gradient.is_sparse else gradient for gradient in gradients] + [values]
    message = torch.cat([part.reshape(-1) for part in parts])
    _add_up(message)
    for part, total in zip(parts, message.split([part.numel() for part in parts]), strict=True):
        part.copy_(total.view(part.shape))


def share_layers(network: nn.Module, *batch_sizes: int) -> None:
    """Replace batch norm and dropout by layers that work on the whole batch of all processes. ``batch_sizes`` are the
    possible numbers of rows of a batch. They must differ enough that a process's share identifies the batch.

    Raises GlicoError if a batch has fewer rows than there are processes.
    """
    if size() == 1:
        return
    if (least := min(batch_sizes)) < size():
        raise GlicoError(f"A batch of {least} images cannot be split among {size()} processes. Start fewer processes.")
    for module in list(network.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, _BatchNorm):
                on_gpu = next(layer.parameters()).device.type == "cuda"
                shared = nn.SyncBatchNorm.convert_sync_batchnorm(layer) if on_gpu else SharedBatchNorm.replacing(layer)
                setattr(module, name, shared)
            elif isinstance(layer, nn.Dropout):
                setattr(module, name, SharedDropout(layer.p, *batch_sizes))


class SharedBatchNorm(_BatchNorm):
    """Batch norm with the statistics of all processes' rows: SyncBatchNorm for the CPU, since torch's needs a GPU."""

    @classmethod
    def replacing(cls, layer: _BatchNorm) -> "SharedBatchNorm":
        """Return a replacement for ``layer`` that shares its parameters and statistics."""
        shared = cls(layer.num_features, layer.eps, layer.momentum, layer.affine)
        shared._parameters, shared._buffers = layer._parameters, layer._buffers
        return shared.train(layer.training)

    def forward(self, x: Tensor) -> Tensor:
        """(B / size(), C, ...) -> the same shape."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        values = x.to(torch.promote_types(x.dtype, torch.float32))
        dims, shape = [0, *range(2, x.dim())], (1, -1, *[1] * (x.dim() - 2))
        own_count = values.new_tensor([x.numel() / x.shape[1]])
        total, count = _Sum.apply(torch.cat([values.sum(dims), own_count])).split([x.shape[1], 1])
        mean = total / count  # (C,)
        centred = values - mean.view(shape)
        variance = _Sum.apply(centred.square().sum(dims)) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centred * scale.view(shape) + self.bias.view(shape)).to(x.dtype)


class SharedDropout(nn.Dropout):
    """Dropout that draws its mask for the whole batch, as a single process does, and applies this process's rows of
    it."""

    def __init__(self, p: float, *batch_sizes: int) -> None:
        super().__init__(p)
        self.batch_sizes = batch_sizes

    def forward(self, x: Tensor) -> Tensor:
        """(B / size(), ...) -> the same shape."""
        if not self.training:
            return x
        last = x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last)
        layout = torch.channels_last if last else torch.contiguous_format  # the order in which torch draws
        count = next(count for count in self.batch_sizes if len(range(rank(), count, size())) == len(x))
        ones = torch.empty((count, *x.shape[1:]), dtype=x.dtype, device=x.device, memory_format=layout).fill_(1)
        return x * own(F.dropout(ones, self.p))


class _Sum(torch.autograd.Function):
    """The sum over all processes; each process's gradient is the sum of all."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return _add_up(x.clone())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _add_up(gradient.contiguous().clone())


def _add_up(tensor: Tensor) -> Tensor:
    with _talking():
        dist.all_reduce(tensor)
    return tensor


@contextmanager
def _talking() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise GlicoError(f"The run cannot continue: another of its processes has ended ({reason}).") from error
