"""How a classifier is trained on a checkpoint's small sample."""

from typing import Literal

from pydantic import field_validator

from glico.config.augmentations import AugmentationName, using
from glico.config.schema import Config, field
from glico.config.shared import (
    CLASSIFIER_PATTERN,
    CLASSIFIERS,
    Precision,
    compile_field,
    device_field,
    precision_field,
)

PathName = Literal["slerp", "lerp"]
_MIXMATCH = {"learning": ("mixmatch",)}
SCORED = {"test": "test images", "holdout": "held-out images of the small sample"}
"""What the choices of ``scored_on`` are called."""


class ClassifyConfig(Config):
    """One classifier run on a checkpoint's small sample, with one augmentation method (section IV-B)."""

    checkpoint: str = field(..., "checkpoint whose small sample is learned from", group="Data")
    dataset: str | None = field(
        None,
        "where the sample's data set is, by name or path, if no longer where the checkpoint found it; the sample is "
        "recognised by its images, and the rest is used for testing",
        group="Data",
        advanced=True,
    )
    augmentation: AugmentationName = field(
        "glico",
        "how the small sample is augmented: standard is flip and crop and is part of every later one; glico "
        "generates images from the checkpoint's latent space, whatever objective it was trained with; glico+detail "
        "gives each what the reconstructions of its two images lack, mixed by t. The controls use "
        "instead: class-mix, the pixel mean of the same two images at the same t; class-patch, a share t of the "
        "partner's squares; reconstruction, the generator's image at the code itself",
        group="Method",
    )
    path: PathName = field(
        "slerp", "how two codes of a class are joined (Eq. 3, Table II)", group="Method", only=using("path")
    )
    replace_probability: float = field(
        0.5,
        "probability that an image of the batch is replaced by a generated or augmented one (section IV-B)",
        group="Method",
        only=using("replace_probability"),
        advanced=True,
        ge=0,
        le=1,
    )
    interpolation_factors: tuple[float, ...] = field(
        (0.1, 0.2, 0.3, 0.4),
        "t is sampled from these for every image (section IV-B)",
        group="Method",
        only=using("interpolation_factors"),
        advanced=True,
        min_length=1,
        max_length=100,
    )
    drawn_from: tuple[int, ...] = field(
        (),
        "images, by their row in the sample, between whose codes glico generates; a class with fewer than two of them "
        "keeps its true images. By default all",
        group="Method",
        only=using("drawn_from"),
        advanced=True,
    )
    least_confidence: float = field(
        0.0,
        "probability that the checkpoint's weak classifier must give to a generated image's own class, else the real "
        "image is kept; 0 accepts every one, as in the paper",
        group="Method",
        only=using("least_confidence"),
        ge=0,
        le=1,
    )
    cutout_side: float = field(
        0.5,
        "side of Cutout's square ([12]: 16 of 32 pixels for CIFAR-10, 8 for CIFAR-100)",
        group="Method",
        only=using("cutout_side"),
        unit="of the image's side",
        advanced=True,
        gt=0,
        le=1,
    )
    mix_alpha: float = field(
        1.0,
        "alpha of the Beta distribution of Mixup's and CutMix's weights (1 in both papers)",
        group="Method",
        only=using("mix_alpha"),
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
    crop: Literal["auto", "padded", "inside", "resized"] = field(
        "auto",
        "random crop of the standard augmentation: of the image padded by 1/8, or 7/8 of its side from inside, tested "
        "on the centre (section IV-C: 224 of 256 pixels), or 7/8 to all of its area resized to that (the authors' code "
        "for CUB-200); auto is inside for cub200",
        group="Method",
        advanced=True,
    )
    learning: Literal["supervised", "mixmatch"] = field(
        "supervised",
        "supervised, or MixMatch [15]: all images are mixed, and labels are guessed for unlabelled ones (with batch "
        "statistics of all of them; the reference interleaves labelled and unlabelled images in batches of their own)",
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
    balanced_classes: bool = field(
        False,
        "in an epoch every class appears as often as the largest: images of smaller classes are repeated",
        group="Method",
        advanced=True,
        later=True,
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
    seed: int = field(
        0, "seed of the classifier's initial weights and of everything random", group="Optimisation", ge=0, le=2**31 - 1
    )
    # Twice what the small CNN needs to fit 5 or 10 per class of digits or CIFAR-10 (loss below 0.02); tables of the
    # paper have their own.
    steps: int = field(300, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(128, "images per step (section IV-C)", group="Optimisation", unit="images", ge=1, le=4096)
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
    schedule: Literal["steps", "hundredths", "cosine", "constant"] = field(
        "steps",
        "rate over time: x 0.2 at 30, 60 and 80 % of the run (the authors' code), x 0.9 at every hundredth of it (the "
        "authors' code for CUB-200), a cosine, or constant",
        group="Optimisation",
        advanced=True,
    )
    evaluations: int = field(
        20,
        "how many times the accuracy is measured during the run; the last one counts",
        group="Optimisation",
        unit="times",
        advanced=True,
        ge=1,
        le=1000,
    )
    scored_on: Literal["test", "holdout"] = field(
        "test",
        "the images that are scored: the test split, or a holdout of the small sample itself, on which settings can be "
        "chosen without test images; the classifier neither learns from it nor from images of its codes",
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
        "keep the trained classifier beside its results, to use and export it (wideresnet-28-10: 146 MB per run)",
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
