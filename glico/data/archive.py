"""A .zip of an image folder: read in memory, never extracted to disk, trusted in nothing."""

import io
import re
import stat
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from glico.data.text import plain_text, reason
from glico.data.tree import Tree, make_tree
from glico.errors import GlicoError

MAX_BYTES = 4 * 2**30  # of everything in an archive, unpacked
MAX_FILE_BYTES = 256 * 2**20  # of one image file: each is held in memory while it is decoded
MAX_RATIO = 200  # unpacked to packed, where more than FREE_BYTES come out: images hardly compress
FREE_BYTES = 64 * 2**20


def open_archive(path: Path, kind: str) -> ZipFile:
    """The archive at ``path``. Raises GlicoError if it is not one, or would unpack to more than is sane.

    A member that lies about its size is cut off at the size it states, which is what is added up here.
    """
    try:
        archive = ZipFile(path)
    except Exception as error:  # a stranger's file may raise anything
        raise GlicoError(f"{path} is not {kind}, or it is damaged: {reason(error)}.") from error
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = max(1, path.stat().st_size)
    if unpacked > MAX_BYTES or (unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed):
        archive.close()
        raise GlicoError(
            f"{path} would unpack from {packed / 2**20:.1f} MiB to {unpacked / 2**20:.0f} MiB, like a decompression "
            f"bomb; at most {MAX_BYTES / 2**30:.0f} GiB and {MAX_RATIO} times its size are read."
        )
    return archive


def archive_tree(archive: ZipFile, path: Path) -> Tree:
    """What an open archive holds. Raises GlicoError for a member that no honest archive of images has."""
    folders: list[tuple[str, ...]] = []
    files = {}
    for info in archive.infolist():
        _check(info, path)
        parts = tuple(part for part in re.split(r"[/\\]", info.filename) if part not in ("", "."))
        if info.is_dir():
            folders.append(parts)
        elif parts:
            files[parts] = partial(_open, archive, info)
    return make_tree(str(path), folders, files)


def _check(info: ZipInfo, path: Path) -> None:
    name = info.filename
    shown = repr(plain_text(name, limit=200))
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise GlicoError(f"{path} holds the absolute path {shown}: paths in an archive must start inside it.")
    if ".." in re.split(r"[/\\]", name):
        raise GlicoError(f"{path} holds the path {shown}, which leaves the archive: paths must not contain '..'.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise GlicoError(f"{path} holds the symbolic link {shown}: put the image itself in its place.")
    if info.flag_bits & 1:
        raise GlicoError(f"{path} is encrypted ({shown}): make the archive without a password.")
    if info.file_size > MAX_FILE_BYTES:
        raise GlicoError(
            f"{path} holds {shown} of {info.file_size / 2**20:.0f} MiB; at most {MAX_FILE_BYTES / 2**20:.0f} MiB "
            "are read for one file."
        )


def _open(archive: ZipFile, info: ZipInfo) -> BinaryIO:
    return io.BytesIO(archive.read(info))
