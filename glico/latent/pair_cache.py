"""The pairs that morph best on disk, a file per checkpoint, named by the images of its registered classes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from glico.config.limits import limit
from glico.files import evict, read_json, write_atomically
from glico.formats import json_text
from glico.latent import field_cache
from glico.places import SHIPPED
from glico.types import Images

Pairs = list[tuple[int, int, float]]  # two rows and the score of their morph, best first


def key(classes: Sequence[Images]) -> str:
    """Return the key of the pairs of these ``classes``, each (n, H, W, C) uint8, in the order of their labels."""
    return hashlib.sha256(" ".join(map(field_cache.key, classes)).encode()).hexdigest()[:32]


def find(name: str, count: int) -> Pairs | None:
    """Return the pairs of this ``key`` among ``count`` images: shipped, or from the cache; None without sound ones."""
    for folder in (SHIPPED / "fields", field_cache.directory()):
        try:
            stored = (read_json(folder / f"{name}.json") or {})["pairs"]
            pairs = [(int(a), int(b), float(score)) for a, b, score in stored]
        except (ValueError, TypeError, KeyError, OverflowError):  # missing or damaged
            continue
        if all(0 <= a < count and 0 <= b < count and 0 <= score <= 1 for a, b, score in pairs):
            return pairs
    return None


def save(name: str, pairs: Pairs, folder: Path | None = None) -> None:
    """Write the pairs at once or not at all, by default to the cache, which keeps the latest."""
    path = (folder or field_cache.directory()) / f"{name}.json"
    content = json_text({"pairs": [(a, b, round(score, 4)) for a, b, score in pairs]})
    write_atomically(path, content.encode() + b"\n", parents=True)
    if folder is None:
        others = (other for other in path.parent.glob("*.json") if other != path)
        evict(others, limit("fields_mib") * 2**20)
