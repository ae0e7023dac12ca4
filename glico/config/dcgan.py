"""The options of a DCGAN on the same small sample."""

from typing import Literal

from glico.config.data import DataConfig
from glico.config.schema import field
from glico.config.shared import (
    GeneratorName,
    Precision,
    device_field,
    generator_field,
    generator_width_field,
    precision_field,
    store_images_field,
)


class DcganConfig(DataConfig):
    """A conditional DCGAN [32] of one small sample, with GLICO's generator: the comparison of Fig. 1."""

    unlabelled: Literal["none"] = field(
        "none", "always none, since every image needs its class", group="Data", advanced=True
    )
    dimension: int = field(
        128,
        "dimension of a class's embedding, which replaces the code",
        group="Method",
        advanced=True,
        ge=2,
        le=4096,
    )
    noise_dimension: int = field(
        100, "dimension of the noise, which is drawn from N(0, I)", group="Method", advanced=True, ge=1, le=1024
    )
    generator: GeneratorName = generator_field()
    generator_width: int = generator_width_field()
    discriminator_width: int = field(
        64,
        "channels of the discriminator's first layer; each later layer has twice as many, up to 512",
        group="Method",
        unit="channels",
        advanced=True,
        ge=4,
        le=256,
    )
    steps: int = field(2000, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(
        128, "images per step, at most the whole sample [32]", group="Optimisation", unit="images", ge=2, le=4096
    )
    learning_rate: float = field(
        0.0002, "Adam's learning rate for both networks [32]", group="Optimisation", advanced=True, gt=0, le=1
    )
    precision: Precision = precision_field()
    device: str = device_field()
    store_images: bool = store_images_field()
