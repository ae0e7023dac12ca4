"""A path as a file to take along: a strip (PNG), a moving picture (GIF, MP4)."""

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from glico.data.dataset import Images
from glico.errors import GlicoError
from glico.files import replacing, writing

STRIP_COLUMNS = 7  # two ends and five between, as in Fig. 5a
FRAMES_A_SECOND = 25  # GIF counts in hundredths of a second: 4 of them
SMALLEST_SIDE = 256  # pixels; smaller images are enlarged by a whole factor, each pixel a square
GAP = 1  # pixels between the images of a strip, before it is enlarged
GROUND = 255


def export_path(
    paths: Sequence[Images],
    output: str | os.PathLike[str],
    *,
    columns: int = STRIP_COLUMNS,
    there_and_back: bool = True,
) -> Path:
    """Write one path, or several above each other, to ``output``: its suffix (.png, .gif, .mp4) says how.

    Each path is (T, H, W, C) uint8, T the same for all. ``columns`` and ``there_and_back`` as in
    :func:`path_strip` and :func:`path_film`. The file appears whole or not at all. Raises GlicoError for another
    suffix or a folder that cannot be written to.
    """
    output = Path(output)
    kind = output.suffix.lower().removeprefix(".")
    if kind == "png":
        content = path_strip(paths, columns)
    elif kind in ("gif", "mp4"):
        content = path_film(paths, kind, there_and_back)
    else:
        raise GlicoError(f"A path is written as .png, .gif or .mp4, not as {output.suffix or 'a file without suffix'}.")
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        with replacing(output) as partial:
            partial.write_bytes(content)
    return output


def path_strip(paths: Sequence[Images], columns: int = STRIP_COLUMNS) -> bytes:
    """A PNG with a row a path and ``columns`` frames of each, evenly spaced in t, both ends among them."""
    if columns < 2:
        raise GlicoError(f"A strip needs at least 2 columns, its two ends, not {columns}.")
    chosen = np.linspace(0, len(paths[0]) - 1, columns).round().astype(int)
    height, width, channels = paths[0].shape[1:]
    sheet = np.full((len(paths) * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels), GROUND, np.uint8)
    for row, images in enumerate(paths):
        for column, frame in enumerate(chosen):
            top, left = row * (height + GAP), column * (width + GAP)
            sheet[top : top + height, left : left + width] = images[frame]
    return _encoded([_picture(enlarged(sheet[None], _factor(width))[0])], "png")


def path_film(paths: Sequence[Images], kind: str, there_and_back: bool = True) -> bytes:
    """A GIF or an MP4 (``kind``) of all frames, the paths above each other, FRAMES_A_SECOND.

    With ``there_and_back`` it returns the way it came, so that it loops without a jump.
    """
    _, _, width, channels = paths[0].shape
    gap = np.full((len(paths[0]), GAP, width, channels), GROUND, np.uint8)
    stacked = [part for images in paths for part in (gap, images)][1:]
    frames = enlarged(np.concatenate(stacked, axis=1), _factor(width))
    if there_and_back:
        frames = np.concatenate([frames, frames[-2:0:-1]])
    return _mp4(frames) if kind == "mp4" else _encoded([_picture(frame) for frame in frames], "gif")


def enlarged(images: Images, factor: int) -> Images:
    """(n, H, W, C) with every pixel a square of ``factor``² pixels."""
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def _factor(width: int) -> int:
    return math.ceil(SMALLEST_SIDE / width)


def _picture(image: Images) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def _encoded(pictures: list[Image.Image], kind: str) -> bytes:
    buffer = io.BytesIO()
    moving = {"save_all": True, "append_images": pictures[1:], "duration": 1000 // FRAMES_A_SECOND, "loop": 0}
    pictures[0].save(buffer, kind, **(moving if kind == "gif" else {}))
    return buffer.getvalue()


def _mp4(frames: Images) -> bytes:
    """H.264 that browsers and phones play: yuv420p, which needs even sides (the last line is repeated where odd)."""
    import av

    height, width = frames.shape[1:3]
    frames = np.pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    frames = frames if frames.shape[-1] == 3 else frames.repeat(3, axis=-1)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND, options={"crf": "14", "preset": "medium"})
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()
