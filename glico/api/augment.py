"""Generated images in anybody's training loop: a step from a batch to a batch."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import default_collate, get_worker_info

from glico.api.arrays import its_classes
from glico.api.measures import Model, checkpoint_of
from glico.augmentation.controls import mean
from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, FramePathName
from glico.errors import GlicoError
from glico.latent.pairs import Pairs

PROBABILITY: float = ClassifyConfig.describe("replace_probability").default


class ClassAugment(ABC):
    """Replaces images of a batch by images that two training images of the same class make; labels stay.

    A subclass says how two training images become one.
    """

    def __init__(self, model: Model, p: float, factors: Sequence[float], seed: int | None) -> None:
        if not 0 <= p <= 1:
            raise GlicoError(f"p must be a probability from 0 to 1, not {p}.")
        if not len(factors) or not all(0 <= t <= 1 for t in factors):
            raise GlicoError("factors must be one or more values of t from 0 to 1.")
        self.p, self.factors, self.seed = p, tuple(factors), seed
        checkpoint = checkpoint_of(model)
        self.classes = np.array(checkpoint.class_names) if isinstance(model, Checkpoint) else model.classes_
        self.pairs = Pairs(checkpoint.labels, self.factors)
        _, _, channels = checkpoint.image_shape
        self.shape = (channels, *checkpoint.image_shape[:2])
        self._rng: torch.Generator | None = None
        self._worker: int | None = None

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the batch with each image replaced with probability ``p``, and the labels as they are.

        Args:
            images: (B, C, H, W), floats in [0, 1] or uint8, of the model's shape. They are not written on.
            labels: (B,) int64: values of the model's ``classes_`` if these are whole numbers, else positions in them.

        Returns:
            ``images`` (B, C, H, W) of the same type on the same device, and ``labels``.

        Raises:
            GlicoError: if the shape, the type or the range is wrong (normalise afterwards), or a label is no class.
        """
        self._check(images, labels)
        rng = self._generator()
        chosen = (torch.rand(len(images), generator=rng) < self.p).nonzero()[:, 0]
        if not len(chosen):
            return images, labels
        rows = self.pairs.of_classes(self._positions(labels)[chosen], rng)
        generated = self.generate(rows, rng).clamp(0, 1)
        if images.dtype == torch.uint8:
            generated = (generated * 255).round()
        images = images.clone()
        images[chosen.to(images.device)] = generated.to(images)
        return images, labels

    @abstractmethod
    def generate(self, rows: Tensor, rng: torch.Generator) -> Tensor:
        """New images (k, C, H, W) in [0, 1], one for each of the training images ``rows`` (k,), of their classes."""

    def collate(self, samples: Sequence[tuple[Any, int]]) -> tuple[Tensor, Tensor]:
        """Collate ``(image, label)`` samples and augment the batch: a DataLoader's ``collate_fn``.

        In worker processes every worker has random numbers of its own, new ones in each epoch.
        """
        images, labels = default_collate(list(samples))
        return self(images, labels)

    def __repr__(self) -> str:
        """Return the class and the probability."""
        return f"{type(self).__name__}(p={self.p:g})"

    def __getstate__(self) -> dict[str, Any]:
        """Without the random generator: a worker process makes its own."""
        return {**self.__dict__, "_rng": None, "_worker": None}

    def _generator(self) -> torch.Generator:
        """Return the source of random numbers. Without a seed, a new one that torch's global generator seeds."""
        if self.seed is None:
            return torch.Generator().manual_seed(int(torch.randint(2**62, ())))
        worker = get_worker_info()
        worker_seed = None if worker is None else worker.seed
        if self._rng is None or worker_seed != self._worker:
            self._worker = worker_seed
            self._rng = torch.Generator().manual_seed(
                self.seed if worker_seed is None else (self.seed + worker_seed) % 2**63
            )
        return self._rng

    def _check(self, images: Tensor, labels: Tensor) -> None:
        if not isinstance(images, Tensor) or not isinstance(labels, Tensor):
            raise GlicoError(
                "Cannot augment: images and labels must be torch tensors. Convert them by torch.from_numpy."
            )
        if images.ndim != 4 or tuple(images.shape[1:]) != self.shape:
            needed = ", ".join(map(str, self.shape))
            raise GlicoError(f"images have shape {tuple(images.shape)}, but the model generates (B, {needed}).")
        if labels.shape != images.shape[:1] or labels.is_floating_point() or labels.is_complex():
            raise GlicoError(
                f"labels have type {labels.dtype} and shape {tuple(labels.shape)}: give one whole number per image, "
                f"of shape ({len(images)},)."
            )
        if images.dtype != torch.uint8 and not images.is_floating_point():
            raise GlicoError(f"images have type {images.dtype}: give floats in [0, 1] or uint8.")
        if images.is_floating_point() and len(images):
            low, high = (float(x) for x in images.aminmax())
            if not (low >= 0 and high <= 1):
                raise GlicoError(
                    f"images reach from {low:.3g} to {high:.3g}, but must lie in [0, 1]: augment before you normalise."
                )

    def _positions(self, labels: Tensor) -> Tensor:
        """Return the positions (B,) of labels in the model's classes."""
        array = labels.cpu().long()
        whole = self.classes.dtype.kind in "iub"
        classes = torch.from_numpy(self.classes.astype(np.int64)) if whole else torch.arange(len(self.classes))
        places = torch.searchsorted(classes, array).clamp(max=len(classes) - 1)
        strange = array[classes[places] != array]
        if len(strange):
            raise GlicoError(f"{int(strange[0])} is no label of the model: {its_classes(classes.numpy())}.")
        return places


