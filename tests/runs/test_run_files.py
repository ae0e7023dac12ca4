"""metrics.jsonl and state files: what is damaged or half-written is never fatal and never believed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from glico.errors import GlicoError
from glico.files import read_json, write_json
from glico.runs import metrics
from glico.runs.execute import execute
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS
from glico.runs.metrics import MetricsTail, append_metric, read_metrics, truncate_metrics
from glico.runs.presentation import PRESENTATIONS
from glico.runs.records import RESULTS


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    for step in range(5):
        append_metric(path, {"step": step, "loss": step / 3})
    assert read_metrics(path) == [{"step": step, "loss": step / 3} for step in range(5)]


def test_values_that_are_no_numbers_become_null(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    append_metric(path, {"step": 1, "loss": float("nan"), "other": float("inf")})
    assert "NaN" not in path.read_text()
    assert read_metrics(path) == [{"step": 1, "loss": None, "other": None}]


@pytest.mark.parametrize(
    "damage", [b'{"step": 2, "lo', b"\xff\xfe\x00garbage", b"[1, 2]", b'{"loss": 1}', b'{"step": "two"}', b"", b"null"]
)
def test_a_damaged_line_is_skipped(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n' + damage + b'\n{"step": 3}\n')
    assert [record["step"] for record in read_metrics(path)] == [1, 3]


def test_a_tail_reads_a_torn_line_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    tail = MetricsTail(path)
    assert tail.read() == []
    path.write_bytes(b'{"step": 1}\n{"st')
    assert tail.read() == [{"step": 1}]
    with path.open("ab") as file:
        file.write(b'ep": 2}\n')
    assert tail.read() == [{"step": 1}, {"step": 2}]


def test_a_tail_follows_a_file_that_a_resumed_run_replaced(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    for step in range(10):
        append_metric(path, {"step": step})
    tail = MetricsTail(path)
    assert len(tail.read()) == 10
    truncate_metrics(path, 3)
    for step in range(100, 110):
        append_metric(path, {"step": step})
    assert [record["step"] for record in tail.read()] == [0, 1, 2, 3, *range(100, 110)]
    path.unlink()
    assert tail.read() == []


def test_truncation_drops_what_came_later_and_what_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2}\nrubbish\n{"step": 3}\n{"ste')
    assert truncate_metrics(path, 2) == [{"step": 1}, {"step": 2}]
    assert path.read_text().splitlines() == ['{"step": 1}', '{"step": 2}']


def test_json_is_replaced_at_once_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_json(path, {"a": 1})
    os.symlink("/dev/full", tmp_path / f".state.json.{os.getpid()}.partial")
    with pytest.raises(GlicoError, match="disk is full"):
        write_json(path, {"a": 2})
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00" * 20])
def test_a_damaged_json_file_is_no_value(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    assert read_json(path) is None
    assert read_json(tmp_path / "missing.json") is None


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    os.symlink("/dev/full", path)
    with pytest.raises(GlicoError, match=r"metrics.jsonl cannot be written: the disk is full; free some space\.$"):
        append_metric(path, {"step": 1})


def test_lines_of_several_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    children = []
    for writer in range(4):
        child = os.fork()
        if child == 0:
            for step in range(200):
                append_metric(path, {"step": step, "writer": writer} | {f"value {i}": 0.123456789 for i in range(20)})
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert len(path.read_bytes().splitlines()) == 800
    assert len(read_metrics(path)) == 800
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_every_kind_is_executed_and_presented() -> None:
    """The table by which runs are executed and the one by which they are shown have the same kinds, in one order."""
    assert list(KINDS) == list(PRESENTATIONS) == list(RESULTS)


@pytest.mark.parametrize("name", sorted({name for kind in KINDS.values() for name in kind.sparse}))
def test_large_file_keeps_every_sparse_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A page reads enough of a large file to draw the curve, and every record with a metric that few records have."""
    monkeypatch.setattr(metrics, "PIECE", 10_000)
    monkeypatch.setattr(metrics, "SAMPLED", 100)
    path = tmp_path / "metrics.jsonl"
    records = [{"step": i, "loss": 1 / i} | ({name: 0.5} if i % 397 == 0 else {}) for i in range(1, 3001)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    tail = MetricsTail(path, thin=True)
    seen = tail.read()
    assert [record for record in seen if record not in records] == []
    assert [record["step"] for record in seen] == sorted({record["step"] for record in seen})
    assert (seen[0], seen[-1]) == (records[0], records[-1])
    assert [record for record in seen if name in record] == [record for record in records if name in record]
    assert 50 < len(seen) < 200
    for step in range(3001, 3011):  # new records are read whole
        append_metric(path, {"step": step})
    assert [record["step"] for record in tail.read()[-10:]] == [*range(3001, 3011)]
    assert read_metrics(path)[:3000] == records


SHORT = {"samples_per_class": 2, "generator_width": 4, "steps": 60, "device": "cpu"}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("train", {"snapshots": 0}),
        ("train", {"snapshots": 0, "holdout": 3, "samples_per_class": 5}),
        ("classify", {"scored_on": "test"}),
        ("classify", {"scored_on": "holdout"}),
        ("classify", {"learning": "mixmatch", "augmentation": "standard"}),
        ("dcgan", {}),
    ],
)
def test_sparse_records_of_every_kind_are_declared(
    tiny_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, settings: dict[str, Any]
) -> None:
    """A metric that a run does not write at every report comes with one that the run's kind declares sparse."""
    monkeypatch.setenv("GLICO_RUNS", str(tmp_path))
    common = dict(SHORT)
    if kind == "classify":
        checkpoint = str(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
        common = {"checkpoint": checkpoint, "steps": 60, "evaluations": 3, "device": "cpu"}
    run = RunFolder.create(KINDS[kind].config.from_values({**common, **settings}))
    assert execute(run).status == "done"
    records = run.metrics()
    names = {name for record in records for name in record}
    for name in names:
        having = [record for record in records if name in record]
        assert len(having) == len(records) or all(set(KINDS[kind].sparse) & set(record) for record in having), name
