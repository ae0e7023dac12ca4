"""Checkpoints small enough to be trained for a test: GLICO and GLO on five digits a class."""

from pathlib import Path

import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.sample import digests
from glico.models.generators import Generator, MovingGenerator
from glico.morph.splines import KNOTS
from glico.training.latent_optimisation import LatentOptimisation

STEPS = 30


def write_runs(folder: Path) -> None:
    """The checkpoints of the runs tiny-glico and tiny-glo, both of the same small sample, below ``folder``."""
    with torch.random.fork_rng():
        for objective in ("glico", "glo"):
            trained(objective).save(folder / f"tiny-{objective}" / "checkpoint.safetensors")


def trained(objective: str) -> Checkpoint:
    """A checkpoint of a short training, in this process."""
    config = TrainConfig(
        objective=objective, samples_per_class=5, steps=STEPS, generator_width=8, noise_dimension=8, device="cpu"
    )
    sample = small_sample(load_dataset("digits"), config.samples_per_class, config.seed)
    training = LatentOptimisation(config, sample)
    for _ in training:
        pass
    return Checkpoint(
        config=config,
        class_names=sample.class_names,
        image_shape=sample.images.shape[1:],
        codes=training.codes.weight.detach(),
        labels=torch.from_numpy(sample.labels),
        indices=torch.from_numpy(sample.indices),
        digests=torch.from_numpy(digests(sample.images)),
        generator=training.generator.state_dict(),
        classifier=training.classifier.state_dict() if training.classifier is not None else {},
        images=torch.from_numpy(sample.images),
        snapshots=training.snapshots,
        snapshot_steps=training.snapshot_steps,
    )


def give_fields(generator: Generator) -> None:
    """Let a generator that moves know random fields; other generators stay as they are."""
    if isinstance(generator, MovingGenerator):
        codes = torch.nn.functional.normalize(torch.randn(5, generator.field.codes.shape[1]), dim=1)
        generator.field.fit(codes, 0.2 * torch.randn(5, 2, KNOTS, KNOTS))
