"""A .zip of an image folder: read in memory, never extracted to disk, trusted in nothing."""

import io
import os
import re
import stat
import struct
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from glico.config.limits import beyond, check, limit
from glico.data.text import plain_text, reason, shown_path
from glico.data.tree import Tree, make_tree
from glico.errors import GlicoError
from glico.files import open_regular

MAX_RATIO = 200  # unpacked to packed, where more than FREE_BYTES come out: images hardly compress
FREE_BYTES = 64 * 2**20
UTF8 = 0x800  # the flag of an entry whose name is UTF-8
OWN, EUROPEAN = "cp437", "cp850"  # of names without the flag: the format's own, and that of Windows in western Europe

# Records of the format (PKWARE's APPNOTE, 4.3.12, 4.3.14 to 4.3.16), as far as needed.
END = struct.Struct("<4s6xH2LH")  # end of central directory: entries, bytes, offset, length of the comment
LOCATOR = struct.Struct("<4s16x")  # between END and END64, the record of large archives
END64 = struct.Struct("<4s28xQQ8x")  # entries, bytes
ENTRY = struct.Struct("<4s4xH18x3H12x")  # flags, lengths of name, extra field and comment
LONGEST_COMMENT = 2**16
BYTES_PER_ENTRY = 1000  # of the central directory, on average, at most


def open_archive(path: Path, kind: str) -> ZipFile:
    """Return the archive at ``path``. Raises GlicoError if it is not one, holds too much, or would unpack to too much.

    Its entries are counted before any is made an object. A member that lies about its size is cut off at the size
    it states, which is what is added up here.
    """
    shown = shown_path(path)
    try:
        with open_regular(path, "archive_mib") as file:
            encoding = _check_directory(file, shown)
            archive = ZipFile(path, metadata_encoding=encoding)
    except GlicoError:
        raise
    except Exception as error:  # a stranger's file may raise anything
        raise GlicoError(f"{shown} is not {kind}, or it is damaged: {reason(error)}.") from error
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = max(1, path.stat().st_size)
    if unpacked > limit("unpacked_mib") * 2**20:
        archive.close()
        raise beyond("unpacked_mib", shown)
    if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
        archive.close()
        raise GlicoError(
            f"{shown} would unpack from {packed / 2**20:.1f} MiB to {unpacked / 2**20:.0f} MiB, like a decompression "
            f"bomb; at most {MAX_RATIO} times its size is read."
        )
    return archive


def archive_tree(archive: ZipFile, path: Path) -> Tree:
    """Return the tree of an open archive. Raises GlicoError for a member that no honest archive of images has."""
    shown = shown_path(path)
    folders: list[tuple[str, ...]] = []
    files = {}
    members: dict[tuple[str, ...], ZipInfo] = {}
    for info in archive.infolist():
        _check(info, shown)
        parts = tuple(part for part in re.split(r"[/\\]", info.filename) if part not in ("", "."))
        check("depth", len(parts) - 1, shown)
        if info.is_dir():
            folders.append(parts)
        elif parts:
            files[parts] = partial(_open, archive, info)
            members[parts] = info
    return make_tree(shown, folders, files, lambda path: archive.open(members[path]))


def _check_directory(file: BinaryIO, shown: str) -> str | None:
    """Count the entries, and look at their names' lengths and encoding, without keeping one.

    Return the encoding of the names that do not say theirs: UTF-8 if all of them are, as on Linux and the Mac, else
    EUROPEAN if :func:`_is_european` says so of one, else None, the format's own. Raises GlicoError beyond a limit; what
    is damaged is left to ``ZipFile`` to refuse.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_COMMENT - END.size - LOCATOR.size - END64.size))
    tail = file.read()
    bare = tail[-END.size :].startswith(b"PK\x05\x06") and tail.endswith(b"\0\0")
    at = len(tail) - END.size if bare else tail.rfind(b"PK\x05\x06")  # where ZipFile looks for it, too
    if at < 0 or len(tail) - at < END.size:
        return None
    end = size - len(tail) + at
    _, entries, length, _, _ = END.unpack_from(tail, at)
    large = at - LOCATOR.size - END64.size
    if large >= 0 and tail[at - LOCATOR.size :].startswith(b"PK\x06\x07") and tail[large:].startswith(b"PK\x06\x06"):
        _, entries, length = END64.unpack_from(tail, large)
        end = size - len(tail) + large
    most = limit("entries")
    if entries > most or length > most * BYTES_PER_ENTRY:
        raise beyond("entries", shown)
    file.seek(max(0, end - length))
    directory = memoryview(file.read(length))
    offset, count, plain, european = 0, 0, True, False
    while offset + ENTRY.size <= len(directory):
        signature, flags, name, extra, comment = ENTRY.unpack_from(directory, offset)
        if signature != b"PK\x01\x02":
            break
        count += 1
        check("entries", count, shown)
        check("name", name, shown)
        written = bytes(directory[offset + ENTRY.size : offset + ENTRY.size + name])
        try:
            written.decode("utf-8")
        except UnicodeDecodeError:
            plain = False
            european |= _is_european(written)
            if flags & UTF8:
                raise GlicoError(
                    f"{shown} holds the name {plain_text(written.decode('utf-8', 'replace'))!r}, which is marked as "
                    "UTF-8 and is not: rename that file and create the archive again."
                ) from None
        offset += ENTRY.size + name + extra + comment
    if plain:
        return "utf-8"
    return EUROPEAN if european else None


def _is_european(name: bytes) -> bool:
    """Return whether a name is text in EUROPEAN rather than in OWN.

    They share most letters. One that they do not share is EUROPEAN if OWN would have a frame or a sign for it, or a
    Greek letter in a word of Latin ones.
    """
    own = name.decode(OWN)
    for place, (letter, other) in enumerate(zip(own, name.decode(EUROPEAN), strict=True)):
        near = own[max(0, place - 1) : place + 2]
        if letter != other and other.isalpha() and (not letter.isalpha() or any(map(_is_latin, near))):
            return True
    return False


def _is_latin(letter: str) -> bool:
    return letter.isalpha() and ord(letter) < ord("\u0250")


def _check(info: ZipInfo, shown: str) -> None:
    name = info.filename
    member = repr(plain_text(name, limit=200))
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise GlicoError(f"{shown} holds the absolute path {member}: paths in an archive must start inside it.")
    if ".." in re.split(r"[/\\]", name):
        raise GlicoError(f"{shown} holds the path {member}, which leaves the archive: paths must not contain '..'.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise GlicoError(f"{shown} holds the symbolic link {member}: put the image itself in its place.")
    if info.flag_bits & 1:
        raise GlicoError(f"{shown} is encrypted ({member}): make the archive without a password.")
    if info.file_size > limit("file_mib") * 2**20:
        raise beyond("file_mib", f"{shown}, {member},")


def _open(archive: ZipFile, info: ZipInfo) -> BinaryIO:
    return io.BytesIO(archive.read(info))
