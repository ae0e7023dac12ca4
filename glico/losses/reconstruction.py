"""The configured reconstruction loss."""

from glico.config import TrainConfig
from glico.losses.laplacian import LaplacianLoss
from glico.losses.perceptual import PerceptualLoss
from glico.models.vgg import load_vgg

ReconstructionLoss = LaplacianLoss | PerceptualLoss


def reconstruction_loss(config: TrainConfig, resolution: int) -> ReconstructionLoss:
    """Laplacian pyramid, or VGG's perceptual loss (Eq. 1). Raises GlicoError if VGG's weights are not here."""
    if config.reconstruction == "laplacian":
        return LaplacianLoss()
    state = load_vgg(config.vgg_weights, config.download)
    return PerceptualLoss(state, resolution, config.perceptual_layers, config.layer_weights, config.pixel_weight)
