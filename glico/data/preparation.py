"""The preparation of images: the choices of the configuration, and their values for a data set."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, get_args

from glico.config import DataConfig

Colour = Literal["auto", "grey", "rgb"]
Unreadable = Literal["refuse", "leave-out"]
Fit = Literal["crop", "white", "black", "mirrored", "mean", "squash"]
Ground = Literal["auto", "white", "black", "grey"]
Range = tuple[float, float]  # the values that become black and white
GROUNDS: tuple[Ground, ...] = get_args(Ground)[1:]  # in the order in which they are preferred


@dataclass(frozen=True)
class Choices:
    """The choices of preparation that change the images of a data set.

    ``ranges`` writes each word of ``value_range`` as LOW:HIGH; it is empty without images beyond 8 bits, and if no
    range fits all of them. ``transparent`` and ``oblong`` tell whether some images are partly transparent or not
    square.
    """

    ranges: Mapping[str, str] = field(default_factory=dict)
    transparent: bool = False
    oblong: bool = False


@dataclass(frozen=True)
class Preparation:
    """Images become squares of ``resolution`` pixels, by ``colour`` mode, ``fit``, ``value_range`` and ``ground``.

    ``value_range`` and ``ground`` may leave the choice to the data set ("auto"); :meth:`settled` records it, so that
    the same images, and new ones, are prepared alike ever after.
    """

    resolution: int
    colour: Colour = "auto"
    fit: Fit = "crop"
    value_range: str = "auto"
    ground: Ground = "auto"

    @classmethod
    def from_config(cls, config: DataConfig, image_shape: tuple[int, int, int] | None = None) -> Self:
        """As a configuration says, with the resolution and colour of ``image_shape`` (H, W, C) if it is given.

        Raises TypeError without a resolution.
        """
        resolution, colour = config.resolution, config.colour
        if image_shape is not None:
            resolution, colour = image_shape[0], "grey" if image_shape[2] == 1 else "rgb"  # type: ignore[assignment]
        if resolution is None:
            raise TypeError("a preparation needs a resolution")
        return cls(resolution, colour, config.fit, config.value_range, config.ground)

    def settled(self, value_range: str, ground: Ground) -> Self:
        """Return the same with the range of values and the ground that a data set came to."""
        return replace(self, value_range=value_range, ground=ground)

    def settings(self) -> dict[str, Any]:
        """Return the settled choices by the names of the configuration's fields."""
        return {"value_range": self.value_range, "ground": self.ground}
