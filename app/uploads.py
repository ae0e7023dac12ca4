"""Data sets that a person hands in: kept by their content, so that the same file is kept once."""

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from glico.files import replacing, writing
from glico.places import uploads_directory

CHUNK = 2**20


def keep(name: str, content: BinaryIO) -> Path:
    """Where the uploaded file is kept; it is there whole or not at all. Raises GlicoError if it cannot be written."""
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-")[:40] or "images"
    path = uploads_directory().absolute() / f"{stem}-{digest.hexdigest()[:16]}{Path(name).suffix.lower()}"
    if path.exists():
        return path
    content.seek(0)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, partial.open("wb") as file:
            while chunk := content.read(CHUNK):
                file.write(chunk)
    return path


def kept() -> list[Path]:
    """The data sets that were uploaded before, newest first."""
    try:
        files = [path for path in uploads_directory().absolute().iterdir() if path.suffix in (".zip", ".npz")]
        return sorted(files, key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []
