"""In front of a real server: the names that it is served under, pages of other sites, uploads, what is closed."""

import asyncio
import http.client
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.session import guard
from benchmarks.browser import served
from benchmarks.processes import child, resident
from benchmarks.sessions import Session, run_visits
from glico.cli import app as app_command
from glico.cli.main import main
from glico.places import HOME

KEY = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
COMMANDS = {
    "streamlit": (sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
    "glico": (sys.executable, "-m", "glico", "app"),
    "public": (sys.executable, "-m", "glico", "app", "--public", "--host", "class.example"),
}


class Server:
    """A server of this test."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, host: str | None = None, body: bytes | None = None, **headers: str
    ) -> tuple[int, str]:
        """Return the status and the first of the text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Host": host or f"127.0.0.1:{self.port}"} | given)
            answer = connection.getresponse()
            return answer.status, "" if answer.status == 101 else answer.read(300).decode()
        finally:
            connection.close()

    def handshake(self, host: str | None = None, origin: str | None = None) -> int:
        """Return the status with which a WebSocket is opened or refused."""
        return self.ask("GET", "/_stcore/stream", host, **KEY, **({"Origin": origin} if origin else {}))[0]


@contextmanager
def serving(command: str, places: Path, *options: str, **environment: str) -> Iterator[Server]:
    folders = {f"GLICO_{name}": str(places / name.lower()) for name in ("RUNS", "CACHE", "UPLOADS")}
    with served((*COMMANDS[command], *options), HOME, places / "log.txt", folders | environment) as address:
        yield Server(int(address.rpartition(":")[2]))


@pytest.mark.slow
@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_foreign_name_or_site_gets_no_page_and_no_socket(command: str, own_places: Path) -> None:
    """A name that a stranger lets resolve to this machine, and a page of another site, reach nothing of the app."""
    with serving(command, own_places) as server:
        port = server.port
        for name in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", f"192.168.1.7:{port}"):
            assert server.handshake(name) == 101, name
            assert server.handshake(name, f"http://{name}") == 101, name
            assert server.ask("GET", "/", name)[0] == 200
        given = f"class.example:{port}"
        assert server.handshake(given, f"http://{given}") == (101 if command == "public" else 403)
        for name in (f"evil.example:{port}", "localhost.evil.example", "a@localhost", "localhost/x", ""):
            assert server.handshake(name or " ", f"http://{name}") in (400, 403), name
            assert server.ask("GET", "/", name or " ")[0] in (400, 403), name
        assert "not served under the name 'evil.example'" in server.ask("GET", "/", "evil.example")[1]
        for origin in ("http://evil.example", f"http://localhost:{port + 1}", "null"):
            assert server.handshake(f"localhost:{port}", origin) == 403, origin
        assert server.ask("GET", "/_stcore/metrics")[0] == (404 if command == "public" else 200)
        assert server.ask("GET", "/_stcore/health")[0] == 200
        listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if " 0A " in line}
        everyone = "00000000" if command == "public" else "0100007F"
        assert {each for each in listening if each.endswith(f":{port:04X}")} == {f"{everyone}:{port:04X}"}


@pytest.mark.slow
def test_no_server_asks_the_internet_for_its_address(own_places: Path) -> None:
    """Streamlit would, to print it or where a page of another site opens a WebSocket."""
    (own_places / "hook").mkdir()
    (own_places / "hook" / "sitecustomize.py").write_text(
        "import socket, sys\n"
        "def hook(event, arguments):\n"
        "    if event == 'socket.getaddrinfo' and 'amazonaws' in str(arguments[0]):\n"
        f"        open({str(own_places / 'asked')!r}, 'a').write(str(arguments))\n"
        "sys.addaudithook(hook)\n"
    )
    environment = {"PYTHONPATH": f"{own_places / 'hook'}:{HOME}"}
    for command in COMMANDS:
        with serving(command, own_places, **environment) as server:
            assert server.handshake(origin="http://evil.example") == 403
    assert not (own_places / "asked").exists()


# -- uploads


def put(server: Server, session: str, name: str, mib: int) -> tuple[int, str]:
    """Upload a file of zeros as a page's widget does."""
    boundary = "limit"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'.encode()
    body = head + bytes(mib * 2**20) + f"\r\n--{boundary}--\r\n".encode()
    token = "2|0|0|0"  # XSRF protection is off in these tests: it is Streamlit's own
    return server.ask(
        "PUT", f"/_stcore/upload_file/{session}/{name}", body=body,
        Content_Type=f"multipart/form-data; boundary={boundary}", X_Xsrftoken=token,
    )  # fmt: skip


