"""Turn checkpoints and projections into the JSON that the latent map draws."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.config import PathName
from glico.data.dataset import class_name
from glico.latent.paths import PATHS, path_through
from glico.latent.projection import film, transform
from glico.pixels import to_uint8
from glico.types import Codes, Floats
from glico.web.latent_map import Content, ExtraMap, Generated, Map, PathCodes
from glico.web.latent_map.scene import Scene
from glico.web.sprite import sprite

Decode = Callable[[Codes], Floats]

LARGEST = 64  # pixels per side of a thumbnail
PATH_FRAMES = 33  # of the path from A to B
CHUNK = 4096  # codes at a time
FILM_AT_ONCE = 500  # images; with more, the film is computed when it is first played


def map_content(scene: Scene, file_names: Sequence[str], with_film: bool) -> Content:
    """Return the content of this scene's maps, except the sheet of thumbnails and the values that colour the points.

    ``file_names`` are the images' files, if they have any.
    """
    first = scene.spaces[0]
    layouts = scene.projection.layouts
    digest = hashlib.sha256(b"".join(layout.tobytes() for layout in layouts)).hexdigest()
    with_film = with_film or len(scene.labels) <= FILM_AT_ONCE
    return {
        "images": f"{first.config.fingerprint()} {len(scene.labels)}",
        "layout": digest[:16],
        "components": scene.config.components,
        "count": len(scene.labels),
        "labels": packed(scene.labels, "<i2"),
        "classNames": [class_name(label, scene.class_names) for label in range(len(scene.class_names))],
        "names": list(file_names),
        "sheet": None,
        "maps": [_map(scene, index, with_film) for index in range(len(scene.sides))],
        "values": [],
    }


def _map(scene: Scene, index: int, with_film: bool) -> Map:
    side, space, layout = scene.sides[index], scene.spaces[index], scene.projection.layouts[index]
    near = scene.projection.nearest[index]
    snapshots, steps = space.snapshots, space.snapshot_steps
    has_film = side.snapshot is None and snapshots is not None and steps is not None
    frames = None
    if snapshots is not None and has_film and with_film:
        frames = film(snapshots, space.codes, layout, scene.config)
        frames[-1] = layout
    return {
        "title": side.title,
        "positions": packed(layout, "<f4"),
        "near": packed(near, "<i4"),
        "angles": packed(angles(space.codes_at(side.snapshot), near), "<f4"),
        "film": None if frames is None else packed(frames, "<f4"),
        "steps": steps.tolist() if steps is not None and has_film else [],
    }


def generated_between(
    scene: Scene, decoders: Sequence[Decode], label: int, count: int, path: PathName, seed: int
) -> Generated:
    """Return ``count`` new codes on paths between two different images of the class ``label``: the same pairs and t in
    every map."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(scene.labels == label)
    start = rng.integers(len(rows), size=count)
    other = (start + rng.integers(1, len(rows), size=count)) % len(rows)  # another one
    i, j, t = rows[start], rows[other], rng.random(count, np.float32)
    maps = []
    for index, (z, decoder) in enumerate(zip(scene.codes, decoders, strict=True)):
        maps.append(extra_map(scene, index, PATHS[path](z[i], z[j], t), decoder))
    return {"pairs": list(zip(i.tolist(), j.tolist(), t.tolist(), strict=True)), "maps": maps}


def path_between(
    scene: Scene,
    decoders: Sequence[Decode | None],
    photographs: Sequence[Sequence[Codes]],
    ends: tuple[int, int],
    path: PathName,
) -> PathCodes:
    """Return PATH_FRAMES codes on the path between two images, both ends included, in every map.

    A map without a decoder gets no images. The codes of the ``photographs`` (1, d) on each map are the rows after the
    images'.
    """
    t = np.linspace(0, 1, PATH_FRAMES)
    maps = []
    for index, (z, new, decoder) in enumerate(zip(scene.codes, photographs, decoders, strict=True)):
        codes = np.concatenate([z, *new])[list(ends)]
        maps.append(extra_map(scene, index, path_through(codes, t, path), decoder))
    return {"a": ends[0], "b": ends[1], "maps": maps}


def extra_map(scene: Scene, index: int, new: Codes, decoder: Decode | None) -> ExtraMap:
    """Return the positions of ``new`` codes (m, d) in one map, and the images that its generator makes of them."""
    return map_of_images(scene, index, new, None if decoder is None else decoder(new))


def map_of_images(scene: Scene, index: int, codes: Codes, images: Floats | None) -> ExtraMap:
    """Return the positions of ``codes`` (m, d) in one map, with these ``images`` (m, C, H, W) if there are any."""
    layout = scene.projection.layouts[index]
    return {
        "positions": packed(transform(codes, scene.codes[index], layout, scene.config), "<f4"),
        "sheet": None if images is None else sprite(to_uint8(images), LARGEST),
    }


def angles(codes: Codes, near: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the degrees from every code (n, d) to each of its nearest (n, k)."""
    cosine = np.empty(near.shape, np.float32)
    for start in range(0, len(codes), CHUNK):
        part = slice(start, start + CHUNK)
        cosine[part] = np.einsum("nd,nkd->nk", codes[part], codes[near[part]])
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def packed(array: NDArray[Any], kind: str) -> str:
    """Return the array's bytes as base64; ``kind`` is NumPy's name of a little-endian type."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
