"""How much is read of a file from a stranger, done for a visitor, kept on the disk: every limit, and what raises it."""

import os
from dataclasses import dataclass

from glico.errors import GlicoError


@dataclass(frozen=True)
class Limit:
    """``value`` holds unless ``$GLICO_LIMIT_NAME`` says otherwise; ``what`` it counts, as a sentence goes on."""

    value: int
    what: str


LIMITS = {
    # data sets
    "entries": Limit(100_000, "files and folders"),
    "depth": Limit(32, "folders inside one another"),
    "classes": Limit(5_000, "classes"),
    "images": Limit(1_000_000, "images"),
    "name": Limit(1_000, "characters in a name"),
    "line": Limit(10_000, "characters in a line"),
    "megapixels": Limit(80, "million pixels in one image"),  # more than any camera's usual picture
    "total_megapixels": Limit(4_000, "million pixels to decode"),  # a JPEG is decoded no larger than is needed
    "image_mib": Limit(1_024, "MiB in one file of an image folder"),
    "file_mib": Limit(256, "MiB in one file of an archive"),  # each is held in memory while it is decoded
    "unpacked_mib": Limit(4_096, "MiB when unpacked"),
    "memory_mib": Limit(8_192, "MiB of prepared images"),
    "archive_mib": Limit(16_384, "MiB in an archive"),
    "text_mib": Limit(256, "MiB of text"),
    # checkpoints
    "checkpoint_mib": Limit(4_096, "MiB in a checkpoint"),
    "header_kib": Limit(4_096, "KiB of header"),
    "nesting": Limit(32, "levels of nesting in its header"),
    "tensors": Limit(20_000, "tensors"),
    "class_name": Limit(200, "characters in the name of a class"),
    "codes": Limit(1_000_000, "codes"),
    # what runs write, and what else is read
    "json_mib": Limit(64, "MiB of JSON"),
    "arrays_mib": Limit(2_048, "MiB in a file of arrays"),
    "metrics_mib": Limit(4_096, "MiB of metrics or of a log"),
    "weights_mib": Limit(4_096, "MiB of weights"),
    # what is asked for
    "generated_megapixels": Limit(500, "million pixels to generate at once"),
    "film_points": Limit(2_000_000, "points in all of its steps"),
    "film_megapixels": Limit(1_000, "million pixels in all of its frames"),
    "export_mib": Limit(512, "MiB to export"),
    # what is kept
    "uploads_mib": Limit(8_192, "MiB of uploads, of which glico clean removes those that no run needs"),
    "projections_mib": Limit(1_024, "MiB of projections"),  # beyond it, those go that were not used for longest
}  # fmt: skip


def limit(name: str) -> int:
    """The limit called ``name``. Raises GlicoError where the environment holds no whole number for it."""
    variable = f"GLICO_LIMIT_{name.upper()}"
    said = os.environ.get(variable)
    if said is None:
        return LIMITS[name].value
    if not said.isdecimal() or int(said) < 1:
        raise GlicoError(f"{variable} is {said[:40]!r}, but it takes a whole number from 1.")
    return int(said)


def beyond(name: str, where: str) -> GlicoError:
    """The error of ``where`` having more than ``limit(name)``."""
    return GlicoError(
        f"{where} has more than {limit(name):,} {LIMITS[name].what}, the limit; GLICO_LIMIT_{name.upper()}=N in the "
        "environment raises it."
    )


def check(name: str, count: int, where: str) -> None:
    """Raises GlicoError where ``count`` is more than ``limit(name)``."""
    if count > limit(name):
        raise beyond(name, where)
