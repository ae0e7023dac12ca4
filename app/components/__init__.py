"""Streamlit components (v2): each folder has its Python and what runs in the browser.

Lists and dictionaries are passed as JSON in bytes. Streamlit would search a dictionary for data frames, for which it
imports pandas, and serialise it twice at every run of the page.
"""

from collections.abc import Mapping
from typing import Any

from glico.formats import json_text


def packed(content: Mapping[str, Any] | bytes, **more: Any) -> bytes:
    """Return ``content``, which may be packed already, and ``more`` as bytes for the browser's ``unpacked``."""
    written = content if isinstance(content, bytes) else json_text(content, separators=(",", ":")).encode()
    return written[:-1] + b"," + json_text(more).encode()[1:] if more else written
