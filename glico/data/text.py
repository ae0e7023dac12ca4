"""Untrusted text made safe: as one line that can be shown, and line by line with bounded lengths."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from glico.config import limits
from glico.errors import GlicoError
from glico.places import uploads_directory

STORED = re.compile(r"-[0-9a-f]{16}(?=\.\w+$)")  # what early versions added to the name of an upload


def plain_text(name: str, limit: int = 120) -> str:
    """Return a stranger's name as one line of plain text: composed Unicode, nothing invisible, at most ``limit`` long.

    Control, direction and undecodable characters become U+FFFD; the joiners that scripts need are kept.
    """
    composed = unicodedata.normalize("NFC", name[: 4 * limit])
    printable = "".join(c if c.isprintable() or c in "\u200c\u200d" else "\ufffd" for c in composed)
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"


def reason(error: BaseException) -> str:
    """Return a library's reason in its own words: the first line, without a full stop."""
    words = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    return plain_text(words.splitlines()[0].rstrip("."), limit=300)


def shown_path(path: Path) -> str:
    """Return a path as its owner knows it: an upload by its original name, never by its place on the server."""
    if path.absolute().is_relative_to(uploads_directory().absolute()):
        return plain_text(STORED.sub("", path.name))
    return plain_text(str(path), limit=1000)


def text_lines(file: BinaryIO, shown: str) -> Iterator[str]:
    """The lines of a UTF-8 file, without their ends. Raises GlicoError for one that is too long or no text."""
    longest = limits.limit("line")
    number = 0
    while line := file.readline(4 * longest + 2):
        number += 1
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            if len(line) > 4 * longest:
                raise limits.beyond("line", f"{shown}, line {number}") from None
            raise GlicoError(f"{shown}, line {number} is no UTF-8 text: save the file as UTF-8.") from None
        if len(text) > longest:
            raise limits.beyond("line", f"{shown}, line {number}")
        yield text
