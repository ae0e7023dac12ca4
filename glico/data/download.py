"""Downloads and their unpacking: checked, and in place whole or not at all."""

import hashlib
import http.client
import os
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

from glico.errors import GlicoError
from glico.files import open_regular, replacing
from glico.types import Progress

CHUNK = 2**20
TIMEOUT = 30  # seconds without a byte


def download(url: str, path: Path, md5: str, progress: Progress | None = None) -> None:
    """Fetch ``url`` to ``path`` unless a file with this MD5 is there. Raises GlicoError; leaves no half file."""
    if path.is_file() and file_md5(path) == md5:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            # The address is one of this package's own.
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response, partial.open("wb") as file:  # nosec B310
                total, done = response.length, 0
                while chunk := response.read(CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    if progress:
                        share = min(1.0, done / total) if total else 0.0
                        of = f" of {total / 2**20:.0f}" if total else ""
                        progress(share, f"downloading {path.name}: {done / 2**20:.0f}{of} MiB")
            if file_md5(partial) != md5:
                raise GlicoError(f"The download of {url} arrived damaged or is not the published file: try again.")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise GlicoError(
            f"{url} could not be downloaded ({reason}): check network and disk, or put the file at {path} by hand."
        ) from error


def file_md5(path: Path) -> str:
    """Return the file's MD5 in hexadecimal."""
    with open_regular(path, "archive_mib") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@contextmanager
def unpacking(archive: Path, folder: Path) -> Iterator[Path]:
    """Yield an empty folder for the files of ``archive``; afterwards it becomes ``folder``, and the archive is deleted.

    Several processes may unpack at once. Raises GlicoError if the archive is damaged or the disk refuses.
    """
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield partial
        os.replace(partial, folder)
    except (OSError, tarfile.TarError, BadZipFile, KeyError) as error:
        if not folder.is_dir():  # else another process was quicker
            raise GlicoError(
                f"{archive} could not be unpacked into {folder}: {error}. "
                "Free some disk space or delete the archive, and try again."
            ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    archive.unlink(missing_ok=True)
