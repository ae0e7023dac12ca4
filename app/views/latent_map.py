"""Latent map: two linked projections of the same codes, with metrics from the latent space."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached
from app.latent_map import choice, introduction, maps, metrics
from app.latent_map.progress import watch
from app.runs.naming import describe_differences
from app.widgets import glossary
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.text import plain
from glico.config import ProjectConfig, TrainConfig
from glico.errors import GlicoError
from glico.latent import projection_cache
from glico.web.latent_map.scene import Scene, Side

QUICK = 5000  # images; a PCA of at most this many is computed in the page


def page() -> None:
    """Show the choices, the maps, the panels below them, and the metrics."""
    first = st.container()
    sides, config, configs = choose()
    with first:
        purities = introduction.show(sides)
    warnings = st.container()
    only_maps = maps.come_first()
    note = st.container()  # always there, and always as high: the maps must not move
    scene = project(sides, config, note)
    maps.show(scene, only_maps)
    if not only_maps:
        show_metrics(scene, configs, purities, warnings)


def choose() -> tuple[tuple[Side, ...], ProjectConfig, list[TrainConfig]]:
    """Return the maps' sides, the projection's configuration and the checkpoints' configurations."""
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    head.title("Latent map", anchor=False, width=230)
    left, right = head.container(), head.container()
    method, more = head.container(width="content"), head.container(width=150)
    with right:
        file = choose_checkpoint("Right map")
    with left:
        sides, configs = choice.choose_sides(file)
    with method:
        config = choice.choose_method(more, cached.latent_space(file.path).labels)
    return sides, config, configs


def project(sides: tuple[Side, ...], config: ProjectConfig, note: DeltaGenerator) -> Scene:
    """Return the scene with its projection, or with a preview while the projection is computed; ``note`` shows which.

    Raises GlicoError.
    """
    spaces = tuple(cached.latent_space(side.path) for side in sides)
    codes = [space.codes_at(side.snapshot) for space, side in zip(spaces, sides, strict=True)]
    if len({len(z) for z in codes}) > 1:
        raise GlicoError("The two maps hold different numbers of images. Choose checkpoints of one small sample.")
    name = projection_cache.key(codes, config)
    quick = config.method == "pca" and len(codes[0]) <= QUICK
    projection = cached.quick_projection(sides, config) if quick else projection_cache.find(name)
    if projection is None:
        with note:
            watch(name, codes, config)
        return Scene(sides, spaces, cached.preview(sides, config.components), config, f"preview of {name}")
    trust = " and ".join(f"{value:.3f}" for value in projection.trustworthiness)
    spread = f" · minimum distance {config.minimum_distance:g}" if config.method == "umap" else ""
    note.caption(f"{choice.METHODS[config.method]}{spread} · trustworthiness {trust}")
    return Scene(sides, spaces, projection, config, name)


def show_metrics(
    scene: Scene, configs: Sequence[TrainConfig], purities: Sequence[DeltaGenerator], warnings: DeltaGenerator
) -> None:
    """Show the metrics below the maps, the ``purities`` in the introduction, and ``warnings`` of collapse."""
    estimates, difference = cached.structure(scene.sides)
    collapse = [cached.collapse_warning(side.path) for side in scene.sides]
    for words in filter(None, dict.fromkeys(collapse)):
        warnings.warning(plain(words), icon=":material/warning:")
    for place, side, each, collapsed in zip(purities, scene.sides, estimates, collapse, strict=False):
        name = side.title.split(" · ")[1] if " · " in side.title else side.title
        value = "–" if collapsed else f"{each['purity'].value:.2f}"  # of a collapsed class, purity means nothing
        place.metric(plain(f"purity, {name}"), value, help=glossary.tip("purity"))
    if len(configs) > 1 and (words := describe_differences(configs[0], configs[1])):
        st.caption(plain(f"Left and right differ in: {words}"))
    st.subheader("How far apart the classes are", anchor=False, help=plain(metrics.HELP))
    titles = [side.title for side in scene.sides]
    st.markdown(metrics.table(titles, estimates, difference, scene.projection.trustworthiness))


page()
