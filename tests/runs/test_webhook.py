"""Messages to a web address when a run ends, fails or collapses classes; a webhook never harms a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
from holding import PATIENCE
from run_helpers import SMALL, cancelled_at

from glico.runs import train_job, webhook
from glico.runs.execute import execute
from glico.runs.folder import RunFolder

CONFIG = SMALL.model_copy(update={"steps": 4})


@dataclass
class Receiver:
    """A server that keeps what it is sent, and answers with ``status``, once it ``may_answer``."""

    status: int = 200
    events: list[dict[str, object]] = field(default_factory=list)
    may_answer: Event = field(default_factory=Event)


@contextmanager
def receiving(receiver: Receiver, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve ``receiver`` at the address of the webhook."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.events.append(json.loads(body))
            receiver.may_answer.wait(PATIENCE)
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    patch.setenv(webhook.VARIABLE, f"http://127.0.0.1:{server.server_port}/hook")
    try:
        yield
    finally:
        receiver.may_answer.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(webhook, "SECONDS", PATIENCE)
    server = Receiver()
    server.may_answer.set()
    with receiving(server, monkeypatch):
        yield server


def test_webhook_hears_of_end_and_of_collapse_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_job, "_collapsed", lambda training, sample: ["cat", "dog"])
    folder = RunFolder.create(CONFIG)
    assert execute(folder).status == "done"
    collapsed, done = receiver.events
    assert collapsed["event"] == "collapsed"
    assert "cat, dog collapsed" in str(collapsed["text"])
    assert (done["event"], done["run"], done["step"]) == ("done", folder.id, 4)
    assert done["result"] == folder.result


def test_webhook_hears_of_a_failure_with_its_reason(receiver: Receiver) -> None:
    folder = RunFolder.create(CONFIG.model_copy(update={"samples_per_class": 5000}))  # more than digits has
    state = execute(folder)
    assert state.status == "failed"
    assert [event["event"] for event in receiver.events] == ["failed"]
    assert receiver.events[0]["message"] == state.message


def test_cancelled_run_sends_nothing(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(SMALL)
    with cancelled_at(folder, 2, monkeypatch):
        assert execute(folder).status == "cancelled"
    assert receiver.events == []


def test_webhook_is_silent_on_a_public_server(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    assert webhook.send({"event": "done"}) == ""
    assert receiver.events == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", ""),
        ("file:///etc/hostname", "is no http or https address"),
        ("nonsense", "is no http or https address"),
        ("http://127.0.0.1:9/", "failed"),
        ("http://[::1", "is no http or https address"),
        ("http://a b/", "failed"),
    ],
)
def test_wrong_address_is_a_line_in_the_log(address: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(webhook.VARIABLE, address)
    assert problem in webhook.send({"event": "done"})
    assert bool(webhook.send({"event": "done"})) == bool(problem)


def test_webhook_that_refuses_or_hangs_harms_no_run(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.status = 500
    folder = RunFolder.create(CONFIG)
    assert execute(folder).status == "done"
    assert "HTTP Error 500" in "\n".join(folder.log_tail(20))
    receiver.may_answer.clear()
    monkeypatch.setattr(webhook, "SECONDS", 0.1)
    assert webhook.send({"event": "done"})
