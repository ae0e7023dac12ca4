"""Fields that several configurations share, and their allowed names."""

from typing import Any, Literal

from glico.config.schema import field

FIDELITY_IMAGES = 10_000  # generated images to compare with real ones, as in the authors' code

Precision = Literal["auto", "float32", "bfloat16"]
GeneratorName = Literal["dcgan", "reference"]
LatentGeneratorName = Literal["dcgan", "reference", "moving"]  # of latent optimisation
CLASSIFIERS = (
    "small-cnn, wideresnet-DEPTH-WIDTH (the paper's is wideresnet-28-10), resnet18, resnet50, vgg19, or resnet20, 32, "
    "44, 56, 110 (the networks of [31] for small images)"
)
CLASSIFIER_PATTERN = r"small-cnn|wideresnet-\d+-\d+|resnet(18|20|32|44|50|56|110)|vgg19"


def precision_field() -> Any:
    """Return the field for the precision of networks."""
    help = "number format of the networks: auto is bfloat16 on a GPU that supports it, float32 otherwise"
    return field("auto", help, group="Machine", advanced=True)


def device_field() -> Any:
    """Return the field for the device that trains networks."""
    pattern = r"^(auto|cpu|mps|cuda(:\d+)?)$"
    help = "auto (a GPU if available), cpu, cuda, cuda:N or mps"
    return field("auto", help, group="Machine", identity=False, pattern=pattern)


def compile_field() -> Any:
    """Return the field that decides whether networks are compiled."""
    help = (
        "compile the networks with torch.compile, which takes a minute or so and then speeds up the steps on a GPU; "
        "on CPUs it has no effect on speed"
    )
    return field(False, help, group="Machine", advanced=True)


def store_images_field() -> Any:
    """Return the field that decides whether a checkpoint stores the images of its sample."""
    help = "store the images of the sample in the checkpoint; otherwise it contains no original image"
    return field(True, help, group="Machine", advanced=True)


def generator_field(further: str = "") -> Any:
    """Return the field for the generator's architecture; ``further`` describes more choices."""
    help = "dcgan: DCGAN [32] fitted to the resolution; reference: the authors' CIFAR generator (32 pixels only)"
    return field("dcgan", help + further, group="Method", advanced=True)


def generator_width_field() -> Any:
    """Return the field for the width of the DCGAN generator."""
    help = "channels of the DCGAN's last hidden layer; each earlier layer has twice as many, up to 512"
    return field(32, help, group="Method", unit="channels", advanced=True, ge=4, le=256)
