"""A contact sheet of unselected pairs: for each a dissolve, slerp and a morph.

    python -m benchmarks.morph_sheets SOURCE OUTPUT.png [--pairs 12] [--frames 7] [--resolution 64]

SOURCE is a checkpoint, whose generated images are joined, or a data set, whose own images are joined without slerp, or
"drawn": objects on plain ground (:mod:`benchmarks.drawn_objects`). The pairs are images of a class that follow each
other, evenly spaced; nobody chooses them. Look at the result.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.drawn_objects import drawn_objects
from glico.checkpoints.opened import OpenCheckpoint
from glico.data import load_dataset, small_sample
from glico.files import write_atomically
from glico.latent.export import enlarged
from glico.latent.halfway import class_pairs
from glico.latent.measured import PathRequest, path_frames
from glico.latent.morphs import Morphs, path_source
from glico.morph.frames import morph, path_weights
from glico.pictures import to_pil
from glico.pixels import to_float, to_uint8
from glico.types import Images

COLUMNS = 2  # of pairs
SIDE = 64  # pixels; smaller images are enlarged by a whole factor
GAP, LINE = 8, 2  # pixels between pairs, and between the paths of one

Rows = list[Images]  # the frames (T, H, W, C) of each path of a pair


def of_checkpoint(path: Path, count: int, t: Tensor) -> list[Rows]:
    """Dissolve, slerp and morph between the generated images of ``count`` pairs."""
    source = path_source(OpenCheckpoint.load(path))
    space, decode = source.checkpoint.space, source.checkpoint.decode
    result = []
    for pair in class_pairs(space.labels, count).tolist():
        request = PathRequest(tuple(pair), len(t))
        ends = torch.from_numpy(decode(space.codes[pair]))
        paths = [path_frames(source, request, name, t.numpy())[1] for name in ("slerp", "morph")]
        result.append([to_uint8(frames) for frames in (dissolve(ends, t), *paths)])
    return result


def of_dataset(name: str, resolution: int | None, each: int, count: int, t: Tensor) -> list[Rows]:
    """Dissolve and morph between the images of ``count`` pairs of a small sample."""
    if name == "drawn":
        images, labels = drawn_objects(each, resolution or SIDE)
    else:
        sample = small_sample(load_dataset(name, resolution), each, 0)
        images, labels = sample.images, sample.labels
    morphs, result = Morphs(images, labels), []
    for pair in class_pairs(torch.from_numpy(labels), count).tolist():
        ends = to_float(images[pair])
        moved = morph(ends, morphs.fields(pair).knots, path_weights(t))
        result.append([to_uint8(dissolve(ends, t)), to_uint8(moved)])
    return result


def dissolve(ends: Tensor, t: Tensor) -> Tensor:
    """The pixel means (T, C, H, W) of two images at ``t``."""
    along = t[:, None, None, None]
    return (1 - along) * ends[:1] + along * ends[1:]


def sheet(pairs: list[Rows]) -> Images:
    """All pairs in COLUMNS columns, each path a row: (H, W, C)."""
    factor = max(1, SIDE // pairs[0][0].shape[2])
    blocks = [np.concatenate([_row(enlarged(frames, factor)) for frames in rows]) for rows in pairs]
    padded = [np.pad(block, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for block in blocks]
    padded += [np.full_like(padded[0], 255)] * (-len(padded) % COLUMNS)
    lines = [np.concatenate(padded[at : at + COLUMNS], axis=1) for at in range(0, len(padded), COLUMNS)]
    return np.concatenate(lines)


def _row(frames: Images) -> Images:
    """Frames beside one another, with a line above: (H, W, C)."""
    return np.pad(np.concatenate(list(frames), axis=1), ((LINE, 0), (0, 0), (0, 0)), constant_values=255)


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE", help="a checkpoint, a data set's name or path, or drawn")
    parser.add_argument("output", metavar="OUTPUT", type=Path, help="the PNG file to write")
    parser.add_argument("--pairs", type=int, default=12, help="pairs of images")
    parser.add_argument("--frames", type=int, default=7, help="frames from end to end")
    parser.add_argument("--resolution", type=int, help="side of a data set's images")
    parser.add_argument("--samples-per-class", type=int, default=10, help="images per class of a data set")
    options = parser.parse_args()
    t = torch.linspace(0, 1, options.frames)
    if options.source.endswith(".safetensors"):
        pairs = of_checkpoint(Path(options.source), options.pairs, t)
    else:
        pairs = of_dataset(options.source, options.resolution, options.samples_per_class, options.pairs, t)
    image = sheet(pairs)
    picture = to_pil(image)
    write_atomically(options.output, lambda file: picture.save(file, "png", optimize=True), parents=True)


if __name__ == "__main__":
    main()
