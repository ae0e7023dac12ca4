"""Empty places of the maps that a person pins and uses as A or B: their images become photographs of the session."""

import io
from collections.abc import Sequence

import numpy as np

from app import cached
from app.latent_map import new_images, requests
from app.session import photographs
from glico.errors import GlicoError
from glico.latent.encoded import encoding_of
from glico.pictures import to_pil
from glico.pixels import to_uint8
from glico.types import Codes
from glico.web.latent_map import PartialChoice, PlaceChoice
from glico.web.latent_map.scene import Scene, Side


def use(scene: Scene, place: PlaceChoice) -> None:
    """Add the image that the right map's generator draws at a ``place`` to the photographs, and choose it as A or B.

    On the right map its code is the one of the place; on the other map it is encoded like any photograph. A refusal is
    shown where photographs are added. Usable in callbacks.
    """
    side = scene.sides[-1]
    try:
        code = _checked(place["codes"][-1], cached.latent_space(side.path).codes.shape[1])
        row = len(scene.labels) + _add(side, code)
    except GlicoError as error:
        new_images.refuse(str(error))
        return
    requests.send(PartialChoice(a=row) if place["end"] == "a" else PartialChoice(b=row))


def _checked(code: Sequence[float] | None, dimension: int) -> Codes:
    """Return a code that a browser has sent, (1, d) on the unit sphere. Raises GlicoError if it is none."""
    values = np.array(code if code is not None else [], np.float64)
    length = np.linalg.norm(values)
    if values.shape != (dimension,) or not np.isfinite(length) or length < 1e-6:
        raise GlicoError("Cannot use this place: it has no code on the right map. Pin another place.")
    return (values / length).astype(np.float32)[None]


def _add(side: Side, code: Codes) -> int:
    """Add the image of a ``code`` (1, d) to the photographs, and return its position among them. Raises GlicoError."""
    checkpoint = cached.opened(side.path)
    encoding, content = encoding_of(checkpoint, code), io.BytesIO()
    to_pil(to_uint8(encoding.generated)[0]).save(content, "png")
    near = int(encoding.neighbours[0, 0])
    label = int(checkpoint.space.labels[near])
    name = checkpoint.space.class_names[label] if label >= 0 else "unlabelled"
    photograph = photographs.add(f"near {name}, image {near}", content.getvalue())
    cached.keep_encoding(side.path, photograph, encoding)
    new_images.select(photograph)
    return [each.digest for each in photographs.current()].index(photograph.digest)
