"""Latent optimisation as a job: leaves checkpoint.safetensors, and the last losses in result.json."""

import numpy as np
import torch

from glico.config import TrainConfig
from glico.data.catalogue import settled_config
from glico.data.dataset import Dataset, Sample
from glico.data.sample import training_sample
from glico.latent.collapse import EARLY, collapsed_names
from glico.pixels import to_uint8
from glico.rows import evenly_spaced
from glico.runs.job import Arrays, Job
from glico.runs.kinds import KINDS
from glico.runs.shared import load_shared
from glico.runs.writing import RunWriter
from glico.training.cautions import duplicate_cautions
from glico.training.latent_optimisation import LatentOptimisation
from glico.training.result import checkpoint_of
from glico.types import Progress

FILE = KINDS["train"].output
SHOWN = 16  # images of a preview
MAPPED = 2000  # codes of a preview


def build(config: TrainConfig, progress: Progress) -> Job:
    """Return Algorithm 1 on the configured small sample without its holdout."""
    dataset = load_shared(config, progress)
    sample = training_sample(dataset, config)
    training = LatentOptimisation(config, sample)
    return Job(
        training,
        lambda writer: _finish(writer, training, sample, dataset),
        preview=lambda: _preview(training, sample),
        collapsed=lambda: _collapsed(training, sample),
    )


def _finish(writer: RunWriter, training: LatentOptimisation, sample: Sample, dataset: Dataset) -> None:
    last = (writer.folder.metrics() or [{}])[-1]
    checkpoint = checkpoint_of(training, sample, settled_config(writer.folder.config, dataset), last)
    checkpoint.summary["warnings"] += duplicate_cautions(dataset)
    checkpoint.save(writer.folder.file(FILE))
    writer.write_result({"checkpoint": FILE, **checkpoint.summary, "data": dataset.contents.as_json()})


def _collapsed(training: LatentOptimisation, sample: Sample) -> list[str]:
    """Return the classes that have collapsed; none early on, when the images of every training are alike."""
    is_early = training.step < EARLY * training.total_steps
    return [] if is_early or not training.variations else collapsed_names(training.variations, sample.class_names)


def _preview(training: LatentOptimisation, sample: Sample) -> Arrays:
    """Return ``images`` and their ``reconstructions``, both (16, H, W, C) uint8, spread over the classes.

    For the map that forms, also ``codes`` (m, d) float16 and ``labels`` (m,) of at most MAPPED images, and the names of
    collapsed classes (``merged``).
    """
    rows = torch.from_numpy(evenly_spaced(len(sample.images), SHOWN))
    z = training.codes.weight.detach()[rows.to(training.device)]
    reconstructed = training.reconstruct(z)
    step = torch.tensor(training.step).numpy()
    mapped = torch.from_numpy(evenly_spaced(len(sample.images), MAPPED))
    codes = training.codes.weight.detach()[mapped.to(training.device)].half().cpu().numpy()
    names = np.array(
        collapsed_names(training.variations, sample.class_names) if training.variations else [], dtype=np.str_
    )
    now = {"codes": codes, "labels": sample.labels[mapped.numpy()], "step": step, "merged": names}
    return now | {"images": sample.images[rows.numpy()], "reconstructions": to_uint8(reconstructed)}
