"""The layers that see the rows of all processes, in a world of one; a world of two is in tests/runs."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
from torch import nn

from glico.errors import GlicoError
from glico.training import distributed
from glico.training.distributed import SharedBatchNorm, SharedDropout, own, own_device


@pytest.fixture
def world() -> Iterator[None]:
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_shared_batch_norm_is_batch_norm(world: None) -> None:
    x = (
        torch.randn(6, 3, 5, 4, generator=torch.Generator().manual_seed(0))
        .double()
        .to(memory_format=torch.channels_last)
    )
    plain = nn.BatchNorm2d(3).double()
    with torch.no_grad():
        plain.weight.copy_(torch.tensor([0.5, 1.0, 2.0]))
        plain.bias.copy_(torch.tensor([1.0, -1.0, 0.0]))
    result = []
    for layer in (plain, SharedBatchNorm.replacing(plain)):
        plain.reset_running_stats()
        plain.zero_grad()
        inputs = x.clone().requires_grad_(True)
        outputs = layer.train()(inputs)
        (outputs.sin() * x.cos()).sum().backward()
        assert outputs.is_contiguous(memory_format=torch.channels_last)
        result.append([outputs, inputs.grad, plain.weight.grad, plain.running_mean.clone(), plain.running_var.clone()])
        result[-1].append(layer.eval()(x))
    for one, other in zip(*result, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-9, atol=1e-9)


def test_processes_drop_out_what_one_would() -> None:
    x = torch.randn(7, 4, 3, 3).to(memory_format=torch.channels_last)
    torch.manual_seed(5)
    expected = nn.Dropout(0.3)(x)
    torch.manual_seed(5)
    torch.testing.assert_close(SharedDropout(0.3, 14, 7)(x), expected)


def test_shares_are_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "size", lambda: 3)
    shares = []
    for rank in range(3):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        shares.append(own(torch.arange(8)))
    assert sorted(torch.cat(shares).tolist()) == list(range(8))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_device_that_processes_would_share_is_a_sentence() -> None:
    with pytest.raises(GlicoError, match="cannot share the device cuda:1"):
        own_device("cuda:1")


ENDED = """
import os, torch
from glico.training.distributed import joined
threads = lambda: len(os.listdir("/proc/self/task"))
before = threads()
with joined(torch.device("cpu")):
    assert threads() > before
    torch.optim.Adam(torch.nn.Linear(2, 2).parameters())
assert threads() == before
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux lists them")
def test_the_talking_ends_with_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0", "WORLD_SIZE": "1", "RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "-c", ENDED], check=True, timeout=120)
