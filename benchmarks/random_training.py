"""Classifier trainings on random images and an untrained generator, which take the time of real ones."""

import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.augmentation.step_context import Crop
from glico.config import ClassifyConfig, TrainConfig
from glico.latent.pairs import Pairs
from glico.machine import choose_dtype
from glico.models.generators import build_generator
from glico.training.classification import Classification, ClassificationData

CLASSES = 10


def random_training(
    device: torch.device,
    *,
    samples_per_class: int = 10,
    test_images: int = 100,
    side: int = 32,
    channels: int = 3,
    **settings: object,
) -> Classification:
    """Return a training of ten classes with these ``settings`` of the classifier run."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), samples_per_class)
    images = rng.integers(0, 256, (len(labels), side, side, channels), dtype=np.uint8)
    tested = rng.integers(0, 256, (test_images, side, side, channels), dtype=np.uint8)
    train = TrainConfig()
    codes = F.normalize(torch.randn(len(labels), train.dimension), dim=1)
    sampler = LatentSampler.from_networks(
        build_generator(train, channels, side),
        codes,
        Pairs(torch.from_numpy(labels), FACTORS),
        train,
        device=device,
        dtype=choose_dtype("auto", device),
    )
    data = ClassificationData(images, labels, tested, np.arange(test_images) % CLASSES, CLASSES)
    config = ClassifyConfig.model_validate({"checkpoint": ""} | settings)
    return Classification(config, data, Crop(flip=True), sampler, str(device))


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return the seconds of ``work``, synchronising the device before and after."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
