"""Uploaded data sets, stored by content hash so that duplicates are stored once."""

import hashlib
import math
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from app.session import guard
from glico.config.limits import check
from glico.data.text import plain_text
from glico.data.tree import is_leftover
from glico.errors import GlicoError
from glico.files import size, write_atomically
from glico.places import uploads_directory

ARCHIVES = (".zip", ".npz")  # each is a data set of its own


@dataclass(frozen=True)
class Upload:
    """Files that a page holds, by their ``ids``, stored at ``path``; ``refused`` says why others were not uploaded."""

    ids: tuple[str, ...]
    path: Path
    refused: str = ""


def store_all(files: Sequence[UploadedFile]) -> Upload:
    """Store one archive as it is, or folders and single files together as a .zip of them.

    Raises GlicoError if they cannot be combined or written, or if all uploads together would exceed their limit.
    """
    archives = [file for file in files if PurePosixPath(file.name).suffix.lower() in ARCHIVES]
    if archives and len(files) > 1:
        raise GlicoError(
            f"Cannot combine {plain_text(archives[0].name, 80)} with other files: an archive is a data set of its own. "
            "Remove the others, or upload its contents as a folder."
        )
    path = store(archives[0].name, archives[0]) if archives else store_folder(_by_path(files))
    context = get_script_run_ctx()
    refused = guard.take_refusal(context.session_id) if context else ""
    return Upload(tuple(file.file_id for file in files), path, refused)


def store(name: str, content: BinaryIO) -> Path:
    """Store an uploaded file, whole or not at all; return its path.

    Raises GlicoError if it cannot be written, or if all uploads together would exceed their limit.
    """
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    path = uploads_directory().absolute() / digest[:16] / _file_name(name)
    if path.exists():
        return path
    _check_size(path.name, content.seek(0, os.SEEK_END))
    content.seek(0)
    write_atomically(path, lambda file: shutil.copyfileobj(content, file), parents=True)
    return path


def store_folder(files: Mapping[str, BinaryIO]) -> Path:
    """Store files by their paths as a .zip that is the same for the same files, named by their folder.

    Raises GlicoError as :func:`store` does, and if there is no file.
    """
    if not files:
        raise GlicoError("The folder has no file to read. Choose a folder with images.")
    tops = {path.split("/")[0] if "/" in path else "" for path in files}
    name = f"{tops.pop() or 'images'}.zip" if len(tops) == 1 else "images.zip"
    check("entries", len(files), name)
    _check_size(name, sum(file.seek(0, os.SEEK_END) for file in files.values()))
    with TemporaryFile() as packed:
        with ZipFile(packed, "w") as archive:
            for path in sorted(files):
                check("name", len(path.encode()), name)
                files[path].seek(0)
                with archive.open(ZipInfo(path), "w") as member:  # without its time: the same content, the same hash
                    shutil.copyfileobj(files[path], member)
        return store(name, packed)


def stored() -> list[Path]:
    """Return the paths of all uploaded data sets, newest first."""
    try:
        top = uploads_directory().absolute()
        files = [path for path in (*top.glob("*.*"), *top.glob("*/*.*")) if path.suffix in ARCHIVES]
        return sorted(files, key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []


def _by_path(files: Iterable[UploadedFile]) -> dict[str, BinaryIO]:
    """The files by their paths below the folder that was chosen; the same file twice is one."""
    by_path: dict[str, UploadedFile] = {}
    for file in files:
        parts = [part for part in re.split(r"[/\\]", file.name) if part not in ("", ".", "..")]
        if not parts or is_leftover(tuple(parts)):
            continue
        path, number = "/".join(parts), 2
        while path in by_path and by_path[path].getbuffer() != file.getbuffer():
            path, number = "/".join((*parts[:-1], f"{number} {parts[-1]}")), number + 1
        by_path[path] = file
    return dict(by_path)


def _check_size(name: str, count: int) -> None:
    total = size(uploads_directory()) + count
    check("uploads_mib", math.ceil(total / 2**20), f"With {name} this app")


def _file_name(name: str) -> str:
    """Return the uploaded file's name, made valid on every system. Messages use it."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    suffix = Path(name).suffix.lower()
    stem = "".join(c if c.isalnum() or c in " -_()+" else "-" for c in Path(name).stem).strip(" -")[:60]
    return (stem or "images") + suffix
