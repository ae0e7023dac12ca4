"""Limits on untrusted files, visitors and disk use, and the environment variables that raise them."""

import os
from dataclasses import dataclass

from glico.errors import GlicoError


@dataclass(frozen=True)
class Limit:
    """The default ``value``, which ``$GLICO_LIMIT_NAME`` replaces, and ``what`` it counts, as used in its error."""

    value: int
    what: str
    public: int | None = None
    """The default for visitors of a public server, if it is another."""


def is_public() -> bool:
    """Return whether the app is shown to visitors: ``glico app --public`` sets ``$GLICO_PUBLIC``."""
    return os.environ.get("GLICO_PUBLIC") == "1"


LIMITS = {
    # data sets
    "entries": Limit(100_000, "files and folders"),
    "depth": Limit(32, "folders inside one another"),
    "classes": Limit(5_000, "classes"),
    "images": Limit(1_000_000, "images"),
    "name": Limit(1_000, "characters in a name"),
    "line": Limit(10_000, "characters in a line"),
    "megapixels": Limit(80, "million pixels in one image"),  # more than any camera's usual picture
    "total_megapixels": Limit(4_000, "million pixels to decode", public=500),  # JPEGs are decoded at reduced size
    "image_mib": Limit(1_024, "MiB in one file of an image folder"),
    "file_mib": Limit(256, "MiB in one file of an archive"),  # each is held in memory while it is decoded
    "unpacked_mib": Limit(4_096, "MiB when unpacked", public=1_024),
    "memory_mib": Limit(8_192, "MiB of prepared images", public=1_024),
    "archive_mib": Limit(16_384, "MiB in an archive"),
    "text_mib": Limit(256, "MiB of text"),
    # checkpoints
    "checkpoint_mib": Limit(4_096, "MiB in a checkpoint"),
    "header_kib": Limit(4_096, "KiB of header"),
    "nesting": Limit(32, "levels of nesting in its header"),
    "tensors": Limit(20_000, "tensors"),
    "class_name": Limit(200, "characters in the name of a class"),
    "codes": Limit(1_000_000, "codes"),
    # files that runs write, and others that are read
    "json_mib": Limit(64, "MiB of JSON"),
    "arrays_mib": Limit(2_048, "MiB in a file of arrays"),
    "metrics_mib": Limit(4_096, "MiB of metrics or of a log"),
    "weights_mib": Limit(4_096, "MiB of weights"),
    # requests
    "generated_megapixels": Limit(500, "million pixels to generate at once", public=100),
    "film_points": Limit(2_000_000, "points in all of its steps"),
    "film_megapixels": Limit(1_000, "million pixels in all of its frames", public=200),
    "export_mib": Limit(512, "MiB to export", public=128),
    # requests of visitors
    "visitor_runs": Limit(12, "runs a day from one address"),
    "visitor_queue": Limit(20, "runs that work or wait, of all visitors together"),
    "visitor_minutes": Limit(30, "minutes of work for a visitor's run"),
    "visitor_steps": Limit(5_000, "steps for a visitor's run"),
    "visitor_pixels": Limit(64, "pixels on a side for a visitor's run"),
    "visitor_channels": Limit(64, "channels for a visitor's run"),
    "visitor_dimension": Limit(512, "dimensions for a visitor's run"),
    "visitor_batch": Limit(256, "images per step for a visitor's run"),
    "visitor_samples": Limit(200, "images per class for a visitor's run"),
    "visitor_unlabelled": Limit(10_000, "unlabelled images for a visitor's run"),
    "visitor_times": Limit(100, "times for a visitor's run"),
    "visitor_depth": Limit(32, "layers of a visitor's classifier"),
    "visitor_width": Limit(2, "times its usual width for a visitor's classifier"),
    # uploads in memory
    "session_mib": Limit(2_048, "MiB of uploads held for one page", public=128),
    "server_mib": Limit(4_096, "MiB of uploads held for all pages", public=512),
    # files on disk
    "uploads_mib": Limit(8_192, "MiB of uploads, of which glico clean removes those that no run needs", public=2_048),
    "fields_mib": Limit(64, "MiB of displacement fields"),  # the least recently used are deleted first
    "projections_mib": Limit(1_024, "MiB of projections"),  # the least recently used are deleted first
}


def limit(name: str) -> int:
    """Return the limit ``name``. Raises GlicoError if its environment variable is not a positive integer."""
    variable = f"GLICO_LIMIT_{name.upper()}"
    text = os.environ.get(variable)
    if text is None:
        entry = LIMITS[name]
        return entry.value if entry.public is None or not is_public() else entry.public
    if not text.isdecimal() or int(text) < 1:
        raise GlicoError(f"{variable} must be a positive integer, not {text[:40]!r}.")
    return int(text)


def beyond(name: str, where: str) -> GlicoError:
    """Return the error for ``where`` exceeding ``limit(name)``."""
    return GlicoError(
        f"{where} has more than {limit(name):,} {LIMITS[name].what}, the limit; GLICO_LIMIT_{name.upper()}=N in the "
        "environment raises it."
    )


def check(name: str, count: int, where: str) -> None:
    """Raise GlicoError if ``count`` exceeds ``limit(name)``."""
    if count > limit(name):
        raise beyond(name, where)
