"""Estimates of a plan's time from a few steps of its runs on this machine."""

from dataclasses import dataclass
from statistics import mean

import torch

from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.augmentation.step_context import Crop
from glico.config import ClassifyConfig, TrainConfig, augmentation_method
from glico.data import load_configured, small_sample
from glico.data.dataset import Dataset
from glico.experiments.plan import Plan
from glico.experiments.table import Settings
from glico.latent.pairs import Pairs
from glico.runs.pace import Pace, clock_of, seconds_per_step
from glico.runs.slots import at_once, threads_per_run
from glico.runs.timing import evaluation_seconds
from glico.training.classification import Classification, ClassificationData
from glico.training.latent_optimisation import LatentOptimisation


@dataclass(frozen=True)
class Cost:
    """Seconds per latent optimisation and per classifier run, and how many of each run at once."""

    training: float
    classification: float
    trainings_at_once: int
    classifications_at_once: int

    def seconds(self, trainings: int, classifications: int) -> float:
        """Return the time for these numbers of runs."""
        optimisations = trainings * self.training / self.trainings_at_once
        return optimisations + classifications * self.classification / self.classifications_at_once


def estimate_cost(plan: Plan) -> Cost:
    """Time a few steps of one run of each kind, those of the largest cell, on an untrained latent space.

    The classifier run is of a method that generates images, if there is one: no other takes longer, except MixMatch.
    Raises GlicoError if the runs could not start, for instance because the data set is missing.
    """
    cell = max(plan.cells, key=lambda cell: (cell.samples_per_class, *_weight(cell.method.classify)))
    train = plan.table.train_config(cell, plan.seeds[0], **{**plan.train, "unlabelled": "none"})
    classify = plan.table.classify_config(cell, plan.seeds[0], "untrained", **plan.classify)
    threads = torch.get_num_threads()
    dataset = load_configured(train)
    try:
        torch.set_num_threads(threads_per_run("train"))
        latent, training = _training(train, dataset)
        torch.set_num_threads(threads_per_run("classify"))
        pace = _classification(classify, dataset, latent)
    finally:
        torch.set_num_threads(threads)
    parallel = [at_once(train.device, kind) for kind in ("train", "classify")]
    cells = [plan.table.classify_config(cell, plan.seeds[0], "", **plan.classify) for cell in plan.cells]
    return Cost(training.run_seconds(train), mean(map(pace.run_seconds, cells)), *parallel)


def _training(config: TrainConfig, dataset: Dataset) -> tuple[LatentOptimisation, Pace]:
    sample = small_sample(dataset, config.samples_per_class, config.seed)

    def build(images: int) -> LatentOptimisation:
        return LatentOptimisation(config.model_copy(update={"batch_size": images}), sample)

    first = build(config.batch_size)
    clock = clock_of(first.device.type, threads_per_run("train"))
    return first, Pace(seconds_per_step(build, first.images_per_step, clock))


def _classification(config: ClassifyConfig, dataset: Dataset, latent: LatentOptimisation) -> Pace:
    sample = small_sample(dataset, latent.config.samples_per_class, latent.config.seed)
    labels, codes = torch.from_numpy(sample.labels), latent.codes.weight.detach()
    sampler = LatentSampler.from_networks(
        latent.generator, codes, Pairs(labels, FACTORS), latent.config, path=config.path, device=latent.device
    )
    if config.path == "morph":
        sampler = sampler.with_fields(sample.images)
    tested = (dataset.test_images, dataset.test_labels)
    if not len(dataset.test_images):  # then the training images outside the sample are tested on
        tested = (dataset.train_images, dataset.train_labels)

    data = ClassificationData(sample.images, sample.labels, *tested, len(dataset.class_names))

    def build(images: int) -> Classification:
        changed = config.model_copy(update={"batch_size": images, "evaluations": 1})
        return Classification(changed, data, Crop(flip=True), sampler)

    first = build(config.batch_size)
    clock = clock_of(first.device.type, threads_per_run("classify"))
    return Pace(seconds_per_step(build, first.images_per_step, clock), evaluation_seconds(first, clock))


def _weight(classify: Settings) -> tuple[bool, bool, str]:
    augmentation = classify.get("augmentation", "none")
    return classify.get("learning") != "mixmatch", augmentation_method(augmentation).generative, augmentation
