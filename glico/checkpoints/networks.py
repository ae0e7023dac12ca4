"""Check that a file's tensors are the parameters of a network, before memory is allocated for it."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

import torch
from torch import nn

from glico.checkpoints.parameters import check_parameters
from glico.checkpoints.schema import Entry
from glico.checkpoints.tensor_file import Description
from glico.models.classifiers import build_weak_classifier


def check_weak_classifier(entries: Mapping[str, Entry], about: Description) -> None:
    """Raise ValueError if the tensors below ``classifier.`` are not the network that a checkpoint's header promises."""
    config, names, (resolution, _, channels), _ = about
    check_network(
        entries,
        "classifier",
        lambda: build_weak_classifier(config, channels, resolution, len(names)),
        config.weak_classifier,
    )


def check_network(entries: Mapping[str, Entry], what: str, build: Callable[[], nn.Module], named: str = "") -> None:
    """Raise ValueError if the tensors below ``what.`` are not all of the network's, and nothing else.

    The network is built without memory for its parameters; its depth, the first number in its name ``named``, is at
    most the number of tensors that are there, so that no more is built than the file fills.
    """
    numbers = re.findall(r"\d+", named)
    count = sum(name.startswith(f"{what}.") for name in entries)
    needed: dict[str, Entry] = {}
    if not numbers or (len(numbers[0]) < 10 and int(numbers[0]) <= count):
        with torch.device("meta"), torch.random.fork_rng(devices=[]), suppress(RuntimeError, OverflowError):
            needed = {
                name: Entry(str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
                for name, tensor in build().state_dict().items()
            }  # with sizes beyond all numbers it cannot be built
    check_parameters(entries, what, needed)
