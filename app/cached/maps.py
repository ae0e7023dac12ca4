"""The latent map: images, projections, values, structure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.cached.checkpoint_files import latent_space, opened
from app.cached.keys import BY_CONTENT
from app.cached.photographs import encoding, morph_codes, with_photographs
from app.cached.registrations import morphs
from app.cached.training_images import file_names, training
from app.session.photographs import Photograph
from glico.config import ProjectConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glico.config import FramePathName
    from glico.latent.doubts import Doubts
    from glico.latent.projection_cache import Projection
    from glico.latent.registrations import EndsName
    from glico.latent.structure import BootstrapEstimate
    from glico.latent.suspects import Suspect
    from glico.types import Images
    from glico.web.latent_map import Content, ExtraMap, PathCodes, Value
    from glico.web.latent_map.scene import Scene, Side
    from glico.web.sprite import Sprite


def map_values(scene: "Scene", name: str) -> "list[Value]":
    """Return the values that can colour the points; only the one of this ``name`` has its numbers. Raises
    GlicoError."""
    from glico.web.latent_map import colours

    names = ["purity"] if scene.has_neighbours else []
    names += ["error"] if scene.spaces[-1].images is not None else []
    names += ["confidence"] if any(space.has_classifier for space in scene.spaces) else []
    values = [colours.scale_value(each) for each in names]
    if name in names:
        numbers = (
            [{name: colours.purity(near, scene.labels)} for near in scene.projection.nearest]
            if name == "purity"
            else [_measured(side.path, side.snapshot) for side in scene.sides]
        )
        values[names.index(name)] = colours.chosen_value(name, numbers, len(scene.labels))
    return values


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def map_images(path: Path) -> "Images":
    """Return the images of a checkpoint's codes, (n, H, W, C) uint8: stored, or else reconstructed."""
    if (stored := latent_space(path).images) is not None:
        return stored
    from glico.pixels import to_uint8

    return to_uint8(opened(path).decode(latent_space(path).codes))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def map_sheet(path: Path) -> "Sprite":
    """Return thumbnails of ``map_images``, in a sheet that fits a graphics card."""
    from glico.web.latent_map.content import LARGEST
    from glico.web.sprite import sprite

    return sprite(map_images(path), LARGEST)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def quick_projection(sides: "Sequence[Side]", config: ProjectConfig) -> "Projection":
    """Compute a projection in the page. Raises GlicoError."""
    from glico.runs.projecting import compute

    return compute([latent_space(side.path).codes_at(side.snapshot) for side in sides], config)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def preview(sides: "Sequence[Side]", components: Literal[2, 3]) -> "Projection":
    """Return the PCA that is shown until another projection is computed. Raises GlicoError."""
    from glico.runs import projecting

    return projecting.preview([latent_space(side.path).codes_at(side.snapshot) for side in sides], components)


@st.cache_resource(max_entries=16, show_spinner="Laying out the training …", hash_funcs=BY_CONTENT)
def map_content(scene: "Scene", with_film: bool) -> "Content":
    """Return the maps' content, without thumbnails and values. Raises GlicoError."""
    from glico.web.latent_map import content

    return content.map_content(scene, file_names(scene.sides[-1].path), with_film)


@st.cache_resource(max_entries=8, show_spinner="Generating the reconstructions …", hash_funcs=BY_CONTENT)
def _measured(path: Path, snapshot: int | None) -> "dict[str, NDArray[np.float32]]":
    from glico.web.latent_map.colours import measure

    return measure(opened(path), latent_space(path).codes_at(snapshot), training(path))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def suspects(scene: "Scene") -> "list[Suspect]":
    """Return the suspects among the images, most suspect first. Raises GlicoError."""
    from glico.latent.suspects import rank

    measured = [_measured(side.path, side.snapshot) for side in scene.sides]
    titles = [side.title for side in scene.sides]
    return rank(scene.labels, scene.projection.nearest, measured, titles, scene.class_names, _doubts(scene))


def _doubts(scene: "Scene") -> "Doubts | None":
    """Return the doubts about the labels of a scene's images; None if there are only unlabelled ones."""
    from glico.latent.doubts import doubts, image_features

    labelled = scene.labels >= 0
    if not labelled.any():
        return None
    images = map_images(scene.sides[-1].path)[labelled]
    return doubts(image_features(images), scene.labels[labelled], len(scene.class_names))


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_CONTENT)
def map_path(
    scene: "Scene",
    ends: tuple[int, int],
    path: "FramePathName",
    with_images: bool,
    photographs: tuple[Photograph, ...],
    joined: "EndsName" = "generated",
) -> "PathCodes":
    """Return the path between two images in every map, with its images if requested. The ``photographs`` are the rows
    after the images'. A morph joins the ``joined`` images, and the map shows the codes of its frames. Raises
    GlicoError."""
    from glico.web.latent_map.content import path_between

    if path == "morph":
        return _morph_on_maps(scene, ends, with_images, photographs, joined)
    decoders = [opened(side.path).decode if with_images else None for side in scene.sides]
    codes = [[encoding(side.path, photograph).codes for photograph in photographs] for side in scene.sides]
    return path_between(scene, decoders, codes, ends, path)


def _morph_on_maps(
    scene: "Scene", ends: tuple[int, int], with_images: bool, photographs: tuple[Photograph, ...], joined: "EndsName"
) -> "PathCodes":
    """Return the morph between two images in every map: the codes of its frames, and the frames themselves if
    requested."""
    import numpy as np

    from glico.latent.measured import PathRequest, PathSource, path_frames
    from glico.web.latent_map.content import PATH_FRAMES, map_of_images

    t, maps = np.linspace(0, 1, PATH_FRAMES), []
    for index, side in enumerate(scene.sides):
        model, images = with_photographs(side.path, photographs)
        source = PathSource(model, images, morphs(side.path, photographs))
        request = PathRequest(ends, PATH_FRAMES, ends=joined if images.original else "generated")
        _, frames = path_frames(source, request, "morph", t)
        codes = morph_codes(side.path, model.space.codes[list(ends)], frames)
        maps.append(map_of_images(scene, index, codes, frames if with_images else None))
    return {"a": ends[0], "b": ends[1], "maps": maps}


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def map_new_images(scene: "Scene", photographs: tuple[Photograph, ...], unseen_key: str) -> "list[ExtraMap]":
    """Return the ``photographs`` and then the unseen images of this key (none if it is empty) in every map. Raises
    GlicoError."""
    import numpy as np

    from glico.runs import unseen
    from glico.web.latent_map.content import extra_map

    images = unseen.find(unseen_key) if unseen_key else None
    maps = []
    for index, side in enumerate(scene.sides):
        codes = [encoding(side.path, photograph).codes for photograph in photographs]
        codes += [images.spheres[index].codes] if images is not None else []
        maps.append(extra_map(scene, index, np.concatenate(codes), opened(side.path).decode))
    return maps


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def structure(
    sides: "Sequence[Side]",
) -> "tuple[list[dict[str, BootstrapEstimate]], dict[str, BootstrapEstimate] | None]":
    """Return how far the codes of each side form classes, and the difference last − first. Raises GlicoError."""
    from glico.latent.structure import differences, per_image
    from glico.latent.structure import structure as estimate

    spaces = [(latent_space(side.path), side.snapshot) for side in sides]
    measured = [per_image(space.codes_at(snapshot), space.labels) for space, snapshot in spaces]
    return [estimate(each) for each in measured], differences(measured[-1], measured[0]) if len(sides) > 1 else None
