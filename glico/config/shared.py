"""Fields that several configurations have, and the names that they allow."""

from typing import Any, Literal

from glico.config.schema import field

FIDELITY_IMAGES = 10_000  # that are generated to be compared with real ones: the authors' number

Precision = Literal["auto", "float32", "bfloat16"]
GeneratorName = Literal["dcgan", "reference"]
CLASSIFIERS = (
    "small-cnn, wideresnet-DEPTH-WIDTH (the paper's is wideresnet-28-10), resnet18, resnet50, vgg19, or resnet20, 32, "
    "44, 56, 110 (those of [31] for small images)"
)
CLASSIFIER_PATTERN = r"small-cnn|wideresnet-\d+-\d+|resnet(18|20|32|44|50|56|110)|vgg19"


def precision_field() -> Any:
    """The arithmetic of networks, for every configuration that trains some."""
    help = "arithmetic of networks: auto is bfloat16 on a GPU that has it, float32 elsewhere"
    return field("auto", help, group="Machine", advanced=True)


def device_field() -> Any:
    """Where networks are trained, for every configuration that trains some."""
    pattern = r"^(auto|cpu|mps|cuda(:\d+)?)$"
    help = "auto (a GPU if there is one), cpu, cuda, cuda:N or mps"
    return field("auto", help, group="Machine", identity=False, pattern=pattern)


def compile_field() -> Any:
    """Whether networks are compiled, for every configuration that trains some."""
    help = (
        "compile the networks with torch.compile: a GPU's steps become faster after a minute or so of compiling; "
        "on CPUs it gains nothing"
    )
    return field(False, help, group="Machine", advanced=True)


def store_images_field() -> Any:
    """Whether a checkpoint holds its sample's images, for every configuration that leaves one."""
    help = "keep the sample's images in the checkpoint; without them it holds no original image"
    return field(True, help, group="Machine", advanced=True)


def generator_field() -> Any:
    """The generator's architecture, for every configuration that trains one."""
    help = "dcgan [32] fitted to the resolution; reference: the authors' CIFAR generator (32 pixels only)"
    return field("dcgan", help, group="Method", advanced=True)


def generator_width_field() -> Any:
    """The size of the DCGAN generator, for every configuration that trains one."""
    help = "channels of the DCGAN's last hidden layer; each earlier layer has twice as many, up to 512"
    return field(32, help, group="Method", unit="channels", advanced=True, ge=4, le=256)
