"""Checkpoints of other people, each in a folder below the runs, without a run."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from glico.checkpoints.opened import OpenCheckpoint
from glico.files import copy, open_regular, writing
from glico.places import runs_directory
from glico.runs import pytorch_work, worker
from glico.runs.folder import RunFolder
from glico.runs.naming import About


def add(path: Path, name: str = "") -> Path:
    """Copy the checkpoint at ``path`` below the runs, and return its folder. The same file is copied once.

    Raises GlicoError if it is not a checkpoint that can be read, or if the copy cannot be written.
    """
    OpenCheckpoint.load(path, other=lambda path: worker.call(pytorch_work.check_checkpoint, path))
    slug = re.sub(r"[^a-z0-9]+", "-", (name or path.stem).lower()).strip("-")[:40] or "checkpoint"
    with open_regular(path, "checkpoint_mib") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    known = sorted(runs_directory().glob(f"opened-*-{digest}/checkpoint.safetensors"))
    if known:
        return known[0].parent
    folder = runs_directory().absolute() / f"opened-{slug}-{digest}"
    copy(path, folder / "checkpoint.safetensors")
    if name:
        About(name=name).write(folder)
    return folder


def remove(folder: Path) -> None:
    """Remove a checkpoint with its folder; one that a run left, with the run. Raises GlicoError if the run is alive."""
    if (folder / "run.json").exists():
        RunFolder.open(folder).delete()
        return
    with writing(folder):
        grave = folder.with_name(f".{folder.name}.{os.getpid()}.deleted")
        folder.rename(grave)
        shutil.rmtree(grave)
