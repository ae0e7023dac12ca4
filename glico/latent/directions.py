"""Principal directions of codes on the sphere: along which they vary most around their mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.latent.paths import sphere_log, spherical_mean


@dataclass(frozen=True)
class PrincipalDirections:
    """Directions in the tangent space at the spherical mean of n codes.

    ``mean`` (d,) is on the unit sphere; ``vectors`` (k, d) are unit tangent vectors, orthogonal to each other;
    ``spread`` (k,) is the codes' standard deviation along each in radians, and ``share`` (k,) its share of their whole
    variation, largest first.
    """

    mean: NDArray[np.float64]
    vectors: NDArray[np.float64]
    spread: NDArray[np.float64]
    share: NDArray[np.float64]


def principal_directions(codes: NDArray[np.float32], count: int) -> PrincipalDirections:
    """Return at most ``count`` principal directions of ``codes`` (n, d) on the unit sphere: tangent PCA.

    There are fewer if the codes vary along fewer. A vector's sign is chosen so that its largest entry is positive.
    Raises GlicoError if the codes have no mean.
    """
    z = codes.astype(np.float64)
    mean = spherical_mean(z)
    tangent = sphere_log(mean, z)
    _, values, vectors = np.linalg.svd(tangent - tangent.mean(axis=0), full_matrices=False)
    axes = np.flatnonzero(values > 1e-6 * np.sqrt(len(z)))[:count]
    vectors = vectors[axes]
    vectors *= np.sign(vectors[np.arange(len(axes)), np.abs(vectors).argmax(axis=1)])[:, None]
    variance = values**2
    share = variance[axes] / variance.sum() if len(axes) else variance[axes]
    return PrincipalDirections(mean, vectors, values[axes] / np.sqrt(len(z)), share)
