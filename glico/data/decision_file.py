"""The decisions on a data set in the workspace: a table of the user's own, the steps that can be undone, and frozen
copies that runs read.

A data set is known by its content, so that a copy or another upload of it has the same decisions. If a folder or file
has changed since, the decisions that were made on the data at the same path are taken over.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from threading import RLock
from zipfile import BadZipFile, ZipFile

from glico.data.decisions import Decision, ImageKey, read_decisions, write_decisions
from glico.data.known import DATASETS
from glico.data.tree import is_leftover
from glico.errors import GlicoError
from glico.files import open_regular, read_json, write_atomically, write_json
from glico.formats import json_text
from glico.places import decisions_directory

TABLE, STEPS, SOURCE = "decisions.csv", "steps.json", "source.json"
MOST_STEPS = 1000  # that can be undone
WRITING = RLock()  # held from reading the table to writing it: two pages may decide at once


@dataclass(frozen=True)
class Decided:
    """The ``decisions`` on a data set, the oldest first, and the ``steps`` that led to them.

    A step holds the images that it was about, and the decision on each before it, None if there was none.
    """

    decisions: tuple[Decision, ...] = ()
    steps: tuple[tuple[tuple[ImageKey, Decision | None], ...], ...] = ()

    def decide(self, new: Sequence[Decision]) -> "Decided":
        """Return the same after one more step, which replaces earlier decisions on the same images."""
        by_key = {each.key: each for each in self.decisions}
        step = tuple((each.key, by_key.pop(each.key, None)) for each in new)
        return Decided((*by_key.values(), *new), (*self.steps, step)[-MOST_STEPS:])

    def undo(self) -> "Decided":
        """Return the same before the last step."""
        *earlier, last = self.steps
        by_key = {each.key: each for each in self.decisions}
        for key, before in last:
            by_key.pop(key, None)
            if before is not None:
                by_key[key] = before
        return Decided(tuple(by_key.values()), tuple(earlier))

    def on(self, key: ImageKey) -> Decision | None:
        """Return the decision on an image, None without one."""
        return next((each for each in self.decisions if each.key == key), None)


def content_key(dataset: str) -> str:
    """Return the name of a data set's folder of decisions: its own name if it is known, else a digest of its content.

    Of folders and archives the paths and sizes of the files count, of other files the bytes. Raises GlicoError if the
    data set cannot be read.
    """
    if dataset in DATASETS:
        return dataset
    path = Path(dataset).expanduser()
    try:
        if path.is_dir():
            return _digest_of_names(_files(path))
        if path.suffix.lower() == ".zip":
            with open_regular(path, "archive_mib") as file, ZipFile(file) as archive:
                return _digest_of_names((one.filename, one.file_size) for one in archive.infolist() if not one.is_dir())
        with open_regular(path, "archive_mib") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except (OSError, BadZipFile) as error:
        raise GlicoError(f"{path} cannot be read: {error}.") from error


def load_decided(key: str, dataset: str) -> Decided:
    """Return the decisions on the data set at ``dataset`` with the content ``key``. Raises GlicoError if the table is
    damaged."""
    folder = _folder(key, dataset)
    if folder is None or not (folder / TABLE).exists():
        return Decided()
    return Decided(read_decisions(folder / TABLE), _read_steps(folder / STEPS))


def store_decided(key: str, dataset: str, decided: Decided) -> None:
    """Write the decisions on a data set. Raises GlicoError if that fails."""
    folder = decisions_directory() / key
    write_atomically(folder / TABLE, write_decisions(decided.decisions), parents=True)
    write_json(folder / STEPS, {"steps": [[[*key_, _plain(before)] for key_, before in s] for s in decided.steps]})
    write_json(folder / SOURCE, {"dataset": _place(dataset)})


def freeze(key: str, decisions: Sequence[Decision]) -> Path:
    """Return the path of a table with these decisions, which never changes: a run names it. Raises GlicoError if it
    cannot be written."""
    path = decisions_directory().absolute() / key / f"{frozen_name(decisions)}.csv"
    if not path.exists():
        write_atomically(path, _frozen(decisions), parents=True)
    return path


def frozen_name(decisions: Sequence[Decision]) -> str:
    """Return the name of the frozen table, without its suffix: the same for the same decisions in any order."""
    return hashlib.sha256(_frozen(decisions)).hexdigest()[:16]


def is_frozen(path: Path) -> bool:
    """Return whether this is the path of a frozen table."""
    return re.fullmatch(r"[0-9a-f]{16}\.csv", path.name) is not None


def _frozen(decisions: Sequence[Decision]) -> bytes:
    return write_decisions(sorted(decisions, key=lambda each: each.key))


def _folder(key: str, dataset: str) -> Path | None:
    """Return the folder of the decisions on this content, else the newest one on the data at the same path."""
    top = decisions_directory()
    if (top / key).exists():
        return top / key
    if dataset in DATASETS:
        return None
    place = _place(dataset)
    same = [path.parent for path in top.glob(f"*/{SOURCE}") if (read_json(path) or {}).get("dataset") == place]
    return max(same, key=lambda folder: (folder / SOURCE).stat().st_mtime, default=None)


def _place(dataset: str) -> str:
    return dataset if dataset in DATASETS else str(Path(dataset).expanduser().resolve())


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            yield str(path.relative_to(folder).as_posix()), path.stat().st_size


def _digest_of_names(files: Iterator[tuple[str, int]]) -> str:
    """Return a digest of files, whatever the folder that holds all of them is called."""
    entries = [(tuple(name.replace("\\", "/").split("/")), size) for name, size in files]
    kept = sorted(((parts, size) for parts, size in entries if not is_leftover(parts)))
    while len({parts[0] for parts, _ in kept}) == 1 and all(len(parts) > 1 for parts, _ in kept):
        kept = [(parts[1:], size) for parts, size in kept]
    return hashlib.sha256(json_text(kept).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(decision: Decision | None) -> list[str] | None:
    return None if decision is None else list(astuple(decision)[:5])


def _read_steps(path: Path) -> tuple[tuple[tuple[ImageKey, Decision | None], ...], ...]:
    """Return the steps in a file; none if it is missing or damaged, since only undoing needs them."""
    try:
        steps = (read_json(path) or {}).get("steps", [])
        return tuple(
            tuple(((split, name), None if before is None else Decision(*before)) for split, name, before in step)
            for step in steps
        )
    except (TypeError, ValueError, AttributeError):
        return ()
