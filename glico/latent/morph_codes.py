"""The way of a morph through the latent space: its frames are encoded, for it has no codes of its own."""

import torch
from torch import Tensor

from glico.latent.encode import Encoder
from glico.latent.paths import path_through
from glico.pixels import to_uint8

ENCODED = 9  # frames, the ends included, whose codes are computed; the others are interpolated
STEPS = 30  # of the search for each: the frames start near the codes of the sample


def morph_codes(encoder: Encoder, ends: Tensor, frames: Tensor) -> Tensor:
    """Return the codes (T, d) whose images are nearest to the ``frames`` (T, C, H, W) of a morph between two images.

    The ``ends`` (2, d) are the codes of the two. At most ENCODED frames, evenly spaced, are encoded; between these
    slerp runs. There are at least two frames.
    """
    at = torch.linspace(0, len(frames) - 1, min(ENCODED, len(frames))).round().long()
    inner = frames[at[1:-1]]
    inner_codes = [torch.from_numpy(encoder.encode(to_uint8(inner), STEPS).codes)] if len(inner) else []
    known = torch.cat([ends[:1], *inner_codes, ends[1:]])
    order = torch.arange(len(frames))
    piece = (order[:, None] >= at[1:-1]).sum(dim=1)  # the two known codes around each frame
    along = (order - at[piece]).double() / (at[piece + 1] - at[piece])
    return path_through(known, (piece + along) / (len(known) - 1))
