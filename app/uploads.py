"""Data sets that a person hands in: kept by their content, so that the same file is kept once, by their own name."""

import hashlib
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
    path = uploads_directory().absolute() / digest.hexdigest()[:16] / _file_name(name)
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
        top = uploads_directory().absolute()
        files = [path for path in (*top.glob("*.*"), *top.glob("*/*.*")) if path.suffix in (".zip", ".npz")]
        return sorted(files, key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []


def _file_name(name: str) -> str:
    """The name that a file came with, as one that every system takes; it is what messages call the file."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    suffix = Path(name).suffix.lower()
    stem = "".join(c if c.isalnum() or c in " -_()+" else "-" for c in Path(name).stem).strip(" -")[:60]
    return (stem or "images") + suffix
