"""An image folder on disk."""

import os
from functools import partial
from pathlib import Path

from glico.config.limits import check
from glico.data.images import open_file
from glico.data.text import shown_path
from glico.data.tree import Tree, make_tree
from glico.errors import GlicoError


def folder_tree(directory: Path) -> Tree:
    """What lies below ``directory``, links followed. Raises GlicoError for a folder that cannot be read, a loop, or
    more than a limit lets in."""
    shown = shown_path(directory)
    folders: list[tuple[str, ...]] = []
    files = {}

    def fail(error: OSError) -> None:
        raise GlicoError(f"The folder {error.filename} cannot be read: {error.strerror}.")

    for here, inner, names in os.walk(directory, followlinks=True, onerror=fail):
        path = Path(here).relative_to(directory).parts
        check("depth", len(path), shown)
        above = [directory.joinpath(*path[:depth]) for depth in range(len(path))]
        if any(os.path.samefile(here, folder) for folder in above):
            raise GlicoError(f"The folder {here} is a link to a folder above it: take the link out.")
        folders += [(*path, name) for name in inner]
        for name in names:
            file = Path(here, name)
            if file.is_file() or file.is_symlink():  # a broken link is reported when it is opened; a pipe is no file
                files[*path, name] = partial(open_file, file)
        check("entries", len(folders) + len(files), shown)
    return make_tree(shown, folders, files)
