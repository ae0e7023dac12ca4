"""What the latent map shows of checkpoints: images, projections, structure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.cached.checkpoint_files import checkpoint, decoder, latent_space
from app.cached.keys import BY_CONTENT
from app.cached.photographs import encoding
from app.cached.training_images import file_names, training
from app.session.photographs import Photograph
from glico.config import ProjectConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glico.config import PathName
    from glico.data.dataset import Images
    from glico.latent.projection_cache import Projection
    from glico.latent.structure import BootstrapEstimate
    from glico.latent.suspects import Suspect
    from glico.web.latent_map import Content as MapContent
    from glico.web.latent_map import ExtraMap, PathCodes, Value
    from glico.web.latent_map.content import Side
    from glico.web.sprite import Sprite


def map_values(sides: "Sequence[Side]", projection: "Projection", name: str) -> "list[Value]":
    """The values that the points can be coloured by, the one of this ``name`` with its numbers. Raises GlicoError."""
    from glico.web.latent_map import colours

    spaces = [latent_space(side.path) for side in sides]
    names = ["purity"] if projection.nearest[0].shape[1] else []
    names += ["error"] if spaces[-1].images is not None else []
    names += ["confidence"] if any(space.has_classifier for space in spaces) else []
    found = colours.offered(names)
    if name in names:
        labels = spaces[0].labels
        numbers = (
            [{name: colours.purity(near, labels)} for near in projection.nearest]
            if name == "purity"
            else [_measured(side.path, side.snapshot) for side in sides]
        )
        found[names.index(name)] = colours.chosen(name, numbers, len(labels))
    return found


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def map_images(path: Path) -> "Images":
    """The images of a checkpoint's codes, (n, H, W, C) uint8; where it holds none, as its generator reproduces them."""
    if (stored := latent_space(path).images) is not None:
        return stored
    from glico.pixels import to_uint8

    return to_uint8(decoder(path)(checkpoint(path).codes))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def map_sheet(path: Path) -> "Sprite":
    """Thumbnails of ``map_images``, as many pixels as a graphics card takes."""
    from glico.web.latent_map.content import LARGEST
    from glico.web.sprite import sprite

    return sprite(map_images(path), LARGEST)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def quick_projection(sides: "Sequence[Side]", config: ProjectConfig) -> "Projection":
    """A projection that is computed at once, in the page. Raises GlicoError."""
    from glico.runs.projecting import compute

    return compute([latent_space(side.path).codes_at(side.snapshot) for side in sides], config)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def preview(sides: "Sequence[Side]", components: Literal[2, 3]) -> "Projection":
    """The PCA that is seen while another projection is at work. Raises GlicoError."""
    from glico.runs import projecting

    return projecting.preview([latent_space(side.path).codes_at(side.snapshot) for side in sides], components)


@st.cache_resource(max_entries=16, show_spinner="Laying out the training …", hash_funcs=BY_CONTENT)
def map_content(
    sides: "Sequence[Side]", _projection: "Projection", name: str, config: ProjectConfig, with_film: bool
) -> "MapContent":
    """What the latent map draws of a projection, which is known by its ``name``, yet without a sheet of thumbnails.
    Raises GlicoError."""
    from glico.web.latent_map.content import content

    return content(
        sides,
        [latent_space(side.path) for side in sides],
        _projection,
        config,
        file_names(sides[-1].path),
        with_film,
    )


@st.cache_resource(max_entries=8, show_spinner="Generating the reconstructions …", hash_funcs=BY_CONTENT)
def _measured(path: Path, snapshot: int | None) -> "dict[str, NDArray[np.float32]]":
    from glico.web.latent_map.colours import measured

    return measured(checkpoint(path), decoder(path), latent_space(path).codes_at(snapshot), training(path))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def suspects(sides: "Sequence[Side]", _projection: "Projection", name: str) -> "list[Suspect]":
    """The images worth a look in the maps of a projection, which is known by its ``name``. Raises GlicoError."""
    from glico.latent.suspects import rank

    space = latent_space(sides[-1].path)
    measured = [_measured(side.path, side.snapshot) for side in sides]
    titles = [side.title for side in sides]
    return rank(space.labels, _projection.nearest, measured, titles, space.class_names)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_CONTENT)
def map_path(
    sides: "Sequence[Side]",
    _projection: "Projection",
    name: str,
    config: ProjectConfig,
    a: int,
    b: int,
    path: "PathName",
    drawn: bool,
    brought: tuple[Photograph, ...],
) -> "PathCodes":
    """The path between two images in the maps of a projection, which is known by its ``name``; generated where it is
    ``drawn``. The photographs ``brought`` are the rows after the images'. Raises GlicoError.
    """
    from glico.web.latent_map.content import path_between

    return path_between(
        [decoder(side.path) if drawn else None for side in sides],
        [latent_space(side.path).codes_at(side.snapshot) for side in sides],
        [[encoding(side.path, photograph).codes for photograph in brought] for side in sides],
        _projection,
        config,
        (a, b),
        path,
    )


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def map_newcomers(
    sides: "Sequence[Side]",
    _projection: "Projection",
    name: str,
    config: ProjectConfig,
    brought: tuple[Photograph, ...],
    unseen: str,
) -> "list[ExtraMap]":
    """The photographs ``brought`` and then the held-out images of the key ``unseen`` (none where it is empty) in the
    maps of a projection, which is known by its ``name``. Raises GlicoError.
    """
    import torch

    from glico.runs import held_out
    from glico.web.latent_map.content import extra_map

    images = held_out.find(unseen) if unseen else None
    maps = []
    for index, (side, layout) in enumerate(zip(sides, _projection.layouts, strict=True)):
        new = [encoding(side.path, photograph).codes for photograph in brought]
        new += [torch.from_numpy(images.spheres[index].codes)] if images is not None else []
        codes = latent_space(side.path).codes_at(side.snapshot)
        maps.append(extra_map(torch.cat(new), codes, layout, decoder(side.path), config))
    return maps


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def structure(
    sides: "Sequence[Side]",
) -> "tuple[list[dict[str, BootstrapEstimate]], dict[str, BootstrapEstimate] | None]":
    """How far the codes of each side form classes, and last side − first. Raises GlicoError."""
    from glico.latent.structure import differences, per_image
    from glico.latent.structure import structure as estimated

    spaces = [(latent_space(side.path), side.snapshot) for side in sides]
    measured = [per_image(space.codes_at(snapshot), space.labels) for space, snapshot in spaces]
    return [estimated(each) for each in measured], differences(measured[-1], measured[0]) if len(sides) > 1 else None
