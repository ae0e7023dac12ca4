"""Uploaded data sets, stored by content hash so that duplicates are stored once."""

import hashlib
import math
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from glico.config.limits import check
from glico.files import size, write_atomically
from glico.places import uploads_directory


def store(name: str, content: BinaryIO) -> Path:
    """Store an uploaded file, whole or not at all; return its path.

    Raises GlicoError if it cannot be written, or if all uploads together would exceed their limit.
    """
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    path = uploads_directory().absolute() / digest[:16] / _file_name(name)
    if path.exists():
        return path
    count = size(uploads_directory()) + content.seek(0, os.SEEK_END)
    check("uploads_mib", math.ceil(count / 2**20), f"With {path.name} this app")
    content.seek(0)
    write_atomically(path, lambda file: shutil.copyfileobj(content, file), parents=True)
    return path


def stored() -> list[Path]:
    """Return the paths of all uploaded data sets, newest first."""
    try:
        top = uploads_directory().absolute()
        files = [path for path in (*top.glob("*.*"), *top.glob("*/*.*")) if path.suffix in (".zip", ".npz")]
        return sorted(files, key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []


def _file_name(name: str) -> str:
    """Return the uploaded file's name, made valid on every system. Messages use it."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    suffix = Path(name).suffix.lower()
    stem = "".join(c if c.isalnum() or c in " -_()+" else "-" for c in Path(name).stem).strip(" -")[:60]
    return (stem or "images") + suffix
