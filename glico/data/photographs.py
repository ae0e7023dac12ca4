"""Image files that are named one by one or by their folder, for :func:`glico.data.images.read_images`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from glico.data.decoding import ImageFile, open_file
from glico.data.tree import folder_tree
from glico.errors import GlicoError


def image_files(paths: Sequence[Path]) -> list[ImageFile]:
    """Return the image files at ``paths``: files as they are, and the images of folders in order of their names.

    Raises GlicoError if a path does not exist, or if there is no image at all.
    """
    files = []
    for path in paths:
        if path.is_dir():
            tree = folder_tree(path)
            files += [ImageFile(str(path.joinpath(*parts)), tree.files[parts]) for parts in sorted(tree.images)]
        elif path.is_file():
            files.append(ImageFile(str(path), partial(open_file, path)))
        else:
            raise GlicoError(f"There is no image at {path}. Check the path.")
    if not files:
        raise GlicoError(f"There is no image in {paths[0]}. Name image files or a folder with some.")
    return files
