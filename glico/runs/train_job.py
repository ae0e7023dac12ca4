"""Latent optimisation as a job: leaves checkpoint.safetensors, and the last losses in result.json."""

from dataclasses import replace

import numpy as np
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data import configured_sample
from glico.data.dataset import Progress, Sample, held_out_of_sample
from glico.data.sample import digests
from glico.files import write_json
from glico.latent.collapse import merged, said, variations
from glico.latent.encode import measured_errors, stated
from glico.pixels import to_uint8
from glico.runs.folder import RunFolder
from glico.runs.job import Arrays, Job
from glico.runs.kinds import KINDS
from glico.runs.shared import load_shared
from glico.training.cautions import cautions
from glico.training.latent_optimisation import LatentOptimisation

FILE = KINDS["train"].leaves
SHOWN = 16  # images of a preview
MAPPED = 2000  # codes of a preview


def build(config: TrainConfig, progress: Progress) -> Job:
    """Algorithm 1 on the configured small sample, or what is not held out of it."""
    dataset = load_shared(config, progress)
    sample = configured_sample(dataset, config)
    if config.holdout is not None:
        kept = ~held_out_of_sample(sample.indices, sample.labels, config.holdout, config.holdout_fraction)
        sample = replace(sample, images=sample.images[kept], labels=sample.labels[kept], indices=sample.indices[kept])
    training = LatentOptimisation(config, sample)
    return Job(training, lambda folder: _finish(folder, training, sample), preview=lambda: _preview(training, sample))


def _finish(folder: RunFolder, training: LatentOptimisation, sample: Sample) -> None:
    names = sample.class_names
    checkpoint = Checkpoint(
        config=folder.config,
        class_names=names,
        image_shape=sample.images.shape[1:],
        codes=training.codes.weight,
        labels=torch.from_numpy(sample.labels),
        indices=torch.from_numpy(sample.indices),
        digests=torch.from_numpy(digests(sample.images)),
        generator=training.generator.state_dict(),
        classifier=training.classifier.state_dict() if training.classifier is not None else {},
        images=torch.from_numpy(sample.images) if training.config.store_images else None,
        snapshots=training.snapshots,
        snapshot_steps=training.snapshot_steps,
    )
    decode, codes = checkpoint.decoder(str(training.device)), training.codes.weight.detach().cpu()
    kept = variations(decode, codes, checkpoint.labels, sample.images, len(names))
    collapsed = merged(kept, names)
    warnings = [*cautions(training.config, sample), *([said(collapsed, training.config)] if collapsed else [])]
    last = (folder.metrics() or [{}])[-1]
    checkpoint.summary = {**last, "variations": kept, "collapsed": collapsed, "warnings": warnings}
    checkpoint.summary |= stated(measured_errors(checkpoint, sample.images))
    checkpoint.save(folder.file(FILE))
    write_json(folder.file("result.json"), {"checkpoint": FILE, **checkpoint.summary})


def _preview(training: LatentOptimisation, sample: Sample) -> Arrays:
    """``images`` and their ``reconstructions``, (16, H, W, C) uint8, spread over the classes; ``codes`` (m, d) float16
    and their ``labels``, of at most MAPPED images: the map as it forms; the names of ``merged`` classes."""
    rows = torch.linspace(0, len(sample.images) - 1, min(SHOWN, len(sample.images))).long()
    z = training.codes.weight.detach()[rows.to(training.device)]
    reconstructed = training.reconstruct(z)
    step = torch.tensor(training.step).numpy()
    mapped = torch.linspace(0, len(sample.images) - 1, min(MAPPED, len(sample.images))).long()
    codes = training.codes.weight.detach()[mapped.to(training.device)].half().cpu().numpy()
    names = np.array(merged(training.kept, sample.class_names) if training.kept else [], dtype=np.str_)
    now = {"codes": codes, "labels": sample.labels[mapped.numpy()], "step": step, "merged": names}
    return now | {"images": sample.images[rows.numpy()], "reconstructions": to_uint8(reconstructed)}
