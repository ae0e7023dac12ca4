"""What a plan will take, from a few steps of its runs on this machine."""

import time
from dataclasses import dataclass
from statistics import mean

import torch

from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.config import GENERATIVE
from glico.data import load_configured, small_sample
from glico.experiments.plan import Plan
from glico.experiments.table import Settings
from glico.latent.pairs import Pairs
from glico.runs.pace import START_SECONDS, Pace, seconds_per_step
from glico.runs.slots import at_once, threads_per_run
from glico.training.classification import Classification
from glico.training.latent_optimisation import LatentOptimisation

EVALUATED = 256  # test images that are scored to tell how long all of them take


@dataclass(frozen=True)
class Cost:
    """Seconds of one latent optimisation and of one classifier run, and how many of each go on at once."""

    training: float
    classification: float
    trainings_at_once: int
    classifications_at_once: int

    def seconds(self, trainings: int, classifications: int) -> float:
        """Time for so many runs."""
        optimisations = trainings * self.training / self.trainings_at_once
        return optimisations + classifications * self.classification / self.classifications_at_once


def estimate_cost(plan: Plan) -> Cost:
    """Calibrate with a few steps of one run of each kind, those of the largest cell, on an untrained latent space.

    Of the methods it is one that generates images, if there is one: the others take no longer, but for MixMatch. Raises
    GlicoError where the runs could not start, such as for a data set that is not there.
    """
    cell = max(plan.cells, key=lambda cell: (cell.samples_per_class, *_weight(cell.method.classify)))
    train = plan.table.train_config(cell, plan.seeds[0], **{**plan.train, "unlabelled": "none"})
    classify = plan.table.classify_config(cell, plan.seeds[0], "untrained", **plan.classify)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads_per_run("train"))
    try:
        dataset = load_configured(train)
        sample = small_sample(dataset, train.samples_per_class, train.seed)
        latent = LatentOptimisation(train, sample)
        training = START_SECONDS + train.steps * seconds_per_step(latent)
        labels, codes = torch.from_numpy(sample.labels), latent.codes.weight.detach()
        torch.set_num_threads(threads_per_run("classify"))
        sampler = LatentSampler.from_networks(
            latent.generator, codes, Pairs(labels, FACTORS), train, path=classify.path, device=latent.device
        )
        images, targets = dataset.test_images, dataset.test_labels
        if not len(images):  # then the training images outside the sample are tested on
            images, targets = dataset.train_images, dataset.train_labels
        tested = min(EVALUATED, len(images))
        classification = Classification(
            classify.model_copy(update={"evaluations": 1}), sample.images, sample.labels,
            images[:tested], targets[:tested], len(dataset.class_names), flip=True,
            sampler=sampler,
        )  # fmt: skip
        step = seconds_per_step(classification)
        began = time.perf_counter()
        classification.result()
        pace = Pace(step, (time.perf_counter() - began) * len(images) / tested)
    finally:
        torch.set_num_threads(threads)
    parallel = [at_once(train.device, kind) for kind in ("train", "classify")]
    cells = [plan.table.classify_config(cell, plan.seeds[0], "", **plan.classify) for cell in plan.cells]
    return Cost(training, mean(map(pace.run_seconds, cells)), *parallel)


def _weight(classify: Settings) -> tuple[bool, bool, str]:
    augmentation = classify.get("augmentation", "")
    return classify.get("learning") != "mixmatch", augmentation in GENERATIVE, augmentation
