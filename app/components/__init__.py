"""Components of Streamlit's second kind: Python beside what runs in the browser.

What holds lists or dictionaries is handed over as JSON in bytes: a dictionary Streamlit would search for data frames,
for which it imports pandas, and write as JSON at every run of the page, twice.
"""

from collections.abc import Mapping
from typing import Any

from glico.formats import json_text


def packed(content: Mapping[str, Any] | bytes, **more: Any) -> bytes:
    """``content``, which may be packed already, and ``more`` beside it: as the browser's ``unpacked`` reads it."""
    written = content if isinstance(content, bytes) else json_text(content, separators=(",", ":")).encode()
    return written[:-1] + b"," + json_text(more).encode()[1:] if more else written
