"""What strangers wrote, as one line that can be shown."""

import unicodedata


def plain_text(name: str, limit: int = 120) -> str:
    """A stranger's name as one line of plain text: composed Unicode, nothing invisible, at most ``limit`` long.

    Control, direction and undecodable characters become U+FFFD; the joiners that scripts need are kept.
    """
    composed = unicodedata.normalize("NFC", name)
    shown = "".join(c if c.isprintable() or c in "\u200c\u200d" else "\ufffd" for c in composed)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def reason(error: BaseException) -> str:
    """Why a library refused, in its own words: the first line, without a full stop."""
    return plain_text((str(error) or type(error).__name__).splitlines()[0].rstrip("."), limit=300)
