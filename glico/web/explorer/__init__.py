"""A checkpoint as one HTML file: its latent map, and sliders whose images the generator inside draws."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from glico.checkpoints.opened import WeakClassifier
from glico.web import directions, latent_map, modules
from glico.web.directions.content import directions_content
from glico.web.generator import inline_generator
from glico.web.latent_map import EMPTY_CHOICE, NO_EXTRAS, ClassifierData
from glico.web.latent_map.whole import whole_content
from glico.web.modules import bundle

if TYPE_CHECKING:
    from glico.checkpoints.opened import OpenCheckpoint
    from glico.web.latent_map.scene import Scene

HERE = Path(__file__).parent
BODY = f"{latent_map.BODY}\n<h2>Directions</h2>\n{directions.BODY}"
STYLE = f"{latent_map.STYLE}\n{directions.STYLE}"


def explorer_page(scene: "Scene", checkpoint: "OpenCheckpoint", name: str) -> str:
    """Return the page of a ``checkpoint`` called ``name``, whose map is the one of ``scene``.

    It needs no network, and has some 5 MB more than the images and the generator's parameters. Raises GlicoError if it
    is beyond the limit of an export, or if the codes have no mean.
    """
    from glico.latent.collapse import collapsed_labels
    from glico.latent.measured import compared_with

    space = checkpoint.space
    images = compared_with(checkpoint).images
    classify = checkpoint.classify
    classifier: ClassifierData | None = None
    if isinstance(classify, WeakClassifier):
        graph = base64.b64encode(classify.graph).decode()
        classifier = {"graph": graph, "collapsed": collapsed_labels(checkpoint)}
    data = {
        "map": latent_map.data(whole_content(scene, [checkpoint]), EMPTY_CHOICE, NO_EXTRAS),
        "directions": directions_content(space, images, inline_generator(space, checkpoint.graph, name)),
        "classifier": classifier,
    }
    return modules.offline_page(name, BODY, STYLE, bundle(HERE / "offline.js"), data, generates=True)
