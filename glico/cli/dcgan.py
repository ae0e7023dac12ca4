"""dcgan DATASET: a conditional DCGAN of a small sample, with GLICO's generator."""

import argparse

from glico.cli.arguments import build, given
from glico.cli.outcome import Outcome
from glico.cli.train import add_arguments, train
from glico.config import DcganConfig


def configure(parser: argparse.ArgumentParser) -> None:
    """What the DCGAN takes."""
    add_arguments(parser, DcganConfig)


def run(arguments: argparse.Namespace) -> Outcome:
    """Adversarial training."""
    return train(build(DcganConfig, given(arguments, DcganConfig)), "dcgan.safetensors", arguments)