@pytest.mark.slow
def test_uploads_are_bounded_and_freed_with_their_session(own_places: Path) -> None:
    """Twelve files of 50 MB put to the upload address stay in memory no longer than their session."""
    limits = {"GLICO_LIMIT_SESSION_MIB": "40", "GLICO_LIMIT_SERVER_MIB": "60"}
    options = ("--server.disconnectedSessionTTL", "1", "--server.enableXsrfProtection", "false")
    with serving("glico", own_places, *options, **limits) as server:
        process = child(b"glico")
        address = f"http://127.0.0.1:{server.port}"

        async def visit() -> None:
            async with Session(address) as one, Session(address) as other:
                await one.open("train", "train")
                await other.open("train", "train")
                before = resident(process)
                answers = [put(server, one.id, f"{i}", 15) for i in range(12)]
                assert [status for status, _ in answers[:2]] == [204, 204]
                assert {status for status, _ in answers[2:]} == {413}
                assert "More than 40 MiB of uploads held for one page" in answers[2][1]
                assert put(server, other.id, "a", 15)[0] == 204
                status, words = put(server, other.id, "b", 20)
                assert (status, "for all pages" in words) == (413, True)
                assert resident(process) - before < 150 * 2**20
                assert put(server, "nobody", "a", 1)[0] == 400

        run_visits(visit())
        freed: list[int] = []

        async def again() -> None:
            async with Session(address) as third:
                await third.open("train", "train")
                for _ in range(300):
                    freed.append(put(server, third.id, "c", 38)[0])
                    if freed[-1] == 204:
                        return
                    await asyncio.sleep(0.2)

        run_visits(again())
        assert freed[-1] == 204, "what the first two held is free"


def test_uploads_of_ended_session_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody needs to upload again for that."""
    held: dict[str, dict[str, Any]] = {name: {"f": SimpleNamespace(data=bytes(10))} for name in ("here", "gone")}
    server = SimpleNamespace(
        uploaded_file_mgr=SimpleNamespace(file_storage=held, remove_session_files=lambda name: held.pop(name)),
        is_active_session=lambda name: name == "here",
        _session_mgr=SimpleNamespace(_session_storage=SimpleNamespace(_cache={})),
    )
    monkeypatch.setattr(guard.runtime, "get_instance", lambda: server)
    gone: dict[str, float] = {}
    guard.forget(gone, 0.0)
    guard.forget(gone, 119.0)
    assert set(held) == {"here", "gone"}, "it may come back"
    guard.forget(gone, 121.0)
    assert set(held) == {"here"}
    assert gone == {}


# -- what a visitor's page may say over its WebSocket


MESSAGES = {
    "rerun_script": True, "stop_script": True, "app_heartbeat": True, "file_urls_request": True,
    "backend_operation_request": True, "clear_cache": False, "load_git_info": False, "set_run_on_save": False,
    "debug_disconnect_websocket": False, "debug_shutdown_runtime": False,
}  # fmt: skip


def test_every_kind_of_message_is_known() -> None:
    """A kind that another version of Streamlit adds is refused until somebody has looked at it."""
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} == set(MESSAGES)


@pytest.mark.parametrize("public", [True, False])
def test_visitors_message_changes_their_own_page_alone(public: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It empties no cache of all visitors and reads nothing of the checkout; the owner's may."""
    monkeypatch.setenv("GLICO_PUBLIC", "1" if public else "0")
    sent = {name: message_of(name) for name in MESSAGES} | {"empty": b"", "damaged": b"no message"}
    refused = {name for name, is_allowed in MESSAGES.items() if not is_allowed} | {"empty"} if public else set()
    assert reached(list(sent.values())) == [content for name, content in sent.items() if name not in refused]


def message_of(kind: str) -> bytes:
    """Return a message of this kind as a page sends it."""
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    return message.SerializeToString()


def reached(contents: list[bytes]) -> list[bytes]:
    """Send these messages over a WebSocket; return those that the app gets."""
    arrived: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            arrived.append(message["bytes"])

    waiting: list[Message] = [{"type": "websocket.receive", "bytes": content} for content in contents]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        return

    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", b"localhost")]}
    run_visits(guard.Guard(app)(scope, receive, send))
    return arrived


def test_public_server_shows_no_trace_of_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw would show the paths of the server, and an unfinished message fill its memory."""
    monkeypatch.setenv("GLICO_PUBLIC", "0")
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(app_command.runpy, "run_module", lambda *_, **__: None)
    main(["app", "--public"])
    options = dict(pairwise(sys.argv))
    assert options["--client.showErrorDetails"] == "none"
    assert int(options["--server.maxMessageSize"]) <= 100
