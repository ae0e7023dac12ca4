"""A folder or an archive as a tree of files, and which of them are images, whatever their suffixes."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from glico.config.limits import check
from glico.data.decoding import open_file
from glico.data.file_kinds import HEAD, has_image_suffix, is_image, kind_of, suffix_of
from glico.data.text import plain_text, shown_path
from glico.errors import GlicoError

Names = tuple[str, ...]  # names from the top down
LEFTOVERS = frozenset(  # of operating systems, network disks and editors; names in lower case
    ("__macosx", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r",
     "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "lost.dir", "@eadir",
     "#recycle", "@recycle", "#snapshot", "@recently-snapshot", "@__thumb", "network trash folder",
     "temporary items", "_vti_cnf", "_gsdata_", "__pycache__", "node_modules"),
)  # fmt: skip
LEFTOVER = re.compile(r"\..*|found\.\d{3}|~\$.*|\$r[0-9a-z]{6}\..*")


@dataclass(frozen=True)
class Tree:
    """The content of a folder or an archive: its ``folders``, and its ``files`` with a way to open each.

    ``title`` names it for the reader; a file's name in an error is ``title`` and its path joined. ``images`` are the
    files that are images by their content, or by their name if they are damaged; ``other_kinds`` counts the rest by
    a noun that tells what they are ("DICOM files").
    """

    title: str
    folders: frozenset[Names]
    files: Mapping[Names, Callable[[], BinaryIO]]
    images: frozenset[Names]
    other_kinds: Mapping[str, int]

    def shown(self, path: Names) -> str:
        """Return a path in it, as its owner knows it."""
        return plain_text("/".join((self.title, *path)), limit=1000)

    def suffixes(self, paths: Iterable[Names]) -> dict[str, int]:
        """Return the number of ``paths`` by suffix, the most frequent first; empty for names without one."""
        return dict(Counter(suffix_of(path[-1]) for path in paths).most_common())


def make_tree(
    title: str,
    folders: Iterable[Names],
    files: Mapping[Names, Callable[[], BinaryIO]],
    stream: Callable[[Names], IO[bytes]] | None = None,
) -> Tree:
    """Return a tree without the leftovers of operating systems, and with every folder that contains a file.

    ``stream`` opens a file to read only its beginning; by default it is opened like any other file.
    """
    entries = {path: opener for path, opener in files.items() if not is_leftover(path)}
    every: set[Names] = set()
    for path in [*(path[:-1] for path in entries), *(path for path in folders if not is_leftover(path))]:
        while path and path not in every:
            every.add(path)
            path = path[:-1]
        check("entries", len(every) + len(entries), title)
    images, kinds = _sorted_by_kind(entries, stream or (lambda path: entries[path]()))
    return Tree(title, frozenset(every), entries, images, kinds)


def folder_tree(directory: Path) -> Tree:
    """Return the tree below ``directory``, links followed.

    Raises GlicoError for a folder that cannot be read, a loop, or more entries than a limit allows.
    """
    shown = shown_path(directory)
    folders: list[tuple[str, ...]] = []
    files = {}

    def fail(error: OSError) -> None:
        raise GlicoError(f"The folder {error.filename} cannot be read: {error.strerror}. Check its permissions.")

    for here, inner, names in os.walk(directory, followlinks=True, onerror=fail):
        path = Path(here).relative_to(directory).parts
        check("depth", len(path), shown)
        above = [directory.joinpath(*path[:depth]) for depth in range(len(path))]
        if any(os.path.samefile(here, folder) for folder in above):
            raise GlicoError(f"The folder {here} is a link to a folder above it: take the link out.")
        inner[:] = [name for name in inner if not is_leftover((name,))]  # System Volume Information cannot be read
        folders += [(*path, name) for name in inner]
        for name in names:
            file = Path(here, name)
            if file.is_file() or file.is_symlink():  # a broken link is reported when it is opened; a pipe is no file
                files[*path, name] = partial(open_file, file)
        check("entries", len(folders) + len(files), shown)
    return make_tree(shown, folders, files)


def composed(name: str) -> str:
    """Return a file's name in Unicode's composed form, whatever the system wrote."""
    return unicodedata.normalize("NFC", name)


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts names as people count: "class 2" before "class 10", numbers before words."""
    parts = [part for part in re.split(r"(\d+)", name.casefold()) if part]
    return (*((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts), (2, 0, name))


def is_leftover(path: Names) -> bool:
    """Return whether a file or folder, or one above it, is hidden or was left behind by an operating system."""
    return any(name.lower() in LEFTOVERS or LEFTOVER.fullmatch(name.lower()) for name in path)


def _sorted_by_kind(
    files: Mapping[Names, Callable[[], BinaryIO]], stream: Callable[[Names], IO[bytes]]
) -> tuple[frozenset[Names], dict[str, int]]:
    """Return the images among ``files``, and the number of others by kind."""
    images = set()
    kinds: Counter[str] = Counter()
    for path in files:
        if has_image_suffix(path[-1]):
            images.add(path)
            continue
        try:
            with stream(path) as file:
                head = file.read(HEAD)
        except Exception:  # a stranger's archive may raise anything; a member that cannot be opened is no image
            head = b""
        if is_image(path[-1], head):
            images.add(path)
        elif kind := kind_of(path[-1], head):
            kinds[kind] += 1
    return frozenset(images), dict(kinds)
