"""Text from outside (class names, file names, messages) made safe to show: always text, never Markdown or HTML."""

import re

from app.session import public

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'])")


def plain(text: object) -> str:
    """``text`` with every Markdown character escaped, on one line, so that Streamlit shows it letter by letter.

    Where visitors read it, of a path there is the name alone.
    """
    return MARKUP.sub(r"\\\1", " ".join(public.without_paths(str(text)).split()))


def counted(number: int, what: str) -> str:
    """``counted(2, "run")`` -> "2 runs"."""
    return f"{number} {what}{'s' * (number != 1)}"
