"""One run in several processes that torchrun started: the leader has the run folder, the others help with its batches.

The leader does all that a single process does. Before the first step it hands the others the run and its state, and
after each step it says whether there is a next one: so a request to stop reaches all of them at the same step, and a
run that was stopped goes on with any number of processes.
"""

import os
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from glico.errors import GlicoError
from glico.runs.folder import RunFolder
from glico.runs.process import StopSignals

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from glico.config import RunConfig
    from glico.training.loop import Training


class Command(IntEnum):
    """Message from the leader process."""

    RUN = 0  # here is a run and its state
    STEP = 1  # the next step
    STOP = 2  # no more steps of this run
    END = 3  # no more runs


def launched() -> bool:
    """Return whether torchrun started this process together with others."""
    return "RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def work_together(work: Callable[[str], None], configured: str) -> bool:
    """In the leader, call ``work`` with the leader's device; in the other processes, help with its runs.

    ``configured`` is the device of the configuration. Return True in the leader. Raises GlicoError if there are too few
    devices.
    """
    from glico.training import distributed

    device = distributed.own_device(configured)
    with distributed.joined(device):
        if distributed.rank():
            with StopSignals():  # the leader is signalled too, and says when to stop
                _help(device)
            return False
        try:
            work(str(device))
        finally:
            distributed.word_from_leader(Command.END)
    return True


def send_run(folder: RunFolder, training: "Training") -> None:
    """In the leader, before its first step: have the others build the same training in the same state."""
    from glico.training import distributed

    if distributed.size() > 1:
        state = {name: tensor.cpu() for name, tensor in training.state().items()}
        distributed.word_from_leader(Command.RUN)
        distributed.from_leader(_Handed(folder.kind, folder.config, folder.threads, state))


def broadcast_next(stop: bool) -> None:
    """In the leader, after a step: tell the others whether it was the last one."""
    from glico.training import distributed

    if distributed.size() > 1:
        distributed.word_from_leader(Command.STOP if stop else Command.STEP)


class _Handed(NamedTuple):
    kind: str
    config: "RunConfig"
    threads: int
    state: "dict[str, Tensor]"


def _help(device: "torch.device") -> None:
    """Follow the leader's commands until there are no more runs."""
    word = _hear()
    while word != Command.END:
        word = _help_with_run(device) if word == Command.RUN else _hear()


def _help_with_run(device: "torch.device") -> Command:
    """Help with one run from the leader's state on. Return the command after its last step here."""
    from glico.runs.job import build_job, choose_arithmetic
    from glico.training import distributed

    run: _Handed = distributed.from_leader(None)
    choose_arithmetic(run.threads, str(device))
    config = run.config.model_copy(update={"device": str(device)})
    training = build_job(run.kind, config, lambda done, what: None).training
    training.restore(run.state)
    try:
        for _ in training:
            if (word := _hear()) != Command.STEP:
                return word
    except GlicoError:
        pass  # the leader fails in the same way, and reports it
    return _hear()


def _hear() -> Command:
    from glico.training import distributed

    return Command(distributed.word_from_leader(0))