class LatentAugment(ClassAugment):
    """Augments batches with images generated between two codes of a class (section IV-B), in any training loop.

    Each image is replaced with probability ``p`` by ``G(slerp(z_i, z_j, t))``, with i and j two training images of its
    class. Call it on a batch before you normalise, or use :meth:`collate` as a DataLoader's ``collate_fn``. The images
    of the batch may be any images of the model's classes.

    Args:
        model: a fitted :class:`glico.GLICO`, or a :class:`glico.Checkpoint`.
        p: probability that an image is replaced.
        detail: add what the reconstructions of the two training images lack, mixed by t; for training this is the
            better choice. The model needs its images.
        path: "slerp" or "lerp", or "morph", which moves the two generated images into each other.
        factors: values that t is sampled from.
        seed: None takes random numbers from torch's global generator, so that ``torch.manual_seed`` repeats them.
        device: the device of the generator.

    Examples:
        >>> import torch
        >>> import glico
        >>> model = glico.load("checkpoints/digits-glico.safetensors")
        >>> augment = glico.LatentAugment(model, p=1.0, seed=0)
        >>> images, labels = augment(torch.zeros(4, 1, 16, 16), torch.tensor([0, 1, 2, 3]))
        >>> images.shape, labels.tolist(), bool(images.max() > 0.5)
        (torch.Size([4, 1, 16, 16]), [0, 1, 2, 3], True)
    """

    def __init__(
        self,
        model: Model,
        p: float = PROBABILITY,
        *,
        detail: bool = False,
        path: FramePathName = "slerp",
        factors: Sequence[float] = FACTORS,
        seed: int | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__(model, p, factors, seed)
        checkpoint = checkpoint_of(model)
        sampler = LatentSampler.from_checkpoint(checkpoint, path=path, factors=self.factors, device=device)
        if detail:
            sampler = sampler.with_detail(checkpoint.stored_images("add detail").permute(0, 3, 1, 2))
        self.sampler = sampler

    def generate(self, rows: Tensor, rng: torch.Generator) -> Tensor:
        """See :class:`ClassAugment`."""
        return self.sampler.sample(rows, rng).images


class ClassMix(ClassAugment):
    """The control of :class:`LatentAugment`: the pixel mean of the same two images at the same t, without a generator.

    Whatever generated images gain in your training they must gain over this one.

    Args:
        model: a fitted :class:`glico.GLICO` or a :class:`glico.Checkpoint`, which holds its training images.
        p: probability that an image is replaced.
        factors: values that t is sampled from.
        seed: as in :class:`LatentAugment`; with the same seed both take the same pairs and the same t in their first
            batch.

    Examples:
        >>> import torch
        >>> import glico
        >>> control = glico.ClassMix(glico.load("checkpoints/digits-glico.safetensors"), p=1.0, seed=0)
        >>> images, labels = control(torch.zeros(4, 1, 16, 16), torch.tensor([0, 1, 2, 3]))
        >>> images.shape
        torch.Size([4, 1, 16, 16])
    """

    def __init__(
        self, model: Model, p: float = PROBABILITY, *, factors: Sequence[float] = FACTORS, seed: int | None = None
    ) -> None:
        super().__init__(model, p, factors, seed)
        self.images = checkpoint_of(model).stored_images("mix images").permute(0, 3, 1, 2)

    def generate(self, rows: Tensor, rng: torch.Generator) -> Tensor:
        """See :class:`ClassAugment`."""
        pair = self.pairs.pair(rows, rng)
        return mean(self.images[pair.i].float() / 255, self.images[pair.j].float() / 255, pair, rng)
