"""The configuration of a classifier's training on a checkpoint's small sample."""

from typing import Literal, get_args

from pydantic import field_validator

from glico.config.augmentations import PARTS, AugmentationName, using
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
"""The paths between codes."""
FramePathName = Literal["slerp", "lerp", "morph"]
"""The paths between images: through codes, or by a morph of the images themselves."""
FRAME_PATHS: tuple[FramePathName, ...] = get_args(FramePathName)
_MIXMATCH = {"learning": ("mixmatch",)}
SCORED = {"test": "test images", "holdout": "holdout images of the small sample"}
"""The displayed names of the choices of ``scored_on``."""


class ClassifyConfig(Config):
    """One classifier run on a checkpoint's small sample, with one augmentation method (section IV-B)."""

    checkpoint: str = field(..., "checkpoint whose small sample the classifier learns from", group="Data")
    dataset: str | None = field(
        None,
        "name or path of the sample's data set, if it has moved since the checkpoint was trained; the images of the "
        "sample are recognised by their content, and the others are used for testing",
        automatic="the checkpoint's own",
        group="Data",
        advanced=True,
    )
    augmentation: AugmentationName = field(
        "glico",
        "how the small sample is augmented. standard is flip and crop, which every later method includes. glico "
        "generates images from the checkpoint's latent space, for GLO checkpoints too. glico+detail also adds to each "
        "generated image the detail that the reconstructions of its two images lack, mixed by t. class-morph moves the "
        "same two images into each other, without a generator. Four controls replace the generated image: class-mix "
        "by the pixel mean of the same two images at the same t, class-patch by an image with a share t of the "
        "partner's squares, class-warp by the two images moved as two others and fused, reconstruction by the "
        "generator's image at the code itself. Join any by +: class-mix+mixup is class-mix, then mixup. "
        "autoaugment+class-mix augments the two images before they are mixed. The parts are " + ", ".join(PARTS),
        group="Method",
        checked=True,
    )
    path: FramePathName = field(
        "slerp",
        "path between two codes of a class (Eq. 3, Table II). morph is not a path between codes: it registers the two "
        "generated images, moves them into each other and fuses them",
        group="Method",
        only=using("path"),
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
        "rows of the sample between whose codes glico generates images, by default all; a class with fewer than two "
        "of them keeps its real images",
        group="Method",
        only=using("drawn_from"),
        advanced=True,
    )
    least_confidence: float = field(
        0.0,
        "lowest probability of its own class, given by the checkpoint's weak classifier, with which a generated image "
        "is used; below it the real image is kept. 0 accepts every image, as in the paper",
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
        "horizontal flips in the standard augmentation; auto omits them for digits",
        group="Method",
        advanced=True,
    )
    crop: Literal["auto", "padded", "inside", "resized"] = field(
        "auto",
        "random crop of the standard augmentation. padded: from the image padded by 1/8. inside: 7/8 of the side, "
        "tested on the centre crop (section IV-C: 224 of 256 pixels). resized: 7/8 to all of the area, resized to that "
        "side (the authors' code for CUB-200). auto is inside for cub200, padded otherwise",
        group="Method",
        advanced=True,
    )
    learning: Literal["supervised", "mixmatch"] = field(
        "supervised",
        "supervised, or mixmatch [15], which mixes all images and guesses the labels of unlabelled ones (one batch "
        "holds both; the reference interleaves separate batches of labelled and unlabelled images)",
        group="Method",
        advanced=True,
    )
    loss: Literal["cross-entropy", "cosine", "cosine+cross-entropy"] = field(
        "cross-entropy",
        "cross-entropy, the cosine loss of [29], or the cosine loss + 0.1 x cross-entropy",
        group="Method",
        advanced=True,
    )
    label_smoothing: float = field(
        0.0, "share of each label that is spread over all classes", group="Method", advanced=True, ge=0, le=0.9
    )
    balanced_classes: bool = field(
        False,
        "repeat the images of smaller classes, so that in an epoch every class appears as often as the largest",
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
        "start from torchvision's ImageNet weights (vgg19, and above 64 pixels resnet18 and resnet50), that is, use "
        "knowledge from outside the small sample",
        group="Method",
        advanced=True,
    )
    classifier_weights: str | None = field(
        None,
        "file with the pretrained weights (.safetensors or .pth, torchvision's names); by default torchvision's own "
        "from its cache, or downloaded if downloads are allowed",
        automatic="torchvision's",
        group="Method",
        only={"pretrained": (True,)},
        advanced=True,
    )
    seed: int = field(
        0,
        "seed of the classifier's initial weights and of all random choices",
        group="Optimisation",
        ge=0,
        le=2**31 - 1,
    )
    # Twice the steps that the small CNN needs to fit 5 or 10 per class of digits or CIFAR-10 (loss below 0.02). The
    # paper's tables set their own.
    steps: int = field(300, "optimisation steps", group="Optimisation", unit="steps", ge=1, le=10_000_000)
    batch_size: int = field(128, "images per step (section IV-C)", group="Optimisation", unit="images", ge=1, le=4096)
    optimiser: Literal["sgd", "adam"] = field(
        "sgd",
        "sgd with Nesterov momentum 0.9, or adam with decoupled weight decay (MixMatch uses adam with a constant rate "
        "of 0.002 and weight decay 0.02)",
        group="Optimisation",
        advanced=True,
    )
    learning_rate: float = field(
        0.1,
        "the optimiser's learning rate (section IV-C: SGD, 0.1 for CIFAR, 0.001 for CUB-200)",
        group="Optimisation",
        gt=0,
        le=10,
    )
    weight_decay: float = field(5e-4, "weight decay", group="Optimisation", advanced=True, ge=0, le=1)
    schedule: Literal["steps", "hundredths", "cosine", "constant"] = field(
        "steps",
        "learning rate over time. steps: x 0.2 at 30, 60 and 80 % of the run (the authors' code). hundredths: x 0.9 at "
        "every hundredth of the run (the authors' code for CUB-200). cosine: half a cosine down to zero",
        group="Optimisation",
        advanced=True,
    )
    evaluations: int = field(
        20,
        "number of times the accuracy is measured during the run; the result is the last one",
        group="Optimisation",
        unit="times",
        advanced=True,
        ge=1,
        le=1000,
    )
    scored_on: Literal["test", "holdout"] = field(
        "test",
        "images that the accuracy is measured on: the test split, or a holdout of the small sample, on which settings "
        "can be chosen without test images. The classifier learns neither from the holdout nor from images generated "
        "from its codes",
        group="Evaluation",
        advanced=True,
    )
    holdout_fraction: float = field(
        0.2,
        "share of each class of the small sample in the holdout; the seed chooses its images",
        group="Evaluation",
        only={"scored_on": ("holdout",)},
        advanced=True,
        gt=0,
        le=0.9,
    )
    unlabelled: Literal["none", "checkpoint", "training"] = field(
        "none",
        "images that MixMatch uses without labels. checkpoint: the unlabelled images whose codes the checkpoint "
        "learned. training: the training images outside the small sample",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
    )
    unlabelled_limit: int = field(
        10000,
        "highest number of unlabelled images",
        group="MixMatch",
        only=_MIXMATCH,
        unit="images",
        advanced=True,
        ge=1,
        le=1_000_000,
    )
    # The next six defaults are those of [15] for CIFAR-10.
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
        "T: temperature that sharpens a guessed label; 1 leaves it unchanged",
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
        "decay of the moving average of the weights; the averaged network is the one that is scored",
        group="MixMatch",
        only=_MIXMATCH,
        advanced=True,
        ge=0,
        lt=1,
    )
    unlabelled_ramp: float = field(
        1.0,
        "share of the run during which lambda_U grows linearly from 0 (the authors' code: 1; [15]: 1/64)",
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
        "keep the trained classifier with its results, to use and export it (wideresnet-28-10: 146 MB per run)",
        group="Machine",
        advanced=True,
        identity=False,
    )
    download: bool = field(
        False,
        "allow the download of a data set or of pretrained weights that are not in the cache",
        group="Data",
        identity=False,
    )

    @field_validator("drawn_from")
    @classmethod
    def _each_once(cls, rows: tuple[int, ...]) -> tuple[int, ...]:
        """Sort the rows, so that the same choice has the same run id."""
        return tuple(sorted(set(rows)))
