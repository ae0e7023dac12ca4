"""Compare variations of the latent augmentation with their controls, on training images outside the sample.

    python -m benchmarks.augmentation_study --dataset PATH [--samples-per-class 10] [--classifier small-cnn]
        [--steps 300] [--batch-size 64] [--schedule cosine] [--seeds 100 101 102] [--arms NAME ...]

No test image is used; ``glico table`` confirms a choice on samples of other seeds. The table has a line per arm: mean
accuracy in % with its standard error over the seeds, and the paired difference from standard augmentation. A seed draws
the sample and drives generator and classifier. Generators are runs (GLICO_RUNS), so each is trained only once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glico.augmentation.batch import Batch, choose, mix
from glico.augmentation.between import LatentAugmentation
from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.mixing import mixup
from glico.config import ClassifyConfig, TrainConfig
from glico.data import load_configured
from glico.data.dataset import Dataset
from glico.data.sample import configured_sample
from glico.evaluation.statistics import estimate, in_words, paired_difference, with_error
from glico.models.generators import draw_noise
from glico.places import cache_directory
from glico.runs.launch import train
from glico.training.build import build_classification
from glico.training.classification import Classification


@dataclass(frozen=True)
class Arm:
    """A variation: settings of the generator and of the classifier run, and a change to its training.

    If ``mirrored``, the mirror image of every image also has a code and is a partner like any other.
    """

    train: dict[str, Any] = field(default_factory=dict)
    classify: dict[str, Any] = field(default_factory=dict)
    change: Callable[[Classification], None] = lambda training: None
    mirrored: bool = False


@dataclass(frozen=True)
class AcrossClasses:
    """Generate between images of any two classes and mix the label by t, uniform in [0, 1]: Mixup of the codes.

    ``targets`` (n, K) are the labels of the sample's rows.
    """

    sampler: LatentSampler
    targets: Tensor
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), self.probability, rng)
        rows = (self.sampler.pairs.labels >= 0).nonzero()[:, 0]
        i = batch.indices[chosen]
        j = rows[torch.randint(0, len(rows), (len(i),), generator=rng)]
        t = torch.rand(len(i), generator=rng)
        batch.images[chosen] = self.sampler.decode(i, j, t, draw_noise(self.sampler.config, len(i), rng)).images
        batch.targets[chosen] = mix(1 - t, self.targets[i], self.targets[j])
        batch.generated[chosen] = True
        return batch


def across_classes(training: Classification) -> None:
    """Pair images of any two classes instead of one class."""
    generate, *rest = training.augment.steps
    assert isinstance(generate, LatentAugmentation)
    training.augment.steps = [AcrossClasses(generate.sampler, training.targets, generate.probability), *rest]


def then_mixup(training: Classification) -> None:
    """Append Mixup to the steps."""
    training.augment.steps.append(mixup(training.context))


def losses_of(training: Classification, batch: Batch) -> Tensor:
    """Return the cross-entropy of each image, (B,)."""
    logits = training.classifier(batch.images.contiguous(memory_format=torch.channels_last)).float()
    return -(batch.targets * logits.log_softmax(dim=1)).sum(dim=1)


def weighted(weight: float) -> Callable[[Classification], None]:
    """Return the change that weights generated images by ``weight`` and real ones by 1."""

    def change(training: Classification) -> None:
        def loss_of(batch: Batch) -> Tensor:
            losses = losses_of(training, batch)
            weights = torch.where(batch.generated, weight, 1.0)
            return (weights * losses).sum() / weights.sum()

        training.loss_of = loss_of  # type: ignore[method-assign]

    return change


def until(share: float) -> Callable[[Classification], None]:
    """Return the change that stops generating images after this share of the steps."""

    def change(training: Classification) -> None:
        generate, *rest = training.augment.steps

        def generate_early(batch: Batch, rng: torch.Generator) -> Batch:
            return generate(batch, rng) if training.step < share * training.total_steps else batch

        training.augment.steps = [generate_early, *rest]

    return change


def softened(training: Classification) -> None:
    """Give each generated image's class the weak classifier's probability, and spread the rest over the others."""
    generate, *rest = training.augment.steps
    assert isinstance(generate, LatentAugmentation)

    def soft(batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), generate.probability, rng)
        generated = generate.sampler.sample(batch.indices[chosen], rng)
        assert generated.confidence is not None
        sure = generated.confidence[:, None].float()
        own = batch.targets[chosen]
        batch.images[chosen] = generated.images
        batch.targets[chosen] = mix(1 - sure, own, (1 - own) / (own.shape[1] - 1))
        batch.generated[chosen] = True
        return batch

    training.augment.steps = [soft, *rest]


def softened_apart(training: Classification) -> None:
    """Apply both :func:`softened` and :func:`apart`."""
    softened(training)
    apart(training)


def slowest_first(training: Classification) -> None:
    """Generate from rows sampled in proportion to their recent loss, instead of from the rows of the batch."""
    generate, *rest = training.augment.steps
    assert isinstance(generate, LatentAugmentation)
    losses = torch.ones(len(training.targets))

    def draw(batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), generate.probability, rng)
        batch.indices = batch.indices.clone()
        batch.indices[chosen] = torch.multinomial(losses, len(chosen), replacement=True, generator=rng)
        batch.images[chosen] = generate.sampler.sample(batch.indices[chosen], rng).images
        batch.targets[chosen] = training.targets[batch.indices[chosen]]
        batch.generated[chosen] = True
        return batch

    def loss_of(batch: Batch) -> Tensor:
        each = losses_of(training, batch)
        losses[batch.indices] = 0.9 * losses[batch.indices] + 0.1 * each.detach()
        return each.mean()

    training.augment.steps = [draw, *rest]
    training.loss_of = loss_of  # type: ignore[method-assign]


def apart(training: Classification) -> None:
    """Normalise generated images by separate batch statistics; the running ones, for testing, see only real images."""
    norms = [module for module in training.classifier.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]

    def loss_of(batch: Batch) -> Tensor:
        total = torch.zeros(())
        for part in (batch.generated, ~batch.generated):
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = 0.0 if part is batch.generated else momentum
            if part.sum() > 1:
                own = replace(batch, images=batch.images[part], targets=batch.targets[part])
                total = total + losses_of(training, own).sum()
        return total / len(batch.images)

    training.loss_of = loss_of  # type: ignore[method-assign]


FAR = {"interpolation_factors": (0.3, 0.4, 0.5)}
GLICO = {"augmentation": "glico"}
DETAIL = {"augmentation": "glico+detail"}
NEAREST = {"between": "nearest", "between_weight": 1.0}
ARMS = {
    "standard": Arm(classify={"augmentation": "standard"}),
    "standard, label smoothing 0.1": Arm(classify={"augmentation": "standard", "label_smoothing": 0.1}),
    "standard, label smoothing 0.3": Arm(classify={"augmentation": "standard", "label_smoothing": 0.3}),
    "Mixup": Arm(classify={"augmentation": "mixup"}),
    "reconstruction": Arm(classify={"augmentation": "reconstruction"}),
    "class patch": Arm(classify={"augmentation": "class-patch"}),
    "class mix": Arm(classify={"augmentation": "class-mix"}),
    "class mix, t 0.3 to 0.5": Arm(classify={"augmentation": "class-mix", **FAR}),
    "class mix, label smoothing 0.1": Arm(classify={"augmentation": "class-mix", "label_smoothing": 0.1}),
    "class mix, separate batch statistics": Arm(classify={"augmentation": "class-mix"}, change=apart),
    "class mix, then Mixup": Arm(classify={"augmentation": "class-mix"}, change=then_mixup),
    "GLICO": Arm(classify=GLICO),
    "GLICO, half the weight": Arm(classify=GLICO, change=weighted(0.5)),
    "GLICO, not in the last fifth": Arm(classify=GLICO, change=until(0.8)),
    "GLICO, softened labels": Arm(classify={**GLICO, "least_confidence": 1e-9}, change=softened),
    "GLICO, more of the slowest images": Arm(classify=GLICO, change=slowest_first),
    "GLICO, separate batch statistics": Arm(classify=GLICO, change=apart),
    "GLICO + detail": Arm(classify=DETAIL),
    "GLICO + detail, softened labels": Arm(classify={**DETAIL, "least_confidence": 1e-9}, change=softened),
    "GLICO + detail, softened labels and separate batch statistics": Arm(
        classify={**DETAIL, "least_confidence": 1e-9}, change=softened_apart
    ),
    "GLICO + detail, then Mixup": Arm(classify=DETAIL, change=then_mixup),
    "GLICO + detail, t 0.3 to 0.5": Arm(classify={**DETAIL, **FAR}),
    "GLICO + detail, trained on paths, t 0.3 to 0.5": Arm(NEAREST, {**DETAIL, **FAR}),
    "standard, sources mirrored": Arm(classify={"augmentation": "standard"}, mirrored=True),
    "class mix, sources mirrored": Arm(classify={"augmentation": "class-mix"}, mirrored=True),
    "GLICO, sources mirrored": Arm(classify=GLICO, mirrored=True),
    "GLICO + detail, sources mirrored": Arm(classify=DETAIL, mirrored=True),
    "GLICO across classes": Arm(classify=GLICO, change=across_classes),
    "GLICO + detail across classes": Arm(classify=DETAIL, change=across_classes),
}


def split(dataset: Dataset, config: TrainConfig) -> Dataset:
    """Return the data set with the training images outside the sample as its test split."""
    rest = np.setdiff1d(np.arange(len(dataset.train_images)), configured_sample(dataset, config).indices)
    return replace(dataset, test_images=dataset.train_images[rest], test_labels=dataset.train_labels[rest])


def mirrored(dataset: Dataset, config: TrainConfig) -> tuple[Dataset, TrainConfig]:
    """Return a data set of the sample and its mirror images, with the same test split, and its configuration."""
    sample, rest = configured_sample(dataset, config), split(dataset, config)
    file = cache_directory() / f"mirrored-{config.fingerprint()}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        file,
        train_images=np.concatenate([sample.images, sample.images[:, :, ::-1]]),
        train_labels=np.tile(sample.labels, 2),
        test_images=rest.test_images,
        test_labels=rest.test_labels,
    )
    own = config.model_copy(update={"dataset": str(file), "samples_per_class": 2 * (config.samples_per_class or 0)})
    return load_configured(own), own


def accuracy(arm: Arm, dataset: Dataset, train_config: TrainConfig, settings: dict[str, Any]) -> float:
    """Return the accuracy in % of one classifier on the training images outside the sample."""
    learned = train_config.model_copy(update=arm.train)
    validated, learned = mirrored(dataset, learned) if arm.mirrored else (split(dataset, learned), learned)
    checkpoint = train(learned)
    config = ClassifyConfig(checkpoint="", seed=learned.seed, evaluations=1, **settings, **arm.classify)
    training = build_classification(config, checkpoint, validated)
    arm.change(training)
    for _ in training:
        pass
    return 100 * training.result().scores.accuracy


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", required=True, help="a data set's name or path")
    parser.add_argument("--samples-per-class", type=int, default=10, help="images per class")
    parser.add_argument("--classifier", default="small-cnn", help="the network")
    parser.add_argument("--steps", type=int, default=300, help="steps of every classifier")
    parser.add_argument("--batch-size", type=int, default=64, help="batch size of every classifier")
    parser.add_argument("--schedule", default="cosine", help="learning rate schedule of every classifier")
    parser.add_argument("--seeds", type=int, nargs="+", default=[100, 101, 102])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="NAME")
    options = parser.parse_args()

    base = TrainConfig(dataset=options.dataset, samples_per_class=options.samples_per_class, snapshots=0)
    dataset = load_configured(base)
    settings = {name: getattr(options, name) for name in ("classifier", "steps", "batch_size", "schedule")}
    print(
        f"| {options.steps} steps ({options.schedule}), seeds {options.seeds} "
        "| accuracy in % | − standard | 95 % interval |"
    )
    print("| --- | --- | --- | --- |", flush=True)
    result: dict[str, list[float]] = {}
    for name in dict.fromkeys(["standard", *options.arms]):  # the baseline of the others
        arm, seeds = ARMS[name], [base.model_copy(update={"seed": seed}) for seed in options.seeds]
        result[name] = [accuracy(arm, dataset, config, settings) for config in seeds]
        mean = estimate(result[name])
        versus = in_words(paired_difference(result[name], result["standard"])) if name != "standard" else ["", ""]
        print(f"| {name} | {with_error(mean.mean, mean.standard_error)} | {' | '.join(versus[:2])} |", flush=True)


if __name__ == "__main__":
    main()
