"""What the latent map shows of checkpoints: images, projections, structure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.cached.checkpoint_files import opened, ready
from app.cached.times import time_of
from glico.config import ProjectConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.mapping.content import Side
    from glico.config import PathName
    from glico.data.dataset import Images
    from glico.latent.projection_cache import Projection
    from glico.latent.structure import Estimate
    from glico.web.latent_map import Content as MapContent
    from glico.web.latent_map import PathCodes, Value
    from glico.web.sprite import Sprite


SideName = tuple[str, str, str, int, int | None]  # a Side's key, title and path, its file's time, and snapshot


def map_images(path: Path) -> "Images":
    """The images of a checkpoint's codes, (n, H, W, C) uint8; where it holds none, as its generator draws them."""
    return _map_images(str(path), time_of(path))


def map_sheet(path: Path) -> "Sprite":
    """Thumbnails of ``map_images``, as many pixels as a graphics card takes."""
    return _map_sheet(str(path), time_of(path))


def quick_projection(sides: "Sequence[Side]", config: ProjectConfig) -> "Projection":
    """A projection that is computed at once, in the page. Raises GlicoError."""
    return _quick_projection(_named(sides), config.model_dump_json())


def preview(sides: "Sequence[Side]", components: Literal[2, 3]) -> "Projection":
    """The PCA that is seen while another projection is at work. Raises GlicoError."""
    return _preview(_named(sides), components)


def map_content(
    sides: "Sequence[Side]", projection: "Projection", name: str, config: ProjectConfig, with_film: bool
) -> "MapContent":
    """What the latent map draws of a projection that has this ``name``. Raises GlicoError."""
    return _map_content(_named(sides), projection, name, config.model_dump_json(), with_film)


def map_values(sides: "Sequence[Side]", projection: "Projection", name: str) -> "list[Value]":
    """The values that the points can be coloured by, the one of this ``name`` with its numbers. Raises GlicoError."""
    from app.mapping import values

    models = [opened(path, time) for _, _, path, time, _ in _named(sides)]
    names = ["purity"] if projection.nearest[0].shape[1] else []
    names += ["error"] if models[-1].images is not None else []
    names += ["confidence"] if any(model.classifier for model in models) else []
    found = values.offered(names)
    if name in names:
        labels = models[0].labels.numpy()
        numbers = (
            [{name: values.purity(near, labels)} for near in projection.nearest]
            if name == "purity"
            else [_measured(path, time, snapshot) for _, _, path, time, snapshot in _named(sides)]
        )
        found[names.index(name)] = values.chosen(name, numbers, len(labels))
    return found


def map_path(
    sides: "Sequence[Side]",
    projection: "Projection",
    name: str,
    config: ProjectConfig,
    a: int,
    b: int,
    path: "PathName",
    drawn: bool,
) -> "PathCodes":
    """The path between two images in the maps of a projection that has this ``name``; generated where it is ``drawn``.

    Raises GlicoError.
    """
    return _map_path(_named(sides), projection, name, config.model_dump_json(), a, b, path, drawn)


def structure(sides: "Sequence[Side]") -> "tuple[list[dict[str, Estimate]], dict[str, Estimate] | None]":
    """How far the codes of each side form classes, and last side − first. Raises GlicoError."""
    return _structure(_named(sides))


def _named(sides: "Sequence[Side]") -> tuple[SideName, ...]:
    return tuple((side.key, side.title, str(side.path), time_of(side.path), side.snapshot) for side in sides)


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_images(path: str, time: int) -> "Images":
    model = opened(path, time)
    if model.images is not None:
        return model.images.numpy()
    from glico.pixels import to_uint8

    return to_uint8(ready(path, time)(model.codes))


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_sheet(path: str, time: int) -> "Sprite":
    from app.mapping.content import LARGEST
    from glico.web.sprite import sprite

    return sprite(_map_images(path, time), LARGEST)


@st.cache_resource(max_entries=16, show_spinner=False)
def _quick_projection(sides: tuple[SideName, ...], config: str) -> "Projection":
    from app.mapping.content import codes_of
    from glico.runs.projecting import compute

    codes = [codes_of(opened(path, time), snapshot) for _, _, path, time, snapshot in sides]
    return compute(codes, ProjectConfig.model_validate_json(config))


@st.cache_resource(max_entries=16, show_spinner=False)
def _preview(sides: tuple[SideName, ...], components: Literal[2, 3]) -> "Projection":
    from app.mapping.content import codes_of
    from glico.runs import projecting

    return projecting.preview([codes_of(opened(path, time), shot) for _, _, path, time, shot in sides], components)


@st.cache_resource(max_entries=16, show_spinner="Laying out the training …")
def _map_content(
    sides: tuple[SideName, ...], _projection: "Projection", name: str, config: str, with_film: bool
) -> "MapContent":
    from app.mapping.content import Side, content

    return content(
        [Side(key, title, Path(path), snapshot) for key, title, path, _, snapshot in sides],
        [opened(path, time) for _, _, path, time, _ in sides],
        _projection,
        ProjectConfig.model_validate_json(config),
        _map_sheet(*sides[-1][2:4]),
        with_film,
    )


@st.cache_resource(max_entries=8, show_spinner="Drawing the reconstructions …")
def _measured(path: str, time: int, snapshot: int | None) -> "dict[str, NDArray[np.float32]]":
    from app.cached.frames import training
    from app.mapping.content import codes_of
    from app.mapping.values import measured

    model = opened(path, time)
    return measured(model, ready(path, time), codes_of(model, snapshot), training(Path(path)))


@st.cache_resource(max_entries=32, show_spinner=False)
def _map_path(
    sides: tuple[SideName, ...],
    _projection: "Projection",
    name: str,
    config: str,
    a: int,
    b: int,
    path: "PathName",
    drawn: bool,
) -> "PathCodes":
    from app.mapping.content import codes_of, path_between

    return path_between(
        [ready(file, time) if drawn else None for _, _, file, time, _ in sides],
        [codes_of(opened(file, time), snapshot) for _, _, file, time, snapshot in sides],
        _projection,
        ProjectConfig.model_validate_json(config),
        (a, b),
        path,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _structure(sides: tuple[SideName, ...]) -> "tuple[list[dict[str, Estimate]], dict[str, Estimate] | None]":
    from app.mapping.content import codes_of
    from glico.latent.structure import differences, per_image
    from glico.latent.structure import structure as estimated

    models = [(opened(path, time), snapshot) for _, _, path, time, snapshot in sides]
    measured = [per_image(codes_of(model, snapshot), model.labels.numpy()) for model, snapshot in models]
    return [estimated(each) for each in measured], differences(measured[-1], measured[0]) if len(sides) > 1 else None
