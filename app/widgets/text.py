"""Text from outside (class names, file names, messages) made safe to show: as text, never as Markdown or HTML."""

import re

from app.session import public

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'])")


def plain(text: object) -> str:
    """Return ``text`` on one line with every Markdown character escaped, so that Streamlit shows it literally.

    Visitors see only the last part of a path.
    """
    return MARKUP.sub(r"\\\1", " ".join(public.without_paths(str(text)).split()))
