"""Measures of how well the codes of a model form classes, and their places in a projection."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from glico.api.estimator import GLICO
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.latent.projection import project as project_codes
from glico.latent.projection import suited
from glico.latent.structure import NEIGHBOURS, BootstrapEstimate, per_image
from glico.latent.structure import structure as estimate
from glico.types import Progress

Model = GLICO | Checkpoint


@dataclass(frozen=True)
class Structure:
    """Measures of how well codes form classes, on the sphere by true label, each with its 95 % bootstrap interval.

    Attributes:
        silhouette: by class and cosine distance; 1 for classes far apart, 0 for mixed ones.
        purity: share of an image's nearest neighbours that have its class.
        within: mean angle between images of one class, in degrees.
        between: mean angle between images of different classes, in degrees.
    """

    silhouette: BootstrapEstimate
    purity: BootstrapEstimate
    within: BootstrapEstimate
    between: BootstrapEstimate

    def __str__(self) -> str:
        """Return one line per measure: its value and interval."""
        rows = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return "\n".join(f"{name:10} {x.value:7.3f} ({x.low:.3f} to {x.high:.3f})" for name, x in rows)


def structure(model: Model, *, neighbours: int = NEIGHBOURS, seed: int = 0) -> Structure:
    """Measure how far the codes of a fitted ``model`` form classes.

    Args:
        model: a fitted :class:`glico.GLICO`, or a :class:`glico.Checkpoint`.
        neighbours: number of nearest codes that the purity counts; at most the number of other images in the class.
        seed: of the bootstrap.

    Examples:
        >>> import glico
        >>> model = glico.load("checkpoints/digits-glico.safetensors")
        >>> glico.structure(model).purity.value > 0.9
        True
    """
    checkpoint = checkpoint_of(model)
    values = per_image(checkpoint.codes.float().numpy(), checkpoint.labels.numpy(), neighbours)
    return Structure(**estimate(values, seed))


def project(
    model: Model,
    *,
    method: Literal["umap", "tsne", "pca"] = "umap",
    components: Literal[2, 3] = 2,
    neighbours: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Lay the codes of a fitted ``model`` out in the plane or in space, as the latent map does.

    Distances between far points mean little in such a picture: :func:`structure` measures on the sphere.

    Args:
        model: a fitted :class:`glico.GLICO`, or a :class:`glico.Checkpoint`.
        method: "umap", "tsne" or "pca".
        components: 2 or 3.
        neighbours: for UMAP, the number of neighbours that each point stays close to; None takes the size of a class,
            5 to 15.
        seed: of the layout.
        progress: called with the finished fraction in [0, 1] and the name of the stage.

    Returns:
        (n, components) float32, a row for each training image.

    Examples:
        >>> import glico
        >>> model = glico.load("checkpoints/digits-glico.safetensors")
        >>> glico.project(model, method="pca").shape
        (100, 2)
    """
    checkpoint = checkpoint_of(model)
    values = {"method": method, "components": components, "neighbours": neighbours, "seed": seed}
    config = suited(ProjectConfig.from_values(values), checkpoint.labels.numpy())
    (layout,) = project_codes([checkpoint.codes.float().numpy()], config, progress)
    return layout


def checkpoint_of(model: Model) -> Checkpoint:
    """Return the checkpoint of a fitted model. Raises NotFittedError if it is not fitted."""
    return model if isinstance(model, Checkpoint) else model.checkpoint
