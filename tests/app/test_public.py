"""What a visitor may not do where the app is shown to a class."""

import http.client
import os
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session import public, uploads
from app.widgets.text import plain
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.places import HOME, uploads_directory
from glico.runs.folder import RunFolder


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The session of a visitor, whose runs are made but not started."""
    session: dict[str, list[str]] = {}
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    monkeypatch.setattr(public.st, "session_state", session)
    monkeypatch.setattr(public.launching, "launch", RunFolder.create)
    return session


def test_a_visitor_starts_a_few_runs_and_stops_none_but_these(visitor: dict[str, list[str]]) -> None:
    others = RunFolder.create(TrainConfig(seed=99))
    assert not public.is_own(others)
    for seed in range(public.RUNS_EACH):
        assert public.is_own(public.launch(TrainConfig(seed=seed)))
    with pytest.raises(GlicoError, match=f"may start {public.RUNS_EACH} runs"):
        public.launch(TrainConfig(seed=100))
    visitor.clear()  # another visitor
    assert public.launch(TrainConfig(seed=100)).id in visitor[public.STARTED]


@pytest.mark.parametrize(
    "settings",
    [
        {"dataset": "/etc"},
        {"dataset": "../x.npz"},
        {"dataset": "README.md"},
        {"index_file": "/etc/passwd"},
        {"vgg_weights": "a/b.pth"},
    ],
)
def test_a_visitor_names_no_file_of_the_machine(visitor: object, settings: dict[str, str]) -> None:
    with pytest.raises(GlicoError, match="cannot name files of this machine"):
        public.launch(TrainConfig.model_validate(settings))
    public._allow(TrainConfig(dataset=str(uploads_directory() / "birds.zip")))


def test_a_visitor_reads_no_paths(visitor: object) -> None:
    told = (
        "/srv/app/runs/birds 1.npz: not found below '/home/teacher/data set', C:\\Users\\me\\x.pth or ~/a/b; 3/4 of 1/2"
    )
    read = public.without_paths(told)
    assert not any(part in read for part in ("srv", "runs", "home", "teacher", "Users"))
    assert read.startswith("birds 1.npz: not found below 'data set'")
    assert "3/4 of 1/2" in read
    assert "teacher" not in plain(told)


def test_uploads_go_after_a_day(visitor: object) -> None:
    old, new = (uploads.store(name, BytesIO(name.encode())) for name in ("old.zip", "new.zip"))
    for path, age in ((old, public.UPLOAD_SECONDS + 60), (new, public.UPLOAD_SECONDS - 60)):
        os.utime(path, (time.time() - age,) * 2)
    public.sweep()
    assert not old.exists()
    assert new.exists()


def test_the_owner_is_held_back_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public.launching, "launch", RunFolder.create)
    uploads_directory().mkdir(parents=True)
    old = uploads_directory() / "old.zip"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    public.sweep()
    assert old.exists()
    assert public.is_own(public.launching.launch(TrainConfig()))
    assert public.without_paths("/a/b/c") == "/a/b/c"


def test_the_train_page_offers_a_visitor_no_folder_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for visited, offered in (("0", True), ("1", False)):
        monkeypatch.setenv("GLICO_PUBLIC", visited)
        page = AppTest.from_file(str(HOME / "streamlit_app.py"), default_timeout=120)
        page.switch_page("app/views/train.py").run()
        assert not page.exception
        (source,) = (each for each in page.get("button_group") if each.proto.id.endswith("train_source"))
        assert any("folder" in option.content for option in source.proto.options) == offered


@pytest.mark.slow
def test_it_listens_to_this_machine_alone_and_to_no_other_sites_pages(own_places: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "glico", "app", "--server.port", str(port), "--server.headless", "true"],
        cwd=HOME, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while (status := answered(port, f"http://127.0.0.1:{port}")) is None:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert status == 101
        assert answered(port, "http://evil.example") == 403
        addresses = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if " 0A " in line}
        assert {address for address in addresses if address.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}
    finally:
        server.terminate()
        server.wait()


def answered(port: int, origin: str) -> int | None:
    """The status with which a WebSocket is opened or refused for a page of ``origin``; None where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    try:
        connection.request("GET", "/_stcore/stream", headers=headers)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()
