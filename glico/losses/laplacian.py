"""The Laplacian pyramid loss of GLO [4], which needs no pretrained network."""

import torch
import torch.nn.functional as F
from torch import Tensor

LEVELS = 3
KERNEL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16  # Burt and Adelson's


def blur(images: Tensor) -> Tensor:
    """Blur images (B, C, H, W) by a binomial kernel, with reflected edges."""
    channels = images.shape[1]
    kernel = KERNEL.to(images)
    kernel = (kernel[:, None] * kernel[None, :]).expand(channels, 1, 5, 5)
    return F.conv2d(F.pad(images, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)


def pyramid(images: Tensor) -> list[Tensor]:
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

    def targets(self, images: Tensor) -> list[Tensor]:
        """Compute the loss's targets from the true images (n, C, H, W) in [0, 1]."""
        return pyramid(images)

    def __call__(self, generated: Tensor, targets: list[Tensor]) -> Tensor:
        """(B,) from generated images (B, C, H, W) and the targets' rows for the same images."""
        return self.distance(pyramid(generated.float()), targets)

    def distance(self, bands: list[Tensor], targets: list[Tensor]) -> Tensor:
        """(B,) from two pyramids."""
        pairs = zip(bands, targets, strict=True)
        return torch.stack([(band - target).abs().mean(dim=(1, 2, 3)) for band, target in pairs]).sum(dim=0)
