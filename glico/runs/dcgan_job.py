"""The conditional DCGAN as a job: leaves dcgan.safetensors, and the last losses in result.json."""

import torch

from glico.checkpoints.dcgan import DcganFile
from glico.config import DcganConfig
from glico.data import configured_sample
from glico.data.catalogue import settled_config
from glico.data.dataset import Dataset, Sample
from glico.pixels import to_uint8
from glico.rows import evenly_spaced
from glico.runs.job import Arrays, Job
from glico.runs.kinds import KINDS
from glico.runs.shared import load_shared
from glico.runs.writing import RunWriter
from glico.training.dcgan import Dcgan
from glico.types import Progress

FILE = KINDS["dcgan"].output
SHOWN = 16  # images of a preview


def build(config: DcganConfig, progress: Progress) -> Job:
    """Return the adversarial training on the configured small sample."""
    dataset = load_shared(config, progress)
    sample = configured_sample(dataset, config)
    training = Dcgan(config, sample)
    return Job(
        training, lambda writer: _finish(writer, training, sample, dataset), preview=lambda: _preview(training, sample)
    )


def _finish(writer: RunWriter, training: Dcgan, sample: Sample, dataset: Dataset) -> None:
    last = (writer.folder.metrics() or [{}])[-1]
    file = DcganFile(
        config=settled_config(writer.folder.config, dataset),
        class_names=sample.class_names,
        image_shape=sample.images.shape[1:],
        labels=torch.from_numpy(sample.labels),
        indices=torch.from_numpy(sample.indices),
        generator=training.generator.state_dict(),
        images=torch.from_numpy(sample.images) if training.config.store_images else None,
        summary=last,
    )
    file.save(writer.folder.file(FILE))
    writer.write_result({"checkpoint": FILE, **last, "data": dataset.contents.as_json()})


@torch.no_grad()
def _preview(training: Dcgan, sample: Sample) -> Arrays:
    """Return ``images`` of the sample, and as many generated (``drawn``) of the same classes from the same noise.

    Both are (16, H, W, C) uint8.
    """
    rows = torch.from_numpy(evenly_spaced(len(sample.images), SHOWN))
    labels = training.labels[rows.to(training.device)]
    training.generator.eval()
    generated = training.generator.generate(labels, torch.Generator(training.device).manual_seed(training.config.seed))
    training.generator.train()
    step = torch.tensor(training.step).numpy()
    return {"images": sample.images[rows.numpy()], "drawn": to_uint8(generated), "step": step}
