"""What is said of settings and samples with which a training cannot go well, one sentence each."""

import numpy as np

from glico.config import TrainConfig
from glico.data.dataset import Dataset, Sample
from glico.data.duplicates import duplicates_of
from glico.words import listed

MERGES = 0.1  # constant gamma from which photographs merge under the Laplacian pyramid loss (benchmarks.default_study)
COMPARED = 3_000  # images of a data set in which duplicates are looked for: some seconds


def cautions(config: TrainConfig, sample: Sample) -> list[str]:
    """The sentences for ``config`` on ``sample``; none where nothing speaks against it."""
    labels = sample.labels[sample.labels >= 0]
    counts = np.bincount(labels, minlength=len(sample.class_names))
    single = [name for name, count in zip(sample.class_names, counts, strict=True) if count == 1]
    images = [sample.images[sample.labels == label] for label in range(len(sample.class_names))]
    alike = [
        name for name, own in zip(sample.class_names, images, strict=True) if len(own) > 1 and (own == own[0]).all()
    ]
    gamma = config.gamma if config.objective == "glico" and config.classifier_input == "image" else None
    said = []
    if (gamma or 0) > MERGES and config.reconstruction == "laplacian" and sample.images.shape[-1] == 3:
        said.append(
            f"A constant gamma of {gamma:g} merges the images of a class where they are photographs: leave gamma "
            "out, so that it is balanced."
        )
    if len(labels) <= len(sample.class_names):
        said.append(
            f"With {len(labels)} labelled images of {len(sample.class_names)} classes nothing can be grouped: give "
            "every class two or more."
        )
    elif single:
        have = "has" if len(single) == 1 else "have"
        said.append(f"{listed(single)} {have} one image, and paths join two of a class: give two or more.")
    if alike:
        said.append(f"The images of {listed(alike)} are all alike, so that there is nothing between them.")
    return said


def duplicate_cautions(dataset: Dataset) -> list[str]:
    """Return what the duplicates of a person's own data set do; nothing for a known or a large one."""
    count = len(dataset.train_labels) + len(dataset.test_labels)
    if not dataset.train_names or dataset.train_ids is not None or count > COMPARED:
        return []
    sentences = duplicates_of(dataset).sentences()
    return [*sentences, "Leave duplicates out with --duplicates leave-out."] if sentences else []
