"""Finding the images that the cells of a table name, by path or by name."""

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from glico.data.tree import Names, Tree, composed

UPLOAD = re.compile(r"[0-9a-f]{8}-(.+)")  # the prefix that Label Studio gives the name of an upload


class Lookup:
    """Finds the image that a cell of a table means."""

    def __init__(self, tree: Tree, images: Iterable[Names]) -> None:
        self.exact: dict[Names, Names] = {}
        self.folded: dict[Names, list[Names]] = {}  # whole paths in lower case, with and without their suffix
        self.named: dict[str, list[Names]] = {}  # names in lower case, with and without their suffix
        self.folders = {tuple(part.casefold() for part in map(composed, path)) for path in tree.folders}
        for path in images:
            key = tuple(map(composed, path))
            self.exact[key] = path
            folded = tuple(part.casefold() for part in key)
            for name in {folded[-1], PurePosixPath(folded[-1]).stem}:
                self.named.setdefault(name, []).append(path)
                self.folded.setdefault((*folded[:-1], name), []).append(path)

    def find(self, written: str, table: Names) -> list[Names]:
        """Return the images that a path or a name in ``table`` may mean: one, none, or several that share the name.

        A path starts at the table's folder or at the top. If there is no such path, the longest end of it that names
        an image counts, so that paths of another machine are understood; upper and lower case do not matter.
        """
        for parts in _spellings(written):
            if parts and (path := self._find(parts, table)):
                return path
        return []

    def _find(self, parts: Names, table: Names) -> list[Names]:
        above = tuple(map(composed, table[:-1]))
        for key in (above + parts, parts):
            if key in self.exact:
                return [self.exact[key]]
        folded = tuple(part.casefold() for part in parts)
        base = tuple(part.casefold() for part in above)
        for key in (base + folded, folded):
            if paths := self.folded.get(key):
                return paths
        if len(parts) > 1 and any((*start, folded[0]) in self.folders for start in (base, ())):
            return []  # the path starts in the right folder, and the file is missing
        paths = self.named.get(folded[-1], [])
        best = max((_shared_end(path, folded) for path in paths), default=0)
        return [path for path in paths if _shared_end(path, folded) == best]


def _spellings(written: str) -> Iterator[Names]:
    """Yield the parts of a path as it is written, then without a query, percent signs, or Label Studio's prefix."""
    text = composed(written).replace("\\", "/")
    yield _parts(text)
    if "?d=" in text:
        text = text.partition("?d=")[2]
        yield _parts(text)
    if "://" in text:
        text = text.partition("://")[2].partition("?")[0]
        yield _parts(text)
    if "%" in text:
        text = unquote(text)
        yield _parts(text)
    parts = _parts(text)
    if parts and (match := UPLOAD.fullmatch(parts[-1])):
        yield (*parts[:-1], match[1])


def _parts(text: str) -> Names:
    return tuple(part for part in text.split("/") if part not in ("", ".", ".."))


def _shared_end(path: Names, folded: Names) -> int:
    """Return the number of folders above the name that two paths share, from the end on."""
    own = [composed(part).casefold() for part in path[-2::-1]]
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(own, folded[-2::-1], strict=False)))
