"""The Laplacian pyramid loss of GLO [4], which needs no pretrained network."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from glico.types import Floats

LEVELS = 3
KERNEL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)  # Burt and Adelson's
REACH = len(KERNEL) // 2

Array: TypeAlias = Any  # of NumPy or of PyTorch


def blur(images: Array) -> Array:
    """Blur images (B, C, H, W), an array or a tensor, by a binomial kernel, with reflected edges."""
    if isinstance(images, np.ndarray):
        rows, columns = (_blur_matrix(side) for side in images.shape[-2:])
        return rows @ images @ columns.T
    import torch.nn.functional as F

    channels = images.shape[1]
    kernel = images.new_tensor(KERNEL)
    kernel = (kernel[:, None] * kernel[None, :]).expand(channels, 1, len(KERNEL), len(KERNEL))
    return F.conv2d(F.pad(images, (REACH,) * 4, mode="reflect"), kernel, groups=channels)


@lru_cache(maxsize=32)
def _blur_matrix(side: int) -> "Floats":
    """Return the blur along one axis as a matrix (side, side)."""
    seen = np.pad(np.arange(side), REACH, mode="reflect")
    matrix = np.zeros((side, side), np.float32)
    for offset, weight in enumerate(KERNEL):
        np.add.at(matrix, (np.arange(side), seen[offset : offset + side]), weight)
    return matrix


def pyramid(images: Array) -> list[Array]:
    """Return the Laplacian pyramid of (B, C, H, W): LEVELS - 1 bands, each half the size of the one before, and the
    rest.

    A band is an image less its blur, not less its halved and enlarged copy as in Burt and Adelson's pyramid: the loss
    is 0.9 times theirs (r = 0.996), and nothing is enlarged.
    """
    bands = []
    for _ in range(LEVELS - 1):
        low = blur(images)
        bands.append(images - low)
        images = low[..., ::2, ::2]
    return [*bands, images]


class LaplacianLoss:
    """Lap_1(x, x') = sum_j 2^(2j) |L^j(x) - L^j(x')|_1, GLO [4], for each image, divided by its number of values.

    Level j has 2^(2j) times fewer values than the image, so each term is the mean over its level.
    """

    def targets(self, images: Array) -> list[Array]:
        """Compute the loss's targets from the true images (n, C, H, W) in [0, 1]."""
        return pyramid(images)

    def __call__(self, generated: "Tensor", targets: "list[Tensor]") -> "Tensor":
        """(B,) from generated images (B, C, H, W) and the targets' rows for the same images."""
        return self.distance(pyramid(generated.float()), targets)

    def distance(self, bands: list[Array], targets: list[Array]) -> Array:
        """(B,) from two pyramids."""
        pairs = zip(bands, targets, strict=True)
        return sum(abs(band - target).mean((1, 2, 3)) for band, target in pairs)
