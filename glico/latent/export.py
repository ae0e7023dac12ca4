"""A path as a file to take along: a strip (PNG), a moving picture (GIF, MP4), with its name and t written into it."""

import io
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from glico.config.limits import check
from glico.errors import GlicoError
from glico.files import write_atomically
from glico.pictures import to_pil
from glico.types import Images

STRIP_COLUMNS = 7  # two ends and five between, as in Fig. 5a
STRIP_SIDE = 256  # pixels; smaller images are enlarged by a whole factor, each pixel a square
FRAMES_A_SECOND = 25  # GIF counts in hundredths of a second: 4 of them
GAP = 1  # pixels between images, before they are enlarged
GROUND, INK = 255, 0
FILM_CAPTION, STRIP_CAPTION = 20, 40  # pixels high
LETTERS = 0.7  # of a caption's height


@dataclass(frozen=True)
class Film:
    """A kind of film: images at least ``side`` pixels wide; of more than ``most`` frames every second one."""

    side: int
    most: float


# GIF does not predict a frame from the one before: at the MP4's size a path of 32-px images would have 5.9 MB.
FILMS = {"gif": Film(side=192, most=60), "mp4": Film(side=256, most=math.inf)}
COLOURS = 64  # of a GIF, chosen for all of its frames together


def export_path(
    paths: Mapping[str, Images],
    output: str | os.PathLike[str],
    *,
    columns: int = STRIP_COLUMNS,
    there_and_back: bool = True,
    captions: bool = True,
) -> Path:
    """Write one path, or several above each other, to ``output``: its suffix (.png, .gif, .mp4) says how.

    Each path is (T, H, W, C) uint8, T the same for all, by its name. ``columns``, ``there_and_back`` and ``captions``
    as in :func:`path_strip` and :func:`path_film`. The file appears whole or not at all. Raises GlicoError for another
    suffix or a folder that cannot be written to.
    """
    output = Path(output)
    kind = output.suffix.lower().removeprefix(".")
    if kind == "png":
        content = path_strip(paths, columns, captions)
    elif kind in FILMS:
        content = path_film(paths, kind, there_and_back, captions)
    else:
        raise GlicoError(f"A path is written as .png, .gif or .mp4, not as {output.suffix or 'a file without suffix'}.")
    write_atomically(output, content, parents=True)
    return output


def path_strip(
    paths: Mapping[str, Images], columns: int = STRIP_COLUMNS, captions: bool = True, along: str = "t"
) -> bytes:
    """Return a PNG with a row per path and ``columns`` frames of each, evenly spaced in t, including both ends.

    With ``captions`` each column has t (or the name ``along``) above it, and each row the path's name next to it.
    """
    if columns < 2:
        raise GlicoError(f"A strip needs at least 2 columns, its two ends, not {columns}.")
    count, height, width, channels = next(iter(paths.values())).shape
    chosen = np.linspace(0, count - 1, columns).round().astype(int)
    factor = math.ceil(STRIP_SIDE / width)
    height, width, gap = height * factor, width * factor, GAP * factor
    left = max(_length(name, STRIP_CAPTION) for name in paths) + STRIP_CAPTION if captions else 0
    top = STRIP_CAPTION if captions else 0
    size = (top + len(paths) * (height + gap) - gap, left + columns * (width + gap) - gap, channels)
    sheet = np.full(size, GROUND, np.uint8)
    for row, (name, images) in enumerate(paths.items()):
        y = top + row * (height + gap)
        for column, frame in enumerate(chosen):
            x = left + column * (width + gap)
            sheet[y : y + height, x : x + width] = enlarged(images[frame : frame + 1], factor)[0]
            if captions:
                sheet[:top, x : x + width] = _caption("", _t(frame, count, along), width, top)
        if captions:
            middle = y + (height - STRIP_CAPTION) // 2
            sheet[middle : middle + STRIP_CAPTION, :left] = _caption(name, "", left, STRIP_CAPTION)
    return _encoded([to_pil(sheet)], "png")


def path_film(paths: Mapping[str, Images], kind: str, there_and_back: bool = True, captions: bool = True) -> bytes:
    """Return a GIF or an MP4 (``kind``) of the paths above each other, at FRAMES_A_SECOND.

    A GIF has every second frame if there are many.

    With ``there_and_back`` it plays back to the start, so that it loops without a jump; with ``captions`` the path's
    name and t are written above each image. Raises GlicoError beyond the limit of pixels.
    """
    film = FILMS[kind]
    count, height, width, channels = next(iter(paths.values())).shape
    step = 1 if count <= film.most else 2
    chosen = np.linspace(0, count - 1, math.ceil((count - 1) / step) + 1).round().astype(int)
    factor = math.ceil(film.side / width)
    pixels = len(paths) * len(chosen) * height * width * factor**2 * (1 + there_and_back)
    check("film_megapixels", math.ceil(pixels / 10**6), "The film")
    parts: list[Images] = []
    for name, images in paths.items():
        if parts:
            parts.append(np.full((len(chosen), GAP * factor, width * factor, channels), GROUND, np.uint8))
        if captions:
            written = [_caption(name, _t(frame, count), width * factor, FILM_CAPTION) for frame in chosen]
            parts.append(np.stack(written).repeat(channels, axis=-1))
        parts.append(enlarged(images[chosen], factor))
    frames = np.concatenate(parts, axis=1)
    if there_and_back:
        frames = np.concatenate([frames, frames[-2:0:-1]])
    return _mp4(frames) if kind == "mp4" else _gif(frames, 1000 * step // FRAMES_A_SECOND)


def surface_sheet(images: Images, captions: bool = True) -> bytes:
    """Return a PNG of a surface's (side², H, W, C) frames, v row by v row: u to the right, v downwards.

    With ``captions`` each column has u above it, and each row v next to it.
    """
    side = math.isqrt(len(images))
    rows = {_t(row, side, "v"): images[row * side :][:side] for row in range(side)}
    return path_strip(rows, side, captions, along="u")


def enlarged(images: Images, factor: int) -> Images:
    """(n, H, W, C) with every pixel a square of ``factor``² pixels."""
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def _t(frame: int, count: int, along: str = "t") -> str:
    return f"{along} = {frame / (count - 1):.2f}"


def _length(text: str, height: int) -> int:
    return math.ceil(ImageFont.load_default(LETTERS * height).getlength(text))


def _caption(left: str, right: str, width: int, height: int) -> Images:
    """Return a line with words at its left and at its right end, (height, width, 1)."""
    line = Image.new("L", (width, height), GROUND)
    draw, font, indent = ImageDraw.Draw(line), ImageFont.load_default(LETTERS * height), height // 5
    draw.text((indent, height / 2), left, INK, font, anchor="lm")
    draw.text((width - indent, height / 2), right, INK, font, anchor="rm")
    return np.asarray(line)[..., None]


def _encoded(pictures: list[Image.Image], kind: str, **moving: Any) -> bytes:
    buffer = io.BytesIO()
    pictures[0].save(buffer, kind, **moving)
    return buffer.getvalue()


def _gif(frames: Images, milliseconds: int) -> bytes:
    """COLOURS for all frames, so that each is written without a table of its own."""
    sample = to_pil(np.concatenate(list(frames[:: math.ceil(len(frames) / 50)]))).convert("RGB")
    palette = sample.quantize(COLOURS, dither=Image.Dither.NONE)
    pictures = [to_pil(frame).convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    return _encoded(pictures, "gif", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)


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
