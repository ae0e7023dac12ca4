"""Caches outside run folders that can be rebuilt or downloaded again: their sizes, and how to clear them."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from glico.errors import GlicoError
from glico.files import REASONS, size
from glico.latent import field_cache, projection_cache
from glico.places import cache_directory, uploads_directory
from glico.runs.folder import list_runs
from glico.runs.lock import is_alive

DESCRIPTIONS = {
    "projections": "layouts of maps; computed again when needed",
    "fields": "registrations for morphs; computed again when needed",
    "compiled": "UMAP's compiled functions; compiled again in 40 s",
    "downloads": "data sets and weights; downloaded again when needed",
    "uploads": "uploaded data sets; those that runs use are kept",
}


@dataclass(frozen=True)
class Cache:
    """The files and folders of one cache; those that are ``needed`` are in use and stay."""

    paths: tuple[Path, ...]
    needed: frozenset[Path] = frozenset()

    @property
    def bytes(self) -> int:
        """Its size."""
        return sum(map(size, self.paths))

    def free(self) -> int:
        """Delete unused entries. Return the bytes freed. Raises GlicoError if an entry may not be deleted."""
        before = self.bytes
        for path in self.paths:
            if path in self.needed:
                continue
            try:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            except OSError as error:
                reason = REASONS.get(error.errno or 0, error.strerror)
                raise GlicoError(
                    f"{path} cannot be removed: {reason}. Close what uses it, or delete it by hand."
                ) from error
        for folder in {path.parent for path in self.paths if path.parent.parent == uploads_directory()}:
            with suppress(OSError):  # it holds a needed file
                folder.rmdir()
        return before - self.bytes


def caches() -> dict[str, Cache]:
    """Return the caches by their names in DESCRIPTIONS."""
    root = cache_directory()
    compiled, projections, fields = root / "numba", projection_cache.directory(), field_cache.directory()
    uploads = tuple(path for path in uploads_directory().rglob("*") if path.is_file())
    return {
        "projections": Cache(tuple(_inside(projections)), frozenset(_at_work(projections))),
        "fields": Cache(tuple(_inside(fields))),
        "compiled": Cache(tuple(_inside(compiled))),
        "downloads": Cache(tuple(path for path in _inside(root) if path not in (compiled, projections, fields))),
        "uploads": Cache(uploads, frozenset(_used_by_runs(uploads))),
    }


def _inside(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()


def _at_work(projections: Path) -> Iterator[Path]:
    """Yield the files of projections that are being computed."""
    for lock in projections.glob("*.lock"):
        if is_alive(lock):
            yield from projections.glob(f"{lock.stem}.*")


def _used_by_runs(uploads: tuple[Path, ...]) -> Iterator[Path]:
    datasets = {str(run.settings.get("dataset")) for run in list_runs()}
    yield from (path for path in uploads if str(path) in datasets or str(path.absolute()) in datasets)
