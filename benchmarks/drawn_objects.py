"""Drawn objects on plain ground, as stamps and photographs of products are: images that may be shipped."""

import numpy as np
from PIL import Image, ImageDraw

from glico.types import Images, Labels

FINER = 4  # times finer than the image: edges are smooth once it is reduced

# The parts of each object in half sides around its centre: polygons, or ellipses by two corners.
Part = tuple[str, list[tuple[float, float]]]
OBJECTS: dict[str, list[Part]] = {
    "fish": [
        ("ellipse", [(-0.8, -0.4), (0.5, 0.4)]),
        ("polygon", [(0.35, 0.0), (0.95, -0.45), (0.95, 0.45)]),
        ("polygon", [(-0.3, -0.3), (0.1, -0.7), (0.2, -0.3)]),
    ],
    "cup": [
        ("polygon", [(-0.6, -0.6), (0.4, -0.6), (0.25, 0.7), (-0.45, 0.7)]),
        ("ellipse", [(0.15, -0.35), (0.85, 0.35)]),
    ],
    "house": [
        ("polygon", [(-0.6, 0.0), (0.6, 0.0), (0.6, 0.8), (-0.6, 0.8)]),
        ("polygon", [(-0.8, 0.05), (0.0, -0.8), (0.8, 0.05)]),
        ("polygon", [(0.3, -0.8), (0.5, -0.8), (0.5, -0.2), (0.3, -0.2)]),
    ],
}


def drawn_objects(each: int, side: int, seed: int = 0) -> tuple[Images, Labels]:
    """Return ``each`` images of every class (n, side, side, 3) uint8 with their labels (n,).

    Place, size, proportions, turn and colours of every object are drawn at random.
    """
    rng = np.random.default_rng(seed)
    images = [_drawn(parts, side, rng) for parts in OBJECTS.values() for _ in range(each)]
    return np.stack(images), np.repeat(np.arange(len(OBJECTS)), each)


def _drawn(parts: list[Part], side: int, rng: np.random.Generator) -> Images:
    """Draw one object: (side, side, 3)."""
    large = side * FINER
    ground = rng.integers(190, 256, 3)
    picture = Image.new("RGB", (large, large), tuple(ground.tolist()))
    pencil = ImageDraw.Draw(picture)
    turn, size = rng.uniform(-0.35, 0.35), rng.uniform(0.4, 0.7)
    stretch = np.array([rng.uniform(0.8, 1.2), rng.uniform(0.8, 1.2)]) * size
    centre = rng.uniform(-0.25, 0.25, 2)
    turning = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    colour = rng.integers(20, 180, 3)
    for number, (kind, points) in enumerate(parts):
        corners = np.array(_outline(points) if kind == "ellipse" else points) * stretch @ turning.T + centre
        shade = (colour * (1 - 0.25 * (number % 2))).astype(int)
        pencil.polygon([tuple(corner) for corner in ((corners + 1) / 2 * large).tolist()], fill=tuple(shade.tolist()))
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX))


def _outline(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points of the ellipse in the rectangle of two ``corners``."""
    (left, top), (right, bottom) = corners
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = (left + right) / 2 + (right - left) / 2 * np.cos(angles)
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sin(angles)
    return list(zip(x.tolist(), y.tolist(), strict=True))
