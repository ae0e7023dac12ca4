"""Check that a file's tensors are the parameters of a network, before memory is allocated for it."""

import re
from collections.abc import Callable, Mapping

import torch
from torch import nn

from glico.checkpoints.schema import Entry


def check_network(entries: Mapping[str, Entry], what: str, build: Callable[[], nn.Module], named: str = "") -> None:
    """Raise ValueError if the tensors below ``what.`` are not all of the network's, and nothing else.

    The network is built without memory for its parameters; its depth, the first number in its name ``named``, is at
    most the number of tensors that are there, so that no more is built than the file fills.
    """
    start = f"{what}."
    own = {name.removeprefix(start): entry for name, entry in entries.items() if name.startswith(start)}
    numbers = re.findall(r"\d+", named)
    fits = not numbers or (len(numbers[0]) < 10 and int(numbers[0]) <= len(own))
    if fits:
        with torch.device("meta"), torch.random.fork_rng(devices=[]):
            try:
                network = build().state_dict()
            except (RuntimeError, OverflowError):  # sizes beyond all numbers
                network = {}
        fits = own == {
            name: Entry(str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
            for name, tensor in network.items()
        }
    if not fits:
        raise ValueError(f"its {what} is not the network that its configuration describes")
