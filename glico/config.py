"""The one schema: a field's default, bounds, unit and help are written here and nowhere else.

The command line's ``--help``, the app's forms, the JSON in a checkpoint and a run's id all come from it.
Where the paper gives a number it is the default and is cited; where it is silent the authors' released
code decides, or a measurement of ours does, and the comment says so.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.config import JsonDict

Resolution = Literal[16, 32, 64, 128, 256]
Precision = Literal["auto", "float32", "bfloat16"]
PathName = Literal["slerp", "lerp"]
GeneratorName = Literal["dcgan", "reference"]
CLASSIFIERS = (
    "small-cnn, wideresnet-DEPTH-WIDTH (the paper's is wideresnet-28-10), resnet18, resnet50, vgg19, or resnet20, 32, "
    "44, 56, 110 (those of [31] for small images)"
)
CLASSIFIER_PATTERN = r"small-cnn|wideresnet-\d+-\d+|resnet(18|20|32|44|50|56|110)|vgg19"


def field(
    default: Any, help: str, *, group: str, unit: str = "", advanced: bool = False, identity: bool = True,
    only: Mapping[str, Sequence[Any]] | None = None, **bounds: Any,
) -> Any:  # fmt: skip
    """A field of the schema.

    ``bounds`` are pydantic's (``ge``, ``le``, ``gt``, ``lt``, ``max_length``); ``advanced`` fields are folded
    away in forms; ``identity=False`` marks a field that changes where a run works but not what it computes.
    ``only`` names another field, and the values of it with which this one is used at all.
    """
    conditions: JsonDict = {name: list(values) for name, values in (only or {}).items()}
    extra: JsonDict = {"group": group, "unit": unit, "advanced": advanced, "identity": identity, "only": conditions}
    return Field(default, description=help, json_schema_extra=extra, **bounds)


def precision_field() -> Any:
    """The arithmetic of networks, for every configuration that trains some."""
    help = "arithmetic of networks: auto is bfloat16 where the machine is fast at it"
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


class Config(BaseModel):
    """Base of every configuration: immutable, and a name that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @classmethod
    def conditions(cls, name: str) -> Mapping[str, Sequence[Any]]:
        """With which values of which other fields the field ``name`` is used; none: with all."""
        conditions: Mapping[str, Sequence[Any]] = cls._extra(name, "only")
        return conditions

    @classmethod
    def used(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a configuration's ``values`` that are used: Cutout's side, say, by Cutout alone."""

        def holds(name: str, allowed: Sequence[Any]) -> bool:
            return values.get(name, cls.model_fields[name].default) in allowed

        return {
            name: value
            for name, value in values.items()
            if name in cls.model_fields and all(holds(*one) for one in cls.conditions(name).items())
        }

    @classmethod
    def computing(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a configuration's ``values`` that change what is computed: used, and not about where."""
        return {name: value for name, value in cls.used(values).items() if cls._extra(name, "identity")}

    def fingerprint(self) -> str:
        """Eight hex digits that name what this configuration computes (not where: device and downloads)."""
        computing = self.computing(self.model_dump(mode="json"))
        return hashlib.sha256(json.dumps(computing, sort_keys=True).encode()).hexdigest()[:8]

    @classmethod
    def _extra(cls, name: str, what: str) -> Any:
        extra = cls.model_fields[name].json_schema_extra
        assert isinstance(extra, dict)
        return extra[what]


class DataConfig(Config):
    """Which images: a data set, how they are prepared, and the small sample that is drawn from it."""

    dataset: str = field(
        "digits",
        "a name (digits, cifar10, cifar100, cifair10, cifair100, cub200, cub200-boxes) or a path: an image folder with "
        "a folder a class, a .zip of one, or an .npz with MedMNIST's keys",
        group="Data",
    )
    resolution: Resolution | None = field(
        None,
        "side of the square images: the shorter side is resized and the centre cut out; by default the data set's own "
        "(digits 16, CIFAR 32, CUB-200 256, an .npz's rounded up to at most 64, folders 64)",
        group="Data",
        unit="pixels",
    )
    colour: Literal["auto", "grey", "rgb"] = field(
        "auto", "colour mode; auto is grey if every image is grey, else rgb", group="Data"
    )
    test_fraction: float = field(
        0.2,
        "share of each class that is held out for testing where the data has no test part of its own; the same images "
        "for every seed",
        group="Data",
        advanced=True,
        ge=0,
        le=0.9,
    )
    samples_per_class: int = field(
        10, "labelled training images a class (the paper's SPC)", group="Data", unit="images a class", ge=2, le=5000
    )
    index_file: str | None = field(
        None,
        "text file that names the labelled images, in place of a drawn sample: one a line, by its index in the "
        "training part, by its file, or as in CUB-200's train_test_split.txt",
        group="Data",
        advanced=True,
    )
    unlabelled: Literal["none", "training", "test"] = field(
        "none",
        "images whose codes are learned without labels: none, the rest of the training part, or the test part "
        "(the transductive mode of section III)",
        group="Data",
        advanced=True,
    )
    unlabelled_limit: int = field(
        10000, "at most this many unlabelled images", group="Data", unit="images", advanced=True, ge=1, le=1_000_000
    )
    seed: int = field(0, "seed of the small sample and of the training", group="Data", ge=0, le=2**31 - 1)
    download: bool = field(
        False,
        "allow a download of the data set or of pretrained weights if they are not in the cache",
        group="Data",
        identity=False,
    )


class TrainConfig(DataConfig):
    """Latent optimisation (Algorithm 1): codes, generator and weak classifier for one small sample."""

    objective: Literal["glo", "glico"] = field(
        "glico",
        "glo: reconstruction alone (Eq. 2); glico: reconstruction + gamma x cross-entropy (section III-B)",
        group="Method",
    )
    # The paper leaves gamma open; the authors' code has 0.5.
    gamma: float = field(
        0.5,
        "weight of the weak classifier's cross-entropy; photographs learned with the Laplacian pyramid want less "
        "(0.05), or they stay class means for long",
        group="Method",
        ge=0,
        le=1000,
    )
    dimension: int = field(
        128, "dimension d of the codes, on the unit sphere (section IV-C)", group="Method", ge=2, le=4096
    )
    initialisation: Literal["random", "hypercube", "resnet"] = field(
        "random",
        "where the codes start: uniform on the sphere; near a hypercube vertex a class; or at the activations of a "
        "pretrained ResNet (both Table III)",
        group="Method",
        advanced=True,
    )
    resnet_weights: str | None = field(
        None,
        "file with the weights of a pretrained ResNet-18 or ResNet-50 (.safetensors or .pth, torchvision's names) for "
        "that initialisation; by default torchvision's ResNet-18 from the cache, downloaded if downloads are allowed",
        group="Method",
        advanced=True,
        only={"initialisation": ("resnet",)},
    )
    noise: Literal["concatenate", "project", "add", "none"] = field(
        "concatenate",
        "concatenate: G([z, e]) as in the paper; project: e passes a learned layer first (the authors' code); "
        "add: G(z + e) (Table III); none (Table II)",
        group="Method",
        advanced=True,
    )
    # Both numbers are the authors' code's; the paper gives none.
    noise_dimension: int = field(100, "dimension of the noise e", group="Method", advanced=True, ge=1, le=1024)
    noise_std: float = field(0.15, "standard deviation of the noise e", group="Method", advanced=True, ge=0, le=10)
    generator: GeneratorName = generator_field()
    generator_width: int = generator_width_field()
    classifier_input: Literal["image", "code"] = field(
        "image",
        "what the weak classifier sees: the generated image, or the code (Table III, latent classifier)",
        group="Method",
        advanced=True,
    )
    weak_classifier: str = field(
        "weak-cnn",
        "the network of the weak classifier where it sees images: weak-cnn, four convolutions, or in its place a "
        f"stronger one (Fig. 7): {CLASSIFIERS}",
        group="Method",
        advanced=True,
        pattern=rf"^(weak-cnn|{CLASSIFIER_PATTERN})$",
    )
    classifier_loss: Literal["cross-entropy", "cosine"] = field(
        "cross-entropy",
        "the weak classifier's loss: cross-entropy, or the cosine loss of [29] (Table III)",
        group="Method",
        advanced=True,
    )

    reconstruction: Literal["laplacian", "perceptual"] = field(
        "laplacian",
        "reconstruction loss: Laplacian pyramid (the GLO paper's; needs no weights) or VGG perceptual (Eq. 1)",
        group="Loss",
    )
    vgg_weights: str | None = field(
        None,
        "file with VGG's convolution weights (.safetensors or .pth, torchvision's names); by default "
        "torchvision's VGG-16 from its cache, downloaded if downloads are allowed",
        group="Loss",
        advanced=True,
        only={"reconstruction": ("perceptual",)},
    )
    perceptual_layers: int | None = field(
        None,
        "how many of the five layers conv1_2 ... conv5_2; by default those whose maps are at least 8 pixels wide",
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
        "share of each batch whose reconstruction is scored, the others train through the classifier alone: half of it "
        "nearly halves the time of a perceptual step",
        group="Loss",
        advanced=True,
        gt=0,
        le=1,
    )
    pixel_weight: float = field(
        0.0,
        "weight of an L1 distance of pixels beside the perceptual loss (the authors' code: 1)",
        group="Loss",
        advanced=True,
        ge=0,
        le=100,
    )

    steps: int = field(800, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(
        128,
        "images a step, at most the whole sample (section IV-C)",
        group="Optimisation",
        unit="images",
        ge=1,
        le=4096,
    )
    # The three rates and gamma were chosen together on digits: a slow weak classifier goes on pulling the codes
    # of a class together until they have formed, where a fast one is satisfied before they move.
    learning_rate_codes: float = field(
        0.005, "Adam's rate for the codes", group="Optimisation", advanced=True, gt=0, le=10
    )
    learning_rate_generator: float = field(
        0.002, "Adam's rate for the generator", group="Optimisation", advanced=True, gt=0, le=1
    )
    learning_rate_classifier: float = field(
        0.0001, "Adam's rate for the weak classifier", group="Optimisation", advanced=True, gt=0, le=1
    )
    snapshots: int = field(
        24,
        "how many times the codes are kept for the training film",
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


class DcganConfig(DataConfig):
    """A conditional DCGAN [32] of one small sample, with GLICO's generator: the comparison of Fig. 1."""

    unlabelled: Literal["none"] = field("none", "none: every image needs its class", group="Data", advanced=True)
    dimension: int = field(
        128,
        "dimension of a class's embedding, which takes the code's place",
        group="Method",
        advanced=True,
        ge=2,
        le=4096,
    )
    noise_dimension: int = field(
        100, "dimension of the noise, which is N(0, I)", group="Method", advanced=True, ge=1, le=1024
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
        128, "images a step, at most the whole sample [32]", group="Optimisation", unit="images", ge=2, le=4096
    )
    learning_rate: float = field(
        0.0002, "Adam's rate for both networks [32]", group="Optimisation", advanced=True, gt=0, le=1
    )
    precision: Precision = precision_field()
    device: str = device_field()
    store_images: bool = store_images_field()


AugmentationName = Literal[
    "none", "standard", "cutout", "random-erasing", "mixup", "cutmix", "autoaugment", "randaugment", "trivialaugment",
    "glico", "glico+autoaugment",
]  # fmt: skip
DRAWING = ("glico", "glico+autoaugment")  # those that draw from the latent space
_REPLACING = tuple(name for name in get_args(AugmentationName) if name not in ("none", "standard"))
_DRAWN = {"augmentation": DRAWING}
_MIXMATCH = {"learning": ("mixmatch",)}
SCORED = {"test": "test images", "holdout": "held-out images of the small sample"}
"""What the choices of ``scored_on`` are called."""


class ClassifyConfig(Config):
    """One classifier run on a checkpoint's small sample, with one augmentation method (section IV-B)."""

    checkpoint: str = field(..., "checkpoint whose small sample is learned from", group="Data")
    dataset: str | None = field(
        None,
        "where the sample's data set is, by name or path, if no longer where the checkpoint found it; the sample is "
        "told by its images, the rest is tested on",
        group="Data",
        advanced=True,
    )
    augmentation: AugmentationName = field(
        "glico",
        "how the small sample is augmented: standard is flip and crop and is part of every later one; glico draws "
        "images from the checkpoint's latent space, whatever objective it was trained with",
        group="Method",
    )
    path: PathName = field(
        "slerp", "how two codes of a class are joined (Eq. 3, Table II)", group="Method", only=_DRAWN
    )
    replace_probability: float = field(
        0.5,
        "probability that an image of the batch is replaced by a drawn or augmented one (section IV-B)",
        group="Method",
        only={"augmentation": _REPLACING},
        advanced=True,
        ge=0,
        le=1,
    )
    interpolation_factors: tuple[float, ...] = field(
        (0.1, 0.2, 0.3, 0.4),
        "t is drawn from these for every image (section IV-B)",
        group="Method",
        only=_DRAWN,
        advanced=True,
        min_length=1,
        max_length=100,
    )
    drawn_from: tuple[int, ...] = field(
        (),
        "images, by their place in the sample, between whose codes glico draws; a class with fewer than two of them "
        "keeps its true images. By default all",
        group="Method",
        only=_DRAWN,
        advanced=True,
    )
    least_confidence: float = field(
        0.0,
        "probability that the checkpoint's weak classifier must give to a drawn image's own class, else the true image "
        "stays; 0 lets every one in, as in the paper",
        group="Method",
        only=_DRAWN,
        ge=0,
        le=1,
    )
    cutout_side: float = field(
        0.5,
        "side of Cutout's square ([12]: 16 of 32 pixels for CIFAR-10, 8 for CIFAR-100)",
        group="Method",
        only={"augmentation": ("cutout",)},
        unit="of the image's side",
        advanced=True,
        gt=0,
        le=1,
    )
    mix_alpha: float = field(
        1.0,
        "alpha of the Beta distribution of Mixup's and CutMix's weights (1 in both papers)",
        group="Method",
        only={"augmentation": ("mixup", "cutmix")},
        advanced=True,
        gt=0,
        le=10,
    )
    flip: Literal["auto", "on", "off"] = field(
        "auto",
        "horizontal flips in the standard augmentation; auto leaves them out for digits",
        group="Method",
        advanced=True,
    )
    crop: Literal["auto", "padded", "inside"] = field(
        "auto",
        "random crop of the standard augmentation: of the image padded by 1/8, or 7/8 of its side from inside, tested "
        "on the centre (section IV-C: 224 of 256 pixels); auto is inside for cub200",
        group="Method",
        advanced=True,
    )
    learning: Literal["supervised", "mixmatch"] = field(
        "supervised",
        "supervised, or MixMatch [15]: all images are mixed, and labels are guessed for unlabelled ones",
        group="Method",
        advanced=True,
    )
    loss: Literal["cross-entropy", "cosine", "cosine+cross-entropy"] = field(
        "cross-entropy",
        "cross-entropy, the cosine loss of [29], or its sum with 0.1 x cross-entropy",
        group="Method",
        advanced=True,
    )
    label_smoothing: float = field(
        0.0, "share of the label that is spread over all classes", group="Method", advanced=True, ge=0, le=0.9
    )
    classifier: str = field(
        "small-cnn",
        CLASSIFIERS,
        group="Method",
        pattern=rf"^({CLASSIFIER_PATTERN})$",
    )
    pretrained: bool = field(
        False,
        "start from torchvision's ImageNet weights (vgg19, and above 64 pixels resnet18 and resnet50): knowledge that "
        "the small sample does not hold",
        group="Method",
        advanced=True,
    )
    classifier_weights: str | None = field(
        None,
        "file with these weights (.safetensors or .pth, torchvision's names); by default torchvision's from the cache, "
        "downloaded if downloads are allowed",
        group="Method",
        only={"pretrained": (True,)},
        advanced=True,
    )
    seed: int = field(0, "seed of the classifier's start and of every draw", group="Optimisation", ge=0, le=2**31 - 1)
    # Twice what the small CNN needs to fit 5 or 10 a class of digits or CIFAR-10 (loss below 0.02); tables of the
    # paper have their own.
    steps: int = field(300, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(128, "images a step (section IV-C)", group="Optimisation", unit="images", ge=1, le=4096)
    optimiser: Literal["sgd", "adam"] = field(
        "sgd",
        "sgd: with Nesterov momentum 0.9; adam: with decoupled weight decay (MixMatch's own, at a constant rate of "
        "0.002 and weight decay 0.02)",
        group="Optimisation",
        advanced=True,
    )
    learning_rate: float = field(
        0.1,
        "the optimiser's rate (section IV-C: SGD, 0.1 for CIFAR, 0.001 for CUB-200)",
        group="Optimisation",
        gt=0,
        le=10,
    )
    weight_decay: float = field(5e-4, "weight decay", group="Optimisation", advanced=True, ge=0, le=1)
    schedule: Literal["steps", "cosine", "constant"] = field(
        "steps",
        "rate over time: x 0.2 at 30, 60 and 80 % of the run (the authors' code), a cosine, or constant",
        group="Optimisation",
        advanced=True,
    )
    evaluations: int = field(
        20,
        "how many times the test accuracy is measured along the run; the last one counts",
        group="Optimisation",
        unit="times",
        advanced=True,
        ge=1,
        le=1000,
    )
    scored_on: Literal["test", "holdout"] = field(
        "test",
        "the images that are scored: the test part, or a holdout of the small sample itself, on which settings can be "
        "chosen without a look at test images; the classifier neither learns from it nor draws from its codes",
        group="Evaluation",
        advanced=True,
    )
    holdout_fraction: float = field(
        0.2,
        "share of each class of the small sample that is the holdout; the seed chooses which",
        group="Evaluation",
        only={"scored_on": ("holdout",)},
        advanced=True,
        gt=0,
        le=0.9,
    )
    unlabelled: Literal["none", "checkpoint", "training"] = field(
        "none",
        "images that MixMatch uses without labels: none; those whose codes the checkpoint learned so; or training "
        "images outside the small sample",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
    )
    unlabelled_limit: int = field(
        10000,
        "at most this many of them",
        group="MixMatch",
        only=_MIXMATCH,
        unit="images",
        advanced=True,
        ge=1,
        le=1_000_000,
    )
    # The next six are [15]'s, for CIFAR-10.
    guesses: int = field(
        2,
        "K: augmented copies of an unlabelled image whose predictions are averaged",
        group="MixMatch",
        only=_MIXMATCH,
        unit="copies",
        advanced=True,
        ge=1,
        le=16,
    )
    temperature: float = field(
        0.5,
        "T: how far a guessed label is sharpened; 1 leaves it",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        gt=0,
        le=1,
    )
    mixmatch_alpha: float = field(
        0.75,
        "alpha of the Beta distribution of the mixing weights",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        gt=0,
        le=10,
    )
    unlabelled_weight: float = field(
        75.0,
        "lambda_U: weight of the guessed labels' loss",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        ge=0,
        le=10_000,
    )
    averaging: float = field(
        0.999,
        "decay of the moving average of the weights, which is what is scored",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        ge=0,
        lt=1,
    )
    unlabelled_ramp: float = field(
        1.0,
        "share of the run over which lambda_U grows linearly from 0 (the authors' code: all; [15]: 1/64)",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        ge=0,
        le=1,
    )
    precision: Precision = precision_field()
    device: str = device_field()
    compile: bool = compile_field()
    store_classifier: bool = field(
        True,
        "keep the trained classifier beside its results, to use and export it (wideresnet-28-10: 146 MB a run)",
        group="Machine",
        advanced=True,
        identity=False,
    )
    download: bool = field(
        False,
        "allow a download of the data set or of pretrained weights if they are not in the cache",
        group="Data",
        identity=False,
    )

    @field_validator("drawn_from")
    @classmethod
    def _each_once(cls, rows: tuple[int, ...]) -> tuple[int, ...]:
        """In order, so that the same choice is the same run."""
        return tuple(sorted(set(rows)))


class ProjectConfig(Config):
    """How codes become points on a page."""

    method: Literal["umap", "tsne", "pca"] = field("umap", "projection method", group="Projection")
    components: Literal[2, 3] = field(2, "dimensions of the picture", group="Projection", unit="dimensions")
    neighbours: int = field(
        15, "UMAP: neighbours that a point keeps close", group="Projection", unit="points", ge=2, le=200
    )
    minimum_distance: float = field(0.1, "UMAP: how tightly points may be packed", group="Projection", ge=0, le=0.99)
    metric: Literal["cosine", "euclidean"] = field(
        "cosine", "UMAP: distance between codes", group="Projection", advanced=True
    )
    perplexity: float = field(15.0, "t-SNE: effective number of neighbours", group="Projection", ge=2, le=200)
    seed: int = field(0, "seed of the projection", group="Projection", ge=0, le=2**31 - 1, advanced=True)
