"""Arrays of square images resized together: to the bit what Pillow does to each, without a call for each."""

import math

import numpy as np
from numpy.typing import NDArray

from glico.types import Images

BITS = 22  # Pillow's fixed point: weights are whole multiples of 2^-22
CHUNK = 2**17  # values that are held at once, as float64: what a core's cache holds


def resize_squares(images: Images, resolution: int) -> Images:
    """(n, S, S, C) uint8 -> (n, R, R, C) uint8 by bicubic interpolation, antialiased.

    Equals ``image.resize((R, R), BICUBIC)`` of Pillow for each image and channel: its two passes, rounded to 8 bits in
    between, with weights of its fixed point. Products of whole numbers below 2^53 are exact in float64, so that a
    matrix product gives the same bits in any order of summation.
    """
    count, side, _, channels = images.shape
    resized = np.empty((count, resolution, resolution, channels), dtype=np.uint8)
    if side == 1:
        resized[:] = images
        return resized
    weights = _weights(side, resolution)
    step = max(1, CHUNK // (max(side, resolution) ** 2 * channels))
    for start in range(0, count, step):
        x = images[start : start + step].transpose(0, 3, 1, 2)  # (B, C, S, S)
        across = _rounded(x.astype(np.float64) @ weights.T)  # (B, C, S, R)
        down = _rounded(weights @ across.astype(np.float64))  # (B, C, R, R)
        resized[start : start + step] = down.transpose(0, 2, 3, 1)
    return resized


def to_grey(images: Images) -> Images:
    """(..., 3) -> (..., 1): Pillow's luminance, ITU-R 601-2 in 16 bits of fixed point."""
    red, green, blue = (images[..., channel].astype(np.uint32) for channel in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(np.uint8)[..., None]


def _rounded(sums: NDArray[np.float64]) -> NDArray[np.uint8]:
    sums += 2 ** (BITS - 1)
    sums *= 2.0**-BITS  # clipped first: for numbers that are not negative the integer part is the floor
    return np.clip(sums, 0, 255, out=sums).astype(np.uint8)


def _weights(size: int, resolution: int) -> NDArray[np.float64]:
    """(R, size): the weight of each pixel of a line in each of its R new ones, in multiples of 2^-BITS."""
    weights = np.zeros((resolution, size))
    scale = size / resolution
    stretch = max(scale, 1.0)  # a smaller image is filtered as widely as its pixels are
    for pixel in range(resolution):
        centre = (pixel + 0.5) * scale
        first, last = max(int(centre - 2 * stretch + 0.5), 0), min(int(centre + 2 * stretch + 0.5), size)
        line = [_bicubic((x - centre + 0.5) / stretch) for x in range(first, last)]
        total = sum(line)
        for x, weight in enumerate(line, first):
            fixed = weight / total * 2**BITS
            weights[pixel, x] = math.trunc(fixed + math.copysign(0.5, fixed))
    return weights


def _bicubic(x: float) -> float:
    """Keys' kernel with a = -1/2."""
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * -0.5 if x < 2 else 0.0
