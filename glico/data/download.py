"""A download: one file, checked, in place whole or not at all."""

import hashlib
import http.client
import urllib.request
from pathlib import Path

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
