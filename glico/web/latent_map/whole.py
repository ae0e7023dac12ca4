"""The whole latent map of checkpoints: everything that a page without a server, or a notebook, can show."""

from collections.abc import Sequence

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent.measured import compared_with
from glico.web.latent_map import EMPTY_CHOICE, NO_EXTRAS, Content, Value, colours, offline_page
from glico.web.latent_map.content import LARGEST, map_content
from glico.web.latent_map.scene import Scene
from glico.web.sprite import sprite


def whole_content(scene: Scene, checkpoints: Sequence[OpenCheckpoint]) -> Content:
    """Return the content of the maps of ``checkpoints``, one for each side of the scene, with thumbnails, films and the
    numbers of every value. Raises GlicoError."""
    training = [compared_with(checkpoint) for checkpoint in checkpoints]
    triples = zip(checkpoints, scene.codes, training, strict=True)
    measured = [colours.measure(*triple) for triple in triples]
    values: list[Value] = []
    if scene.has_neighbours:
        purities = [colours.purity(near, scene.labels) for near in scene.projection.nearest]
        values.append(colours.scale_value("purity", purities))
    names = [name for name in ("error", "confidence") if any(name in each for each in measured)]
    values += [colours.chosen_value(name, measured, len(scene.labels)) for name in names]
    sheet = sprite(training[-1].images, LARGEST)
    return {**map_content(scene, [], with_film=True), "sheet": sheet, "values": values}


def maps_page(scene: Scene, checkpoints: Sequence[OpenCheckpoint]) -> str:
    """Return one HTML file with the maps in it, which needs no network. Raises GlicoError."""
    return offline_page(whole_content(scene, checkpoints), EMPTY_CHOICE, NO_EXTRAS, scene.title)
