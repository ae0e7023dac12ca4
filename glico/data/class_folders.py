"""Class names as folder names: the inverse of reading a folder per class."""

import re
import unicodedata
from collections.abc import Sequence

from glico.data.tree import is_leftover

FORBIDDEN = re.compile(r'[<>:"/\\|?*]|\.\.+')  # on Windows; separators and ".." on every system
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names that Windows reserves
LONGEST, MOST_BYTES = 100, 200  # characters, of the 120 of a class name that is read; bytes, of a file system's 255


def class_folders(names: Sequence[str]) -> list[str]:
    """Return a folder name for each of the distinct class ``names``.

    The folders differ also on file systems that ignore case, every system can create them, and none leaves the folder
    that it is created in. A data set that is read from these folders has as many classes, and the same names, except
    for characters that no folder may have.
    """
    folders: list[str] = []
    taken: set[str] = set()
    for index, name in enumerate(names):
        first = folder = _safe(name) or f"class {index}"
        count = 1
        while folder.casefold() in taken:
            count += 1
            folder = f"{first} ({count})"
        taken.add(folder.casefold())
        folders.append(folder)
    return folders


def _safe(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    printable = "".join(c if c.isprintable() or c in "\u200c\u200d" else "_" for c in composed)
    cleaned = FORBIDDEN.sub("_", printable)[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore").strip(" .")
    return f"{cleaned}_" if is_leftover((cleaned,)) or DEVICES.fullmatch(cleaned) else cleaned
