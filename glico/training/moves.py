"""The displacement fields by which the moving generator's images reach their places."""

import torch
from torch import Tensor

from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.latent.morphs import class_fields
from glico.morph.fields import inverse_knots
from glico.morph.splines import KNOTS

MOST = 5000  # images: a field for any code is found from all of them together


def moves_of(sample: Sample) -> Tensor:
    """Return for every image of the sample where its pixels are in the common frame of its class, as knots
    (n, 2, KNOTS, KNOTS).

    Raises GlicoError for unlabelled images, which have no class, and for more than MOST.
    """
    labels = torch.from_numpy(sample.labels)
    if (labels < 0).any():
        raise GlicoError(
            "Cannot train the moving generator on unlabelled images: images are registered class by class. Choose "
            "another generator, or leave the unlabelled images out."
        )
    if len(labels) > MOST:
        raise GlicoError(
            f"Cannot train the moving generator on {len(labels):,} images: it takes at most {MOST:,}. Choose another "
            "generator, or fewer samples per class."
        )
    knots = torch.zeros(len(labels), 2, KNOTS, KNOTS)
    for label in labels.unique():
        own = labels == label
        knots[own] = inverse_knots(class_fields(sample.images[own.numpy()]))
    return knots
