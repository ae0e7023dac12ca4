"""What runs in a browser, for the app and for files that need no app: scripts, styles, and the pictures they draw."""

from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
COMMON = ("dom.js", "sprite.js")  # what every script here builds upon


def source(names: Sequence[str]) -> str:
    """The texts of these files of the package, one after another."""
    return "".join((HERE / name).read_text("utf-8") for name in names)
