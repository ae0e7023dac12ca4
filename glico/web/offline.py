"""A part of the app in one HTML file: styles, script and data in it; asks nothing of a network."""

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def offline_page(title: str, body: str, style: str, script: str, data: Mapping[str, Any]) -> str:
    """The page: ``body`` in HTML, and a module ``script`` that finds ``data`` as JSON in the element ``#data``.

    Whatever is in ``title`` and ``data`` is text and nothing else.
    """
    script = f"\n{script}\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()  # no other script runs
    written = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    parts = {"TITLE": escape(title), "BODY": body, "STYLE": style, "SCRIPT": script, "DIGEST": digest, "DATA": written}
    before, *pieces = (HERE / "offline.html").read_text("utf-8").split("{{")
    return before + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces))
