"""When a file was last changed: what names the content that is cached of it."""

from pathlib import Path


def time_of(path: Path) -> int:
    """When the file was last changed, in nanoseconds; 0 where there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0
