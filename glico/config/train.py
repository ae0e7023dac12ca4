"""The options of GLO and GLICO on a small sample."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from glico.config.data import DataConfig
from glico.config.schema import field
from glico.config.shared import (
    CLASSIFIER_PATTERN,
    CLASSIFIERS,
    LatentGeneratorName,
    Precision,
    compile_field,
    device_field,
    generator_field,
    generator_width_field,
    precision_field,
    store_images_field,
)

SEEN = {"objective": ("glico",), "classifier_input": ("image",)}  # the weak classifier sees images
BALANCED = SEEN | {"gamma": (None,)}
WARM_STEPS = 0.2  # of the steps from nothing: with the encoding of new images, a quarter of the time
BETWEEN = SEEN | {"between": ("classifier", "nearest", "critic")}


class TrainConfig(DataConfig):
    """Latent optimisation (Algorithm 1): codes, generator and weak classifier for one small sample."""

    objective: Literal["glo", "glico"] = field(
        "glico",
        "glo: reconstruction alone (Eq. 2); glico: reconstruction + gamma x cross-entropy (section III-B)",
        group="Method",
    )
    # The paper gives no gamma; the authors' code has 0.5. benchmarks/default_study.py measures the balanced one (None).
    gamma: float | None = field(
        None,
        "constant weight of the weak classifier's cross-entropy, as in the paper (the authors' code: 0.5); by default "
        "gamma is balanced against the reconstruction at every step, and the codes of a class are pulled together as "
        "well",
        automatic="balanced at every step",
        group="Method",
        ge=0,
        le=1000,
    )
    balance: float = field(
        0.1,
        "with the balanced gamma: size of the cross-entropy's gradient at the generated images, relative to the "
        "reconstruction's",
        group="Method",
        advanced=True,
        later=True,
        only=BALANCED,
        ge=0,
        le=10,
    )
    pull: float = field(
        0.5,
        "with the balanced gamma: weight, relative to the reconstruction loss, of the term that pulls the codes of a "
        "class together until they are each other's nearest",
        group="Method",
        advanced=True,
        later=True,
        only=BALANCED,
        ge=0,
        le=1000,
    )
    dimension: int = field(
        128, "dimension d of the codes, on the unit sphere (section IV-C)", group="Method", ge=2, le=4096
    )
    initialisation: Literal["random", "hypercube", "resnet"] = field(
        "random",
        "initial codes. random: uniform on the sphere. hypercube: near one hypercube vertex per class. resnet: the "
        "activations of a pretrained ResNet (both Table III)",
        group="Method",
        advanced=True,
    )
    resnet_weights: str | None = field(
        None,
        "file with the weights of a pretrained ResNet-18 or ResNet-50 (.safetensors or .pth, torchvision's names) for "
        "that initialisation; by default torchvision's ResNet-18, cached or downloaded if downloads are allowed",
        automatic="torchvision's ResNet-18",
        group="Method",
        advanced=True,
        only={"initialisation": ("resnet",)},
    )
    noise: Literal["concatenate", "project", "add", "none"] = field(
        "concatenate",
        "use of the noise e. concatenate: G([z, e]), as in the paper. project: e passes through a learned layer first "
        "(the authors' code). add: G(z + e) (Table III). none: no noise (Table II)",
        group="Method",
        advanced=True,
    )
    # Both numbers are from the authors' code; the paper gives none.
    noise_dimension: int = field(100, "dimension of the noise e", group="Method", advanced=True, ge=1, le=1024)
    noise_std: float = field(0.15, "standard deviation of the noise e", group="Method", advanced=True, ge=0, le=10)
    generator: LatentGeneratorName = generator_field(
        "; moving: makes an image in the common frame of its class and moves it from there, so that "
        "objects travel along slerp instead of fading (a step takes about 1.7 times as long)"
    )
    generator_width: int = generator_width_field()
    classifier_input: Literal["image", "code"] = field(
        "image",
        "input of the weak classifier: the generated image, or the code (Table III, latent classifier)",
        group="Method",
        advanced=True,
    )
    weak_classifier: str = field(
        "weak-cnn-16",
        "network of the weak classifier, if its input is an image. weak-cnn: the paper's four convolutions. "
        "weak-cnn-16 and weak-cnn-32: the same on images averaged down to 16 or 32 pixels, several times as fast. Or a "
        f"stronger one (Fig. 7): {CLASSIFIERS}",
        group="Method",
        advanced=True,
        pattern=rf"^(weak-cnn(-16|-32)?|{CLASSIFIER_PATTERN})$",
    )
    classifier_loss: Literal["cross-entropy", "cosine"] = field(
        "cross-entropy",
        "the weak classifier's loss: cross-entropy, or the cosine loss of [29] (Table III)",
        group="Method",
        advanced=True,
    )
    between: Literal["none", "classifier", "nearest", "critic"] = field(
        "none",
        "extra loss on images generated between two of a class, which makes them less like cross-dissolves. "
        "classifier: the weak classifier's loss. nearest: the distance to the nearer of the two images (IMLE). critic: "
        "the loss of a critic that estimates the mixing proportion (ACAI)",
        group="Method",
        advanced=True,
        later=True,
        only=SEEN,
    )
    between_weight: float = field(
        0.3,
        "size of that loss's gradient at these images, relative to the reconstruction's",
        group="Method",
        advanced=True,
        later=True,
        only=BETWEEN,
        ge=0,
        le=10,
    )

    reconstruction: Literal["laplacian", "perceptual"] = field(
        "laplacian",
        "reconstruction loss: Laplacian pyramid (as in the GLO paper; needs no weights) or VGG perceptual (Eq. 1)",
        group="Loss",
    )
    vgg_weights: str | None = field(
        None,
        "file with the weights of VGG's convolutions (.safetensors or .pth, torchvision's names); by default "
        "torchvision's VGG-16 from its cache, or downloaded if downloads are allowed",
        automatic="torchvision's VGG-16",
        group="Loss",
        advanced=True,
        only={"reconstruction": ("perceptual",)},
    )
    perceptual_layers: int | None = field(
        None,
        "number of the five layers conv1_2 ... conv5_2 to use; by default those whose maps are at least 8 pixels wide",
        automatic="by the image size",
        group="Loss",
        unit="layers",
        advanced=True,
        ge=1,
        le=5,
    )
    layer_weights: tuple[float, ...] = field(
        (1.0, 1.0, 1.0, 1.0, 1.0),
        "weights lambda_j of the five layers in Eq. (1)",
        group="Loss",
        advanced=True,
        min_length=5,
        max_length=5,
    )
    reconstruction_share: float = field(
        1.0,
        "share of each batch whose reconstruction loss is computed; the others train only through the classifier. 0.5 "
        "nearly halves the time of a perceptual step",
        group="Loss",
        advanced=True,
        gt=0,
        le=1,
    )
    pixel_weight: float = field(
        0.0,
        "weight of an L1 loss on pixels in [0, 1], added to the perceptual loss (the authors' code: 1 on pixels in "
        "[-1, 1], which is 2 here)",
        group="Loss",
        advanced=True,
        ge=0,
        le=100,
    )

    warm_start: str | None = field(
        None,
        "checkpoint to start from, trained with the same settings on an earlier state of the same data: the training "
        "keeps its codes and networks and places new images. Use about a quarter of its steps",
        automatic="none: from nothing",
        group="Optimisation",
        advanced=True,
        later=True,
    )
    holdout: int | None = field(
        None,
        "exclude the images that a classifier run with this seed holds out, so that settings can be tuned on images "
        "the generator has never seen",
        automatic="none",
        group="Data",
        advanced=True,
        later=True,
        ge=0,
        le=2**31 - 1,
    )
    holdout_fraction: float = field(
        0.2, "share of each class that is excluded", group="Data", advanced=True, later=True, gt=0, le=0.9
    )
    steps: int = field(800, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(
        128,
        "images per step, at most the whole sample (section IV-C)",
        group="Optimisation",
        unit="images",
        ge=1,
        le=4096,
    )
    # The three rates were chosen together on digits. A slow weak classifier keeps pulling the codes of a class together
    # until they have formed clusters; the loss of a fast one vanishes before the codes move.
    learning_rate_codes: float = field(
        0.005, "Adam's learning rate for the codes", group="Optimisation", advanced=True, gt=0, le=10
    )
    learning_rate_generator: float = field(
        0.002, "Adam's learning rate for the generator", group="Optimisation", advanced=True, gt=0, le=1
    )
    learning_rate_classifier: float = field(
        0.0001, "learning rate for the weak classifier", group="Optimisation", advanced=True, gt=0, le=1
    )
    generator_optimiser: Literal["adam", "muon"] = field(
        "adam",
        "optimiser of the generator. adam: Adam for all weights, as in the authors' code. muon: Muon for the weights "
        "before a batch norm (the reference generator has none), with 25 times that learning rate of their norm per "
        "step, and Adam for the others; 280 of its steps give about what 800 of Adam's do",
        group="Optimisation",
        advanced=True,
        later=True,
    )
    classifier_optimiser: Literal["adam", "sgd"] = field(
        "adam",
        "optimiser of the weak classifier: adam, or sgd with momentum 0.9 and weight decay 1e-4 (the authors' code, "
        "with a learning rate of 0.1)",
        group="Optimisation",
        advanced=True,
        later=True,
    )
    schedule: Literal["cosine", "halved"] = field(
        "cosine",
        "learning rates over time: half a cosine down to zero, or halved every 35 % of the run (the authors' code: "
        "every 70 of 202 epochs)",
        group="Optimisation",
        advanced=True,
        later=True,
    )
    unlabelled_steps: Literal["shared", "extra"] = field(
        "shared",
        "whether passes over unlabelled images count towards the steps (shared) or are added to them (extra), so that "
        "labelled images are seen as often as without unlabelled ones",
        group="Optimisation",
        advanced=True,
        later=True,
        only={"unlabelled": ("training", "test")},
    )
    snapshots: int = field(
        24,
        "number of times the codes are saved for the training film",
        group="Optimisation",
        unit="snapshots",
        advanced=True,
        ge=0,
        le=200,
    )
    precision: Precision = precision_field()
    device: str = device_field()
    compile: bool = compile_field()
    store_images: bool = store_images_field()

    @property
    def balanced(self) -> bool:
        """Return whether gamma is balanced at every step: no constant is set, and the weak classifier sees images."""
        return self._has(BALANCED)

    @property
    def trains_between(self) -> bool:
        """Return whether the training includes images generated between two of a class."""
        return self._has(BETWEEN)

    def warm_started(self, checkpoint: str) -> Self:
        """Return the configuration of a training that starts from a ``checkpoint`` of this one."""
        steps = self.steps if self.warm_start is not None else max(1, int(self.steps * WARM_STEPS))
        return self.model_copy(update={"warm_start": checkpoint, "steps": steps})

    def _has(self, conditions: Mapping[str, Sequence[object]]) -> bool:
        return all(getattr(self, name) in values for name, values in conditions.items())
