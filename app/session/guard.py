"""Checks of requests before Streamlit sees them: the names that the app is served under, the size of uploads, and what
visitors' pages say.

Streamlit looks at the ``Host`` of a WebSocket alone, and holds every upload in memory until a later session comes. An
ASGI middleware comes before all its addresses.
"""

import asyncio
import ipaddress
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg

from glico.config.limits import LIMITS, is_public, limit
from glico.data.text import plain_text

UPLOAD, METRICS = "/_stcore/upload_file/", "/_stcore/metrics"
MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"})
"""The kinds of messages that a visitor's page may send. Others would empty all caches or ask git about the checkout."""
SWEEP_SECONDS = 5.0  # how often ended sessions are forgotten
_refusals: dict[str, str] = {}  # session -> why an upload of its page was refused


class Guard:
    """The middleware that refuses requests and bounds uploads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.uploads = Uploads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request that is not for this app; pass any other on."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if words := refusal(headers.get("host"), headers.get("origin"), scope["type"] == "websocket"):
            return await _refuse(403, words, scope, receive, send)
        path = scope["path"]
        if is_public() and path.endswith(METRICS):
            return await _refuse(404, "Not found", scope, receive, send)
        if scope["type"] == "http" and scope["method"] == "PUT" and UPLOAD in path:
            return await self._upload(path.rpartition(UPLOAD)[2], scope, receive, send)
        if scope["type"] == "websocket" and is_public():
            return await self.app(scope, _of_visitors(receive), send)
        return await self.app(scope, receive, send)

    async def _upload(self, place: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an upload on, unless the session or the server would hold too much."""
        session = place.partition("/")[0]
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and (words := self.uploads.refusal(session, int(stated))):
            _refusals[session] = words
            return await _refuse(413, words, scope, receive, send)
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            self.uploads.arriving[session] += len(message.get("body", b""))
            if words := self.uploads.refusal(session, 0):  # whatever was stated
                _refusals[session] = words
                raise HTTPException(413, words)
            return message

        try:
            await self.app(scope, counted, send)
        finally:
            self.uploads.arriving[session] -= arrived


def _of_visitors(receive: Receive) -> Receive:
    """Return ``receive`` without the messages by which a visitor would change the pages of others."""

    async def allowed() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_allowed(message.get("bytes") or b""):
                return message

    return allowed


def _is_allowed(content: bytes) -> bool:
    """Return whether a visitor's page may send this. Streamlit itself refuses what it cannot read."""
    try:
        return BackMsg.FromString(content).WhichOneof("type") in MESSAGES
    except DecodeError:
        return True


def take_refusal(session: str) -> str:
    """Return why an upload of this session was refused since the last call; empty if none was."""
    return _refusals.pop(session, "")


class Uploads:
    """The uploaded files that the server holds in memory: those arriving, and those of sessions."""

    def __init__(self) -> None:
        self.arriving: Counter[str] = Counter()  # bytes by session

    def refusal(self, session: str, further: int) -> str:
        """Return why a session may not upload ``further`` bytes, or "" if it may."""
        sizes = Counter({name: sum(len(file.data) for file in files.values()) for name, files in _held().items()})
        sizes.update(self.arriving)
        for limit_name, count in (("session_mib", sizes[session]), ("server_mib", sizes.total())):
            if count + further > limit(limit_name) * 2**20:
                return (
                    f"More than {limit(limit_name):,} {LIMITS[limit_name].what}: try again later, with a smaller file. "
                    f"GLICO_LIMIT_{limit_name.upper()}=N in the server's environment raises the limit."
                )
        return ""


def _held() -> dict[str, dict[str, Any]]:
    """The files that Streamlit holds, by session and by their own names."""
    manager: Any = runtime.get_instance().uploaded_file_mgr
    return dict(manager.file_storage)


@asynccontextmanager
async def forgetting(app: object) -> AsyncIterator[None]:
    """Free the uploads of ended sessions, for as long as the server runs.

    Streamlit keeps a session whose page is gone for ``server.disconnectedSessionTTL`` seconds, and then until another
    one comes.
    """
    gone: dict[str, float] = {}  # session -> since when

    async def work() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            with suppress(Exception):  # the next one is tried again
                forget(gone, time.monotonic())

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()


def forget(gone: dict[str, float], now: float) -> None:
    """Free the uploads of sessions that have been ``gone`` for too long, and note which are."""
    server: Any = runtime.get_instance()
    kept_for = st.get_option("server.disconnectedSessionTTL")
    for session in _held():
        if server.is_active_session(session):
            gone.pop(session, None)
        elif now - gone.setdefault(session, now) >= kept_for:
            server.uploaded_file_mgr.remove_session_files(session)
            _refusals.pop(session, None)
            del gone[session]
    len(server._session_mgr._session_storage._cache)  # which forgets the sessions themselves, and what they exported


def refusal(host: str | None, origin: str | None, is_socket: bool) -> str:
    """Return why a request with these headers is not for this app, or "" if it is.

    A page of another site reaches this machine by a name of its own that resolves to it, so only known names are
    allowed. An address is always allowed. Only this app's pages open WebSockets, and programs, which send no origin.
    """
    name = _hostname(f"//{host}") if host else None
    if name is None or not (_is_address(name) or name in served_names() or "*" in _given_names()):
        shown = plain_text(name or "", 80)
        return f"This app is not served under the name {shown!r}. If it should be, start it with glico app --host NAME."
    allowed = {*st.get_option("server.corsAllowedOrigins")}
    if is_socket and origin is not None and urlsplit(origin).netloc != host and origin not in allowed:
        return "A page of another site cannot open this app."
    return ""


def served_names() -> frozenset[str]:
    """Return the names that this app is served under: "localhost", the given names and, with ``--public``, those of the
    machine in its network."""
    names = {"localhost", *_given_names()}
    if is_public():
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local", socket.getfqdn().lower()}
    return frozenset(names)


def _given_names() -> set[str]:
    names = [*os.environ.get("GLICO_HOSTS", "").split(","), st.get_option("browser.serverAddress") or ""]
    return {name.strip().lower().rstrip(".") for name in names if name.strip()}


def _hostname(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises if it is not a number
        plain = parts.username is None and not parts.path and not parts.query and not parts.fragment
        return parts.hostname.rstrip(".") if plain and parts.hostname else None
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(status: int, words: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with one sentence; a WebSocket is refused as it is by Streamlit, with status 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": words[:120]})
    else:
        await PlainTextResponse(words, status)(scope, receive, send)
