"""The content of the sliders as JSON values: the codes of a checkpoint, and directions among them."""

from collections.abc import Sequence

import numpy as np

from glico.checkpoints.latent_space import LatentSpace
from glico.data.dataset import Images, class_name
from glico.formats import json_text
from glico.latent.directions import principal_directions
from glico.web.directions import Content, Group
from glico.web.generator import GeneratorData
from glico.web.latent_map.content import packed
from glico.web.sprite import sprite

COUNT = 6  # directions of a group
LARGEST = 64  # pixels of a thumbnail's side


def directions_content(
    space: LatentSpace, images: Images, generator: GeneratorData, chosen: Sequence[Sequence[int]] = ()
) -> Content:
    """Return the content of the sliders for a checkpoint's latent space and its ``images`` (n, H, W, C) uint8.

    Groups are all images, then each class of two images or more, then the rows that a person has ``chosen``: the
    sliders open on the first of these, towards the second. Raises GlicoError if the codes have no mean.
    """
    labels = space.labels
    groups = [_group(space, "All images", range(len(labels)))]
    for label, name in enumerate(space.class_names):
        rows = np.flatnonzero(labels == label)
        if len(rows) > 1:
            groups.append(_group(space, name, rows.tolist()))
    opening = len(groups) if len(chosen) == 2 else None
    for number, some in enumerate(chosen, start=1):
        groups.append(_group(space, f"Group {number}, {len(some)} images of the map", some))
    return {
        "content": f"{generator['id']} {json_text([list(some) for some in chosen])}",
        "opening": opening,
        "codes": packed(space.codes, "<f4"),
        "names": [f"{class_name(int(label), space.class_names)} · image {row}" for row, label in enumerate(labels)],
        "groups": groups,
        "sheet": sprite(images, LARGEST),
        "generator": generator,
    }


def _group(space: LatentSpace, title: str, rows: Sequence[int]) -> Group:
    directions = principal_directions(space.codes[list(rows)], COUNT)
    return {
        "title": title,
        "rows": list(rows),
        "mean": packed(directions.mean, "<f4"),
        "vectors": packed(directions.vectors, "<f4"),
        "spread": directions.spread.round(5).tolist(),
        "share": directions.share.round(4).tolist(),
    }
