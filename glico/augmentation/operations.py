"""The operations of AutoAugment and its successors, each for a batch with one magnitude per image.

torchvision has them with one magnitude for all images of a call, drawn from the global generator; one call per image
costs more than a small classifier's step, so those with a magnitude are here. The definitions are torchvision's
(nearest neighbour, black where nothing is); the tests hold each one against it. Images are (B, C, H, W) in [0, 1],
magnitudes (B,).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

GREY = (0.2989, 0.587, 0.114)  # ITU-R 601-2, as in torchvision


def shear_x(images: Tensor, magnitude: Tensor) -> Tensor:
    """x + magnitude (y - top): about the upper left corner."""
    half = images.shape[-2] / 2
    return _affine(images, xy=magnitude, x=magnitude * half)


def shear_y(images: Tensor, magnitude: Tensor) -> Tensor:
    """y + magnitude (x - left)."""
    half = images.shape[-1] / 2
    return _affine(images, yx=magnitude, y=magnitude * half)


def translate_x(images: Tensor, magnitude: Tensor) -> Tensor:
    """To the right by whole pixels, ``magnitude`` cut towards zero."""
    return _affine(images, x=-magnitude.trunc())


def translate_y(images: Tensor, magnitude: Tensor) -> Tensor:
    """Down by whole pixels."""
    return _affine(images, y=-magnitude.trunc())


def rotate(images: Tensor, magnitude: Tensor) -> Tensor:
    """Counter-clockwise about the centre, in degrees."""
    angle = magnitude.deg2rad()
    return _affine(images, xx=angle.cos(), xy=-angle.sin(), yx=angle.sin(), yy=angle.cos())


def brightness(images: Tensor, magnitude: Tensor) -> Tensor:
    """Blend with black by 1 + magnitude."""
    return _blend(images, torch.zeros_like(images), magnitude)


def colour(images: Tensor, magnitude: Tensor) -> Tensor:
    """Blend with the grey image by 1 + magnitude; grey images stay."""
    return images if images.shape[1] == 1 else _blend(images, _grey(images), magnitude)


def contrast(images: Tensor, magnitude: Tensor) -> Tensor:
    """Blend with the mean of the grey image by 1 + magnitude."""
    return _blend(images, _grey(images).mean(dim=(1, 2, 3), keepdim=True), magnitude)


def sharpness(images: Tensor, magnitude: Tensor) -> Tensor:
    """Blend with a smoothed image (3 x 3, weight 5 in the middle; the border stays) by 1 + magnitude."""
    channels = images.shape[1]
    kernel = images.new_full((3, 3), 1.0)
    kernel[1, 1] = 5.0
    kernel = (kernel / kernel.sum()).expand(channels, 1, 3, 3)
    smooth = images.clone()
    smooth[:, :, 1:-1, 1:-1] = F.conv2d(images, kernel, groups=channels)
    return _blend(images, smooth, magnitude)


def posterize(images: Tensor, magnitude: Tensor) -> Tensor:
    """Keep the ``magnitude`` highest of 8 bits."""
    step = (2.0 ** (8 - magnitude)).to(images)[:, None, None, None]
    return (images.mul(255).round() / step).floor() * step / 255


def solarize(images: Tensor, magnitude: Tensor) -> Tensor:
    """Invert values at or above ``magnitude``."""
    return torch.where(images >= magnitude.to(images)[:, None, None, None], 1 - images, images)


def auto_contrast(images: Tensor, magnitude: Tensor) -> Tensor:
    """Stretch every channel to [0, 1]; without magnitude."""
    from torchvision.transforms.v2 import functional

    return functional.autocontrast(images)


def equalize(images: Tensor, magnitude: Tensor) -> Tensor:
    """Equalise every channel's histogram; without magnitude."""
    from torchvision.transforms.v2 import functional

    return functional.equalize(images)


def invert(images: Tensor, magnitude: Tensor) -> Tensor:
    """1 - x; without magnitude."""
    return 1 - images


def identity(images: Tensor, magnitude: Tensor) -> Tensor:
    """Return the image itself."""
    return images


OPERATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Identity": identity,
    "ShearX": shear_x,
    "ShearY": shear_y,
    "TranslateX": translate_x,
    "TranslateY": translate_y,
    "Rotate": rotate,
    "Brightness": brightness,
    "Color": colour,
    "Contrast": contrast,
    "Sharpness": sharpness,
    "Posterize": posterize,
    "Solarize": solarize,
    "AutoContrast": auto_contrast,
    "Equalize": equalize,
    "Invert": invert,
}
"""By torchvision's names, which the policies use."""

Coefficient = Tensor | float


def _affine(
    images: Tensor,
    *,
    xx: Coefficient = 1.0,
    xy: Coefficient = 0.0,
    x: Coefficient = 0.0,
    yx: Coefficient = 0.0,
    yy: Coefficient = 1.0,
    y: Coefficient = 0.0,
) -> Tensor:
    """Take the output's pixel (u, v) from (xx u + xy v + x, yx u + yy v + y); in pixels from the image's centre."""
    count, _, height, width = images.shape
    sx, sy = 2 / width, 2 / height  # to the units of the grid, [-1, 1]
    entries = (xx, xy * (sx / sy), x * sx, yx * (sy / sx), yy, y * sy)
    columns = [entry if isinstance(entry, Tensor) else images.new_full((count,), entry) for entry in entries]
    matrix = torch.stack(columns, dim=1).reshape(count, 2, 3).to(images)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="nearest", padding_mode="zeros", align_corners=False)


def _blend(images: Tensor, other: Tensor, magnitude: Tensor) -> Tensor:
    factor = (1 + magnitude).to(images)[:, None, None, None]
    return (factor * images + (1 - factor) * other).clamp(0, 1)


def _grey(images: Tensor) -> Tensor:
    if images.shape[1] == 1:
        return images
    weights = torch.tensor(GREY).to(images, non_blocking=True)[:, None, None]
    return (images * weights).sum(dim=1, keepdim=True)
