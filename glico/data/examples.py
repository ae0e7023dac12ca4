"""A few images of a data set under several preparations, so that a person sees what each of them does."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from glico.data.catalogue import opened_tree, written_path
from glico.data.decoding import ImageFile
from glico.data.images import match_colour, read_images
from glico.data.preparation import Preparation
from glico.data.tree import Names, composed
from glico.types import Images


def examples(dataset: str, names: Sequence[str], preparations: Iterable[Preparation]) -> list[Images]:
    """Read the files ``names`` (as ``Dataset.train_names`` has them) of the data set at a path under each preparation.

    Return (n, R, R, C) uint8 for each. The preparations must be settled, also in colour: a few images do not settle the
    choices of a whole data set. Raises GlicoError if a file cannot be read, KeyError if it is not there.
    """
    with opened_tree(Path(written_path(dataset)).expanduser()) as tree:
        paths = _paths(tree.images, names)
        files = [ImageFile("/".join((tree.title, *path)), tree.files[path]) for path in paths]
        read = [(one.colour, read_images(files, one).images) for one in preparations]
    return [match_colour(colour, images)[0] for colour, images in read]


def _paths(images: Iterable[Names], names: Sequence[str]) -> list[Names]:
    """Return the paths of the files, whose names may begin below some top folders. Raises KeyError."""
    known = list(images)
    for depth in range(max(map(len, known), default=0)):
        by_name = {"/".join(map(composed, path[depth:])): path for path in known}
        if all(name in by_name for name in names):
            return [by_name[name] for name in names]
    raise KeyError(f"no such files: {names}")
