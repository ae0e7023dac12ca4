"""The methods that the tables compare, by the names that they have there."""

from typing import Any

from glico.experiments.table import Method

GAMMA = 0.5  # the constant of Algorithm 1 in the authors' code; the paper leaves it open
WEAK = {"weak_classifier": "weak-cnn"}  # section V-E's, on whole images

DCGAN = Method("DCGAN", dcgan=True)
STANDARD = Method("standard", classify={"augmentation": "standard"})
GLICO = Method("GLICO", classify={"augmentation": "glico"})
GLO = Method("GLO", {"objective": "glo"}, GLICO.classify)
LERP = Method("GLICO, lerp", classify={"augmentation": "glico", "path": "lerp"})
CUTOUT = Method("Cutout", classify={"augmentation": "cutout"})
CUTOUT_8 = Method("Cutout", classify={"augmentation": "cutout", "cutout_side": 0.25})  # [12]: 8 of 32 on CIFAR-100
ERASING = Method("Random Erasing", classify={"augmentation": "random-erasing"})
MIXUP = Method("Mixup", classify={"augmentation": "mixup"})
AUTOAUGMENT = Method("AutoAugment", classify={"augmentation": "autoaugment"})
TRIVIAL = Method("TrivialAugment", classify={"augmentation": "trivialaugment"})
RANDAUGMENT_UNIFORM = Method("RandAugment, uniform", classify={"augmentation": "randaugment-uniform"})


def composed(*methods: Method) -> Method:
    """Return the method that applies these, the one then the other. They may differ in their augmentations only."""
    name = " + ".join(method.name for method in methods)
    return Method(name, classify={"augmentation": "+".join(method.classify["augmentation"] for method in methods)})


RESIZEMIX = Method("ResizeMix", classify={"augmentation": "resizemix"})
# Controls: a generated image must do better than these.
CLASS_MIX = Method("class mix", classify={"augmentation": "class-mix"})
CLASS_MIX_AUTOAUGMENT = composed(CLASS_MIX, AUTOAUGMENT)
CLASS_PATCH = Method("class patch", classify={"augmentation": "class-patch"})
RECONSTRUCTION = Method("reconstruction", classify={"augmentation": "reconstruction"})
CLASS_MORPH = Method("class morph", classify={"augmentation": "class-morph"})
CLASS_MORPH_AUTOAUGMENT = composed(CLASS_MORPH, AUTOAUGMENT)
CLASS_WARP_AUTOAUGMENT = composed(Method("class warp", classify={"augmentation": "class-warp"}), AUTOAUGMENT)
CONTROLS = (CLASS_MIX, CLASS_PATCH, RECONSTRUCTION)
COSINE = Method("cosine loss [29]", classify={"augmentation": "standard", "loss": "cosine"})
BOTH = composed(GLICO, AUTOAUGMENT)
MORPH_BOTH = Method("GLICO, morph, + AutoAugment", classify={"augmentation": "glico+autoaugment", "path": "morph"})
DETAIL = Method("GLICO + detail", classify={"augmentation": "glico+detail"})
ALL_THREE = composed(DETAIL, AUTOAUGMENT)
DETAIL_OF_AUGMENTED = composed(AUTOAUGMENT, DETAIL)
NO_NOISE = Method("no noise", {"noise": "none"}, GLICO.classify)
TRANSDUCTIVE = Method("transductive", {"unlabelled": "test"}, GLICO.classify)
LATENT_CLASSIFIER = Method("latent classifier", {"classifier_input": "code"}, GLICO.classify)
HYPERCUBE = Method("hypercube initialisation", {"initialisation": "hypercube"}, GLICO.classify)
RESNET = Method("ResNet initialisation", {"initialisation": "resnet"}, GLICO.classify)
WEAK_COSINE = Method("cosine loss", {"classifier_loss": "cosine"}, GLICO.classify)
ADDITIVE_NOISE = Method("additive noise", {"noise": "add"}, GLICO.classify)


def _with_unlabelled(count: int) -> Method:
    train = {"unlabelled": "training", "unlabelled_limit": count}
    return Method(f"GLICO, {count} unlabelled", train, GLICO.classify)


UNLABELLED_1K = _with_unlabelled(1_000)
UNLABELLED_35K = _with_unlabelled(35_000)


def mixmatch(unlabelled: int = 0, **changes: Any) -> Method:
    """MixMatch [15] as it trains itself: Adam at a constant rate, and as long as the authors' code."""
    own = {"learning": "mixmatch", "optimiser": "adam", "learning_rate": 0.002, "weight_decay": 0.02}
    own |= {"augmentation": "standard", "schedule": "constant", "batch_size": 64, "steps": 102_400, **changes}
    if not unlabelled:
        return Method("MixMatch", classify=own)
    shown = {"unlabelled": "training", "unlabelled_limit": unlabelled}
    return Method(f"MixMatch, {unlabelled} unlabelled", classify=own | shown)


def with_classifier(name: str, title: str) -> Method:
    """GLICO with another network in the weak classifier's place (Fig. 7)."""
    return Method(f"GLICO, {title}", {"weak_classifier": name}, GLICO.classify)


PERCEPTUAL_STEPS = 200  # each takes some four times as long as the pyramid's


def _perceptual(method: Method) -> Method:
    """With Eq. (1)."""
    train = {**method.train, "reconstruction": "perceptual", "steps": PERCEPTUAL_STEPS}
    return Method(f"{method.name}, perceptual", train, method.classify)


GLO_PERCEPTUAL = _perceptual(GLO)
GLICO_PERCEPTUAL = _perceptual(GLICO)


def versus(baseline: Method, *methods: Method) -> tuple[tuple[str, str], ...]:
    """Return the comparisons of each method with a baseline."""
    return tuple((method.name, baseline.name) for method in methods)
