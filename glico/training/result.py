"""The checkpoint that a finished latent optimisation leaves."""

from collections.abc import Mapping

import torch
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.data.sample import digests
from glico.latent.collapse import collapsed_names, variations, warning
from glico.latent.encode import measured_errors, summary_entry
from glico.training.cautions import cautions
from glico.training.latent_optimisation import LatentOptimisation


def checkpoint_of(
    training: LatentOptimisation, sample: Sample, config: TrainConfig, last: Mapping[str, float]
) -> Checkpoint:
    """Return the checkpoint of a finished ``training`` on ``sample``.

    ``config`` is the configuration that the file holds, and ``last`` the last record of the training's losses. The
    summary adds to it how much of each class's variation is left, the warnings, and the training images' errors.
    """
    names = sample.class_names
    checkpoint = Checkpoint(
        config=config,
        class_names=names,
        image_shape=sample.images.shape[1:],
        codes=training.codes.weight.detach().cpu(),
        labels=torch.from_numpy(sample.labels),
        indices=torch.from_numpy(sample.indices),
        digests=torch.from_numpy(digests(sample.images)),
        generator=_on_cpu(training.generator.state_dict()),
        classifier=_on_cpu(training.classifier.state_dict()) if training.classifier is not None else {},
        images=torch.from_numpy(sample.images) if training.config.store_images else None,
        snapshots=training.snapshots,
        snapshot_steps=training.snapshot_steps,
    )
    decode = checkpoint.decoder(str(training.device))
    shares = variations(decode, checkpoint.codes, checkpoint.labels, sample.images, len(names))
    collapsed = collapsed_names(shares, names)
    warnings = [*cautions(training.config, sample), *([warning(collapsed, training.config)] if collapsed else [])]
    checkpoint.summary = {**last, "variations": shares, "collapsed": collapsed, "warnings": warnings}
    checkpoint.summary |= summary_entry(measured_errors(checkpoint, sample.images))
    return checkpoint


def _on_cpu(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu() for name, tensor in state.items()}
