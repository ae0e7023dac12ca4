"""Join ES modules into one script, for a Streamlit component or for an HTML file that needs no server.

Why not esbuild: ``pip install`` must give readable sources and a page without npm.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from glico.config.limits import check
from glico.formats import json_text

PACKAGE = Path(__file__).resolve().parents[1]
IMPORT = re.compile(r'^import \{([^}]*)\} from "((?:\.{1,2}|glico)/[^"]+)"$', re.MULTILINE)
COMMENT = re.compile(r"^ *(//.*|/\*\*(?:(?!\*/)[\s\S])*\*/)\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


@cache
def bundle(entry: Path) -> str:
    """Return the module ``entry`` and all that it imports as one script, without comments; only its exports remain.

    Every module has its own scope and runs once, before those that import it. The known forms are
    ``import { a, b as c } from "./file.js"`` (or from "glico/...", relative to this package) and ``export`` before a
    function, a class or a const; only the entry may have a default export. Raises ValueError for other forms, for a
    name that a module does not export, and for a circle.
    """
    exported: dict[Path, list[str]] = {}
    scopes: list[str] = []

    def join(path: Path, importers: tuple[Path, ...]) -> str:
        """Return the module's text, with its imports taken from the scopes before it."""

        def binding(match: re.Match[str]) -> str:
            inside = match[2].startswith("glico/")
            module = (PACKAGE.parent / match[2] if inside else path.parent / match[2]).resolve()
            if module in importers:
                raise ValueError(f"{path.name} and {module.name} import each other.")
            if module not in exported:
                text = join(module, (*importers, module))
                names = exported[module] = EXPORT.findall(text)
                body = _checked(EXPORT.sub("", text), module)
                scopes.append(f"const {_scope(module)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();\n")
            names_imported = [name.split(" as ") for name in match[1].replace(",", " , ").split(" , ") if name.strip()]
            for name, *_ in names_imported:
                if name.strip() not in exported[module]:
                    raise ValueError(f"{path.name} imports {name.strip()}, which {module.name} does not export.")
            bindings = ", ".join(": ".join(part.strip() for part in name) for name in names_imported)
            return f"const {{ {bindings} }} = {_scope(module)};"

        def _scope(module: Path) -> str:
            return f"module{list(exported).index(module)}"

        return IMPORT.sub(binding, COMMENT.sub("", path.read_text("utf-8")))

    entry = entry.resolve()
    text = join(entry, (entry,))
    return "".join(scopes) + _checked(text, entry)


def _checked(text: str, path: Path) -> str:
    left = re.search(r"^(import\b|export (?!default |(?:async )?(?:function|class|const) )).*", text, re.MULTILINE)
    if left:
        raise ValueError(f"{path.name}: the bundler does not know this form: {left[0]}")
    return text


HERE = Path(__file__).parent


GENERATES = " 'wasm-unsafe-eval'; worker-src blob:"
"""Sources that the page's content policy also allows if a generator runs in it."""


def offline_page(
    title: str, body: str, style: str, script: str, data: Mapping[str, Any], *, generates: bool = False
) -> str:
    """Return a page with ``body`` in HTML and a module ``script`` that reads ``data`` as JSON from ``#data``.

    ``title`` and ``data`` are escaped: they are only ever text. ``generates`` says whether a generator runs in the
    page. Raises GlicoError beyond the limit of an export.
    """
    script = f"\n{script}\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()  # no other script runs
    written = json_text(data, separators=(",", ":")).replace("<", "\\u003c")
    check("export_mib", len(written) // 2**20, "This page")
    parts = {
        "POLICY": GENERATES if generates else "",
        "TITLE": escape(title),
        "BODY": body,
        "STYLE": style,
        "SCRIPT": script,
        "DIGEST": digest,
        "DATA": written,
    }
    before, *pieces = (HERE / "offline.html").read_text("utf-8").split("{{")
    return before + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces))
