"""The scrubber: a path's frames in the browser, moved by a hand at display rate; on a page, or in a file alone."""

import json
import os
from html import escape
from pathlib import Path

from glico.files import replacing, writing
from glico.web import COMMON, source
from glico.web.scrubber.content import Content

SCRIPT = source([*COMMON, *(f"scrubber/{name}.js" for name in ("stage", "films", "charts", "scrubber"))])
STYLE = source(["scrubber/scrubber.css"])


def offline_page(content: Content, start: float, title: str) -> str:
    """One HTML file with the scrubber in it at t = ``start``, frames and all: asks nothing of a network."""
    data = json.dumps({**content, "start": start}, separators=(",", ":")).replace("<", "\\u003c")
    parts = {"TITLE": escape(title), "STYLE": STYLE, "SCRIPT": SCRIPT, "DATA": data}
    before, *pieces = source(["scrubber/offline.html"]).split("{{")
    return before + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces))


def write_offline_page(content: Content, start: float, title: str, output: str | os.PathLike[str]) -> Path:
    """Write it to ``output``, whole or not at all. Raises GlicoError for a folder that cannot be written to."""
    output = Path(output)
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        with replacing(output) as partial:
            partial.write_text(offline_page(content, start, title), "utf-8")
    return output
