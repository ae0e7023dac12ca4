"""Checkpoints and layouts -> what the latent map draws."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glico.config import PathName, ProjectConfig
from glico.data.dataset import Labels, class_name
from glico.latent.projection import Codes, Layout, film, transform
from glico.latent.projection_cache import Projection
from glico.web.latent_map import Content, ExtraMap, Generated, Map, PathCodes
from glico.web.sprite import sprite

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from glico.checkpoints.latent_space import LatentSpace

LARGEST = 64  # pixels per side of a thumbnail
PATH_FRAMES = 33  # of the path from A to B
CHUNK = 4096  # codes at a time
FILM_AT_ONCE = 500  # images; of more, the film is computed when it is asked for


@dataclass(frozen=True)
class Side:
    """One of the two maps: a checkpoint's last codes, or those of one of its snapshots."""

    key: str
    title: str
    path: Path
    snapshot: int | None = None


def content(
    sides: Sequence[Side],
    spaces: "Sequence[LatentSpace]",
    projection: Projection,
    config: ProjectConfig,
    names: Sequence[str],
    with_film: bool,
) -> Content:
    """What the map draws of these latent spaces of one sample in this projection, yet without a sheet of thumbnails;
    ``names`` are the images' files."""
    first = spaces[0]
    labels = first.labels
    with_film = with_film or len(labels) <= FILM_AT_ONCE
    maps: list[Map] = []
    for side, space, layout, near in zip(sides, spaces, projection.layouts, projection.nearest, strict=True):
        snapshots, steps = space.snapshots, space.snapshot_steps
        filmed = side.snapshot is None and snapshots is not None and steps is not None
        frames = None
        if snapshots is not None and filmed and with_film:
            frames = film(snapshots, space.codes, layout, config)
            frames[-1] = layout
        maps.append(
            {
                "title": side.title,
                "positions": packed(layout, "<f4"),
                "near": packed(near, "<i4"),
                "angles": packed(angles(space.codes_at(side.snapshot), near), "<f4"),
                "film": None if frames is None else packed(frames, "<f4"),
                "steps": steps.tolist() if steps is not None and filmed else [],
            }
        )
    digest = hashlib.sha256(b"".join(layout.tobytes() for layout in projection.layouts)).hexdigest()
    return {
        "images": f"{first.config.fingerprint()} {len(labels)}",
        "layout": digest[:16],
        "components": config.components,
        "count": len(labels),
        "labels": packed(labels, "<i2"),
        "classNames": [class_name(label, first.class_names) for label in range(len(first.class_names))],
        "names": list(names),
        "sheet": None,
        "maps": maps,
        "values": [],
    }


def generated(
    labels: Labels,
    decoders: "Sequence[Callable[[Tensor], Tensor]]",
    codes: Sequence[Codes],
    projection: Projection,
    config: ProjectConfig,
    label: int,
    count: int,
    path: PathName,
    seed: int,
) -> Generated:
    """New codes on paths between two different images of the class ``label``, by ``labels`` (n,): the same pairs and t
    in every map."""
    import torch

    from glico.latent.pairs import Pairs
    from glico.latent.paths import PATHS

    rng = torch.Generator().manual_seed(seed)
    pairs = Pairs(torch.from_numpy(labels), (), np.flatnonzero(labels == label).tolist())
    i = pairs.of_classes(torch.full((count,), label), rng)
    j, t = pairs.partners(i, rng), torch.rand(count, generator=rng)
    maps: list[ExtraMap] = []
    for z, layout, decoder in zip(map(torch.from_numpy, codes), projection.layouts, decoders, strict=True):
        maps.append(extra_map(PATHS[path](z[i], z[j], t), z.numpy(), layout, decoder, config))
    return {"pairs": list(zip(i.tolist(), j.tolist(), t.tolist(), strict=True)), "maps": maps}


def path_between(
    decoders: "Sequence[Callable[[Tensor], Tensor] | None]",
    codes: Sequence[Codes],
    brought: "Sequence[Sequence[Tensor]]",
    projection: Projection,
    config: ProjectConfig,
    ends: tuple[int, int],
    path: PathName,
) -> PathCodes:
    """PATH_FRAMES codes on the path between two images, the ends among them, in every map; generated where there are
    decoders. The codes ``brought`` (1, d) to each map are the rows after the images'."""
    import torch

    from glico.latent.paths import PATHS

    t = torch.linspace(0, 1, PATH_FRAMES)
    maps = []
    for z, new, layout, decoder in zip(codes, brought, projection.layouts, decoders, strict=True):
        everyone = torch.cat([torch.from_numpy(z), *new])
        a, b = (everyone[end].expand(PATH_FRAMES, -1) for end in ends)
        maps.append(extra_map(PATHS[path](a, b, t), z, layout, decoder, config))
    return {"a": ends[0], "b": ends[1], "maps": maps}


def extra_map(
    new: "Tensor", codes: Codes, layout: Layout, decoder: "Callable[[Tensor], Tensor] | None", config: ProjectConfig
) -> ExtraMap:
    """Where ``new`` codes (m, d) fall in the ``layout`` of ``codes``, and what a generator makes of them."""
    from glico.pixels import to_uint8

    return {
        "positions": packed(transform(new.numpy(), codes, layout, config), "<f4"),
        "sheet": None if decoder is None else sprite(to_uint8(decoder(new)), LARGEST),
    }


def angles(codes: Codes, near: NDArray[np.int32]) -> NDArray[np.float32]:
    """Degrees from every code (n, d) to each of its nearest (n, k)."""
    cosine = np.empty(near.shape, np.float32)
    for start in range(0, len(codes), CHUNK):
        part = slice(start, start + CHUNK)
        cosine[part] = np.einsum("nd,nkd->nk", codes[part], codes[near[part]])
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def packed(array: NDArray[Any], kind: str) -> str:
    """The array's bytes, little-endian, as base64."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
