"""Bounds on a visitor's configuration: no file of this machine, no download, and nothing that works for hours.

``forms.validated`` asks here, so that no preview, no estimate and no run is made of a visitor's form without it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glico.config import Config, FieldDescription
from glico.config.limits import is_public, limit
from glico.data import DATASETS
from glico.errors import GlicoError
from glico.places import SHIPPED, decisions_directory, runs_directory, uploads_directory

MOST = {  # field -> the limit of glico.config.limits on it
    "steps": "visitor_steps",
    "resolution": "visitor_pixels",
    "generator_width": "visitor_channels",
    "discriminator_width": "visitor_channels",
    "dimension": "visitor_dimension",
    "noise_dimension": "visitor_dimension",
    "batch_size": "visitor_batch",
    "samples_per_class": "visitor_samples",
    "unlabelled_limit": "visitor_unlabelled",
    "evaluations": "visitor_times",
    "snapshots": "visitor_times",
}
NETWORKS = ("classifier", "weak_classifier")
WIDE, DEEP = re.compile(r"wideresnet-(\d+)-(\d+)"), re.compile(r"(?:resnet|vgg)(\d+)")


def withheld(field: FieldDescription) -> bool:
    """Return whether a form does not offer this field: it names a file or lets the server download, and a visitor
    asks."""
    return is_public() and (field.names_file or field.name == "download")


def fault(name: str, value: Any) -> str:
    """Return in a few words how a visitor's value of a field exceeds its bound; an empty text if it does not."""
    if not is_public():
        return ""
    if name in NETWORKS:
        return _network_fault(str(value))
    if name == "groups" and str(value).startswith("name:"):
        return "cannot be a pattern for a visitor, because a pattern can run for hours"
    most = limit(MOST[name]) if name in MOST and isinstance(value, int) else None
    return f"must be at most {most} for a visitor" if most is not None and value > most else ""


def check(config: Config) -> None:
    """Raise GlicoError if a visitor may not request this configuration. The owner may request any."""
    if not is_public():
        return
    check_files(config)
    values = config.model_dump()
    if values.get("download"):
        raise GlicoError("Visitors cannot download data sets: choose one that is on this machine, or upload yours.")
    for name, value in config.used(values).items():
        if words := fault(name, value):
            raise GlicoError(f"{name.replace('_', ' ').capitalize()}: {words}, not {value}.")
    known = DATASETS.get(values.get("dataset") or "")
    if known is not None and values.get("resolution", 0) is None and known.resolution > limit("visitor_pixels"):
        raise GlicoError(f"Resolution: choose at most {limit('visitor_pixels')} pixels for this data set as a visitor.")


def check_files(config: Config) -> None:
    """Raise GlicoError if the configuration names a file that a visitor may not read."""
    if not is_public():
        return
    for name, value in _files(config):
        if not _is_offered(name, value):
            raise GlicoError(f"{name.replace('_', ' ').capitalize()}: visitors cannot name files of this machine.")


def _files(config: Config) -> Iterator[tuple[str, str]]:
    """The fields that name something, and the kind of thing they name."""
    for name in config.names():
        value = getattr(config, name)
        if config.describe(name).names_file and value:
            yield name, str(value)


def _is_offered(name: str, value: str) -> bool:
    """Whether the pages offer this to every visitor, or a visitor uploaded it."""
    if name == "dataset":
        return value in DATASETS or _lies_in(value, uploads_directory())
    if name == "decisions":
        return _lies_in(value, decisions_directory())
    if name in ("checkpoint", "warm_start"):
        return value.endswith(".safetensors") and (_lies_in(value, SHIPPED) or _lies_in(value, runs_directory()))
    return False


def _lies_in(value: str, place: Path) -> bool:
    try:
        return Path(value).resolve().is_relative_to(place.resolve())
    except (OSError, ValueError):  # no path at all
        return False


def _network_fault(network: str) -> str:
    match = WIDE.fullmatch(network) or DEEP.fullmatch(network)
    if match is None:
        return ""
    depth, width = limit("visitor_depth"), limit("visitor_width")
    sizes = [int(size) for size in match.groups()]
    if sizes[0] > depth or sizes[1:] > [width]:
        return f"must have at most {depth} layers and width {width} for a visitor"
    return ""
