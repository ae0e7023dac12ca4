"""Messages to the user's web address, ``$GLICO_WEBHOOK``, when a run ends or its classes collapse: a POST of JSON.

Chats that take incoming webhooks show the field ``text``. Nothing is sent on a server for visitors, and a webhook that
fails or hangs never harms a run.
"""

import os
import threading
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from glico.config.limits import is_public
from glico.formats import json_text

VARIABLE = "GLICO_WEBHOOK"
SECONDS = 3.0  # that a run waits for the webhook at most


def send(event: dict[str, Any]) -> str:
    """Post ``event`` to the webhook, if there is one. Return why that failed; empty if it did not."""
    address = os.environ.get(VARIABLE, "").strip()
    if not address or is_public():
        return ""
    if not _is_web_address(address):
        return f"{VARIABLE} is no http or https address."
    outcome = [f"{VARIABLE} did not answer within {SECONDS:g} seconds."]
    thread = threading.Thread(target=_post, args=(address, json_text(event).encode(), outcome), daemon=True)
    thread.start()
    thread.join(SECONDS)
    return outcome[0]


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _post(address: str, body: bytes, outcome: list[str]) -> None:
    """Post ``body``, and put the reason of a failure into ``outcome``, or an empty text."""
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json", "User-Agent": "glico-explorer"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # nosec B310: the scheme is checked
            outcome[0] = ""
    except Exception as error:  # a server may answer anything
        outcome[0] = f"{VARIABLE} failed: {error}."
