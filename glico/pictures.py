"""Arrays as pictures of Pillow."""

from PIL import Image

from glico.types import Images


def to_pil(image: Images) -> Image.Image:
    """Return an image (H, W, 1 or 3) uint8 as a picture of Pillow, in mode L or RGB."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
