"""The estimator: latent optimisation in this process, with the manners of scikit-learn."""

import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from glico.api.arrays import Photographs, code_array, end_code, end_row, folder_config, labelled_images
from glico.api.encoding import Encoding, encode_images
from glico.api.fitting import classes_of, learn
from glico.augmentation.synthesis import synthesise
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.named import name_paths
from glico.config import FRAME_PATHS, FramePathName, TrainConfig
from glico.config.data import IN_MEMORY, Resolution
from glico.data import load_configured
from glico.errors import GlicoError
from glico.latent.measured import morph_frames
from glico.latent.morphs import path_source
from glico.latent.paths import PATHS
from glico.pixels import to_uint8
from glico.types import Images, Progress

if TYPE_CHECKING:
    from glico.training.loop import Record

DEFAULT = TrainConfig()
End = int | ArrayLike


class Samples(NamedTuple):
    """Generated ``images`` (m, H, W, C) uint8 and their ``labels`` (m,), values of ``classes_``."""

    images: Images
    labels: NDArray[Any]


class GLICO(BaseEstimator):
    """Codes on the unit sphere and a generator, learned from 5 to 100 images per class (GLICO, or GLO without labels).

    Training runs in this process: no run folder is made and no file is written. The arguments are fields of
    :class:`glico.TrainConfig`, which has their bounds; ``options`` holds further ones by name, such as
    ``{"generator_width": 64}``. Nothing is checked before :meth:`fit`.

    Args:
        objective: "glico" groups the codes by class; "glo" learns from reconstruction alone (Eq. 2).
        steps: optimisation steps.
        gamma: constant weight of the weak classifier's cross-entropy; None balances it at every step.
        dimension: dimension d of the codes.
        resolution: side of the images, 16, 32, 64, 128 or 256. None takes the smallest one that holds the images,
            at most 64; other images are resized and cropped to the centre square.
        samples_per_class: learn from this many images per class, sampled by ``seed``, class after class. None learns
            from all images, in their order: row i of ``codes_`` is the code of ``images[i]``.
        batch_size: images per step.
        seed: the same data and seed give the same model on the same machine.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        verbose: show a progress bar.
        options: further fields of the configuration, by name.

    Attributes:
        codes_: (n, d) float32, one code on the unit sphere per training image.
        labels_: (n,) the label of each training image, as given; of a folder, the names of its classes.
        classes_: (K,) the different labels, in order.
        images_: (n, H, W, C) uint8, the training images as the generator saw them; None if they are not stored.
        indices_: (n,) int64, the place of each training image in the data.
        image_shape_: (H, W, C).
        summary_: the last losses, warnings, and what else describes the training.
        history_: the losses on the way, one dict per report; empty for a loaded model.
        config_: the :class:`glico.TrainConfig` that was trained with.
        checkpoint_: the :class:`glico.Checkpoint`, for whatever this class does not offer.

    Examples:
        >>> import numpy as np
        >>> import glico
        >>> rng = np.random.default_rng(0)
        >>> images = rng.integers(0, 256, (8, 16, 16, 1), dtype=np.uint8)
        >>> labels = np.array(["cat", "dog"] * 4)
        >>> model = glico.GLICO(steps=3, options={"generator_width": 4}).fit(images, labels)
        >>> model.codes_.shape, model.classes_.tolist()
        ((8, 128), ['cat', 'dog'])
        >>> model.interpolate(0, 2, t=np.linspace(0, 1, 5)).shape
        (5, 16, 16, 1)
    """

    def __init__(
        self,
        *,
        objective: Literal["glo", "glico"] = DEFAULT.objective,
        steps: int = DEFAULT.steps,
        gamma: float | None = DEFAULT.gamma,
        dimension: int = DEFAULT.dimension,
        resolution: Resolution | None = DEFAULT.resolution,
        samples_per_class: int | None = None,
        batch_size: int = DEFAULT.batch_size,
        seed: int = DEFAULT.seed,
        device: str = DEFAULT.device,
        verbose: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.objective = objective
        self.steps = steps
        self.gamma = gamma
        self.dimension = dimension
        self.resolution = resolution
        self.samples_per_class = samples_per_class
        self.batch_size = batch_size
        self.seed = seed
        self.device = device
        self.verbose = verbose
        self.options = options

    def fit(
        self,
        images: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        *,
        folder: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn codes and a generator, from nothing, and return the model itself.

        Args:
            images: (n, H, W, C) uint8 with C = 1 or 3, or (n, H, W).
            labels: (n,) whole numbers or texts; two or more classes, with two or more images each.
            folder: instead of arrays, the path of a data set (an image folder with a folder per class, a .zip of one,
                a table of labels, an .npz file), or a name such as "digits".
            progress: called with the finished fraction in [0, 1] and the name of the stage.

        Raises:
            GlicoError: if an argument is wrong, the data cannot be learned from, or the training diverges. The model
                then is as it was before.

        Warns:
            UserWarning: if a class has collapsed, or a class has nothing to interpolate between.
        """
        config = self._config()
        if images is not None and labels is not None and folder is None:
            data = labelled_images(images, labels)
            classes, dataset = data.classes, data.dataset(config.resolution)
            config = config.model_copy(update={"dataset": IN_MEMORY})
        elif folder is not None and images is None and labels is None:
            config = folder_config(config, folder)
            name_paths(config)
            dataset = load_configured(config, progress)
            classes = np.array(dataset.class_names)
        else:
            raise GlicoError("Cannot fit: give images and labels, or folder.")
        checkpoint, history = learn(config, dataset, classes, self.verbose, progress)
        for warning in checkpoint.summary["warnings"]:
            warnings.warn(warning, UserWarning, stacklevel=2)
        return self._learned(checkpoint, history)

    def fit_transform(self, images: ArrayLike, labels: ArrayLike) -> NDArray[np.float32]:
        """Fit the model, and return the codes (n, d) that the training learned for its images: ``codes_``."""
        codes: NDArray[np.float32] = self.fit(images, labels).codes_
        return codes

    def transform(self, images: Photographs) -> NDArray[np.float32]:
        """Return the codes (B, d) float32 whose generated images are closest to new ``images``; see :meth:`encode`."""
        return self.encode(images).codes

    def encode(
        self, images: Photographs, *, steps: int | None = None, seed: int = 0, progress: Progress | None = None
    ) -> Encoding:
        """Find the codes of new images, with the error of each and whether the generator can reproduce it.

        The generator is frozen, and the search minimises the reconstruction loss over the unit sphere.

        Args:
            images: (B, H, W, C) uint8 as in :meth:`fit`, or the path of an image file or of a folder of them, or a
                list of paths. They are resized and cropped as the training images were.
            steps: steps of the search. None takes 90.
            seed: of the random starts; the same seed finds the same codes.
            progress: called with the finished fraction in [0, 1] and the name of the stage.

        Raises:
            GlicoError: if the images cannot be read or have another type or shape.
        """
        return encode_images(self._checkpoint("encode images"), images, steps, seed, progress)

    def inverse_transform(self, codes: ArrayLike) -> Images:
        """Return the images (B, H, W, C) uint8 that the generator makes of ``codes`` (B, d), without noise."""
        checkpoint = self._checkpoint("generate images")
        return to_uint8(checkpoint.decoder()(code_array(codes, checkpoint.codes.shape[1], ndim=2)))

    def interpolate(self, start: End, end: End, *, t: ArrayLike = 0.5, path: FramePathName = "slerp") -> Images:
        """Return the images on the path between two codes.

        Args:
            start: where t = 0: the row of a training image, or a code (d,).
            end: where t = 1: the same kinds of value as ``start``.
            t: numbers in [0, 1], of any shape (...).
            path: "slerp" along the great circle (Eq. 3), "lerp" along the chord, or "morph", which moves the generated
                images of two training images into each other and walks through no code. Between classes a morph is a
                guess.

        Returns:
            (..., H, W, C) uint8, one image for each t.
        """
        checkpoint = self._checkpoint("interpolate")
        if path not in FRAME_PATHS:
            raise GlicoError(f"There is no path {path!r}: choose {', '.join(FRAME_PATHS[:-1])} or {FRAME_PATHS[-1]}.")
        times = np.asarray(t, dtype=np.float64)
        if not ((times >= 0) & (times <= 1)).all():
            raise GlicoError("t must lie between 0 and 1.")
        ends = (("start", start), ("end", end))
        if path == "morph":
            rows = tuple(end_row(checkpoint.codes, name, value) for name, value in ends)
            frames = torch.from_numpy(morph_frames(path_source(checkpoint.opened), rows, times.reshape(-1)))
        else:
            a, b = (end_code(checkpoint.codes, name, value) for name, value in ends)
            frames = checkpoint.decoder()(PATHS[path](a, b, torch.from_numpy(times.reshape(-1))))
        images = to_uint8(frames)
        return images.reshape(*times.shape, *images.shape[1:])

    def sample(
        self,
        per_class: int,
        *,
        seed: int = 0,
        path: FramePathName = "slerp",
        detail: bool = False,
        confidence: float = 0.0,
    ) -> Samples:
        """Generate new images of every class, each between two codes of its class (section IV-B).

        Args:
            per_class: images per class, 1 or more.
            seed: the same seed gives the same images.
            path: "slerp" or "lerp", or "morph", which moves the two generated images into each other.
            detail: add what the reconstructions of the two training images lack, mixed by t.
            confidence: leave out images whose own class gets a smaller probability from the weak classifier; fewer
                than ``per_class`` may then remain. 0 keeps all.

        Returns:
            ``images`` (m, H, W, C) uint8 and ``labels`` (m,), class after class, to be unpacked or read by name.
        """
        checkpoint = self._checkpoint("generate images")
        if per_class < 1:
            raise GlicoError(f"per_class must be 1 or more, not {per_class}.")
        if confidence > 0 and not checkpoint.classifier:
            raise GlicoError("Cannot judge generated images: GLO has no weak classifier. Leave confidence at 0.")
        generated = synthesise(checkpoint, per_class, seed, path=path, detail=detail)
        if confidence > 0:
            generated = generated.subset(generated.confidence >= confidence)
        return Samples(generated.images, self.classes_[generated.labels])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as one .safetensors checkpoint, at once or not at all; it holds data and never code.

        The file opens with :func:`glico.load`, on the command line and in the app.
        """
        self._checkpoint("save the model").save(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the model in a checkpoint file; see :func:`glico.load`."""
        return cls.from_checkpoint(Checkpoint.load(path))

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> Self:
        """Return the model of a checkpoint, with the parameters that it was trained with."""
        config = checkpoint.config
        own = {name: getattr(config, name) for name in cls._get_param_names() if name in TrainConfig.names()}
        if config.per_class == "all":
            own["samples_per_class"] = None
        excluded = {*own, "dataset", "per_class"}
        others = {name: getattr(config, name) for name in TrainConfig.names() if name not in excluded}
        options = {name: value for name, value in others.items() if value != getattr(DEFAULT, name)}
        return cls(**own, options=options or None)._learned(checkpoint, [])

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the fitted model. Raises NotFittedError before :meth:`fit`."""
        return self._checkpoint("read the model")

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether there are codes."""
        return hasattr(self, "checkpoint_")

    def _config(self) -> TrainConfig:
        """Return the configuration of the parameters. Raises GlicoError for a wrong one."""
        values = self.get_params()
        del values["verbose"], values["options"]
        if self.samples_per_class is None:
            values |= {"samples_per_class": DEFAULT.samples_per_class, "per_class": "all"}
        options = dict(self.options or {})
        twice = [name for name in options if name in values]
        if twice:
            raise GlicoError(f"{twice[0]} is an argument of GLICO: give it there and not in options.")
        strange = [name for name in options if name not in TrainConfig.names()]
        if strange:
            raise GlicoError(f"There is no option {strange[0]!r}: the options are the fields of glico.TrainConfig.")
        return TrainConfig.from_values(values | options)

    def _learned(self, checkpoint: Checkpoint, history: "list[Record]") -> Self:
        """Set the fitted attributes."""
        self.checkpoint_ = checkpoint
        self.config_ = checkpoint.config
        self.codes_ = checkpoint.codes.numpy()
        self.classes_ = classes_of(checkpoint)
        labels = checkpoint.labels.numpy()
        self.labels_ = self.classes_[labels] if (labels >= 0).all() else labels
        self.images_ = None if checkpoint.images is None else checkpoint.images.numpy()
        self.indices_ = checkpoint.indices.numpy()
        self.image_shape_ = checkpoint.image_shape
        self.summary_ = checkpoint.summary
        self.history_ = history
        return self

    def _checkpoint(self, purpose: str) -> Checkpoint:
        """Return the trained checkpoint. Raises NotFittedError before :meth:`fit`."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"Cannot {purpose}: this GLICO is not fitted yet. Call fit first, or glico.load.")
        checkpoint: Checkpoint = self.checkpoint_
        return checkpoint


def load(path: str | os.PathLike[str]) -> GLICO:
    """Return the fitted model in a checkpoint file, whether Python, the command line or the app trained it.

    Raises:
        GlicoError: if there is no such file, or if it is no checkpoint.

    Examples:
        >>> import glico
        >>> model = glico.load("checkpoints/digits-glico.safetensors")
        >>> model.objective, model.codes_.shape
        ('glico', (100, 128))
    """
    return GLICO.load(path)
