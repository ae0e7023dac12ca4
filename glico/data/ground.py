"""The ground below transparent images: white, unless drawings vanish on it; one for a whole data set."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from glico.data.preparation import GROUNDS, Ground

LEVELS: dict[Ground, int] = {"white": 255, "black": 0, "grey": 128}  # of 0..255
VISIBLE = 24  # grey levels between a drawing and its ground, on average, below which it vanishes
CLEAR = 0.02  # of an image's pixels that are transparent at least, if its ground matters
SAMPLED = 64  # pixels a side that are looked at


@dataclass(frozen=True)
class GroundContrast:
    """The distance of an image's visible part from each ground, in grey levels; infinite if no ground is visible."""

    white: float
    black: float
    grey: float

    def on(self, ground: Ground) -> float:
        """Return the contrast on one ground."""
        contrast: float = getattr(self, ground)
        return contrast


def contrast_of(image: Image.Image) -> GroundContrast:
    """Return the contrast of an image with transparency with each of the grounds."""
    small = image.convert("RGBA")
    small = small.resize((min(SAMPLED, small.width), min(SAMPLED, small.height)), Image.Resampling.NEAREST)
    pixels = np.asarray(small, dtype=np.float64)
    alpha = pixels[..., 3] / 255
    if alpha.sum() == 0 or (alpha < 0.5).mean() < CLEAR:
        return GroundContrast(np.inf, np.inf, np.inf)
    away = [np.abs(pixels[..., :3] - LEVELS[ground]).max(axis=-1) for ground in GROUNDS]
    white, black, grey = (float((alpha * distance).sum() / alpha.sum()) for distance in away)
    return GroundContrast(white, black, grey)


def choose_ground(images: Sequence[GroundContrast], choice: Ground) -> tuple[Ground, tuple[str, ...]]:
    """Return the ground of a data set by the configuration's ``choice``, and a note if it is not white by itself.

    The one on which the fewest images vanish; among equals white, then black.
    """
    if choice != "auto":
        return choice, ()
    vanished = {ground: sum(image.on(ground) < VISIBLE for image in images) for ground in GROUNDS}
    best = min(GROUNDS, key=lambda ground: vanished[ground])
    if best == "white":
        return best, ()
    note = f"{vanished['white']} drawings would vanish on white, so that transparent images are laid on {best}."
    return best, (note,)


def colour_of(ground: Ground) -> str:
    """Return a ground as a colour's name; white for one that was left to a data set without transparency."""
    level = LEVELS.get(ground, 255)
    return f"#{level:02x}{level:02x}{level:02x}"
