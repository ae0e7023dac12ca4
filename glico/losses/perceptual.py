"""The perceptual reconstruction loss, Eq. (1): L1 distances between VGG activations."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from glico.models.vgg import Vgg


class PerceptualLoss(nn.Module):
    """L_percep = sum_j lambda_j |xi_j(G(z, e)) - xi_j(x)|_1, Eq. (1), the norm taken as a mean over the layer.

    ``state``, ``resolution`` and ``layers`` as :class:`glico.models.vgg.Vgg` takes them. Inputs are (B, 1 or 3, H, W)
    in [0, 1]; gradients reach the image alone.
    """

    def __init__(
        self,
        state: dict[str, Tensor],
        resolution: int,
        layers: int | None = None,
        layer_weights: Sequence[float] = (1.0,) * 5,
        pixel_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.vgg = Vgg(state, resolution, layers)
        self.layer_weights, self.pixel_weight = tuple(layer_weights), pixel_weight

    def activations(self, images: Tensor) -> list[Tensor]:
        """xi_j(x) of (B, 1 or 3, H, W) in [0, 1] for each layer j; the images themselves first if pixels count."""
        return ([images] if self.pixel_weight else []) + self.vgg(images)

    @torch.no_grad()
    def targets(self, images: Tensor) -> list[Tensor]:
        """Compute the loss's targets from the true images (n, C, H, W) in [0, 1], once for a training."""
        return self.activations(images)

    def forward(self, generated: Tensor, targets: list[Tensor]) -> Tensor:
        """(B,) from generated images (B, C, H, W) and the targets' rows for the same images."""
        return self.distance(self.activations(generated), targets)

    def distance(self, maps: list[Tensor], targets: list[Tensor]) -> Tensor:
        """(B,) from two lists of activations."""
        weights = ([self.pixel_weight] if self.pixel_weight else []) + list(self.layer_weights[: self.vgg.layers])
        terms = [
            weight * (made - true).abs().mean(dim=(1, 2, 3), dtype=torch.float32)
            for weight, made, true in zip(weights, maps, targets, strict=True)
        ]
        return torch.stack(terms).sum(dim=0)
