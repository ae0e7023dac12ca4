"""TensorBoard's event file says what metrics.jsonl says, to TensorBoard itself, each step once."""

from pathlib import Path

import pytest
from run_helpers import SMALL, stopped_at
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from glico.runs.events import EventFile
from glico.runs.execute import execute
from glico.runs.folder import RunFolder
from glico.runs.metrics import append_metric


def read(folder: Path) -> dict[str, list[tuple[int, float, float]]]:
    """Step, value and time of every scalar, by name."""
    events = EventAccumulator(str(folder), purge_orphaned_data=False).Reload()
    return {name: [(e.step, e.value, e.wall_time) for e in events.Scalars(name)] for name in events.Tags()["scalars"]}


def test_a_resumed_run_tells_each_step_once(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(SMALL)
    stopped_at(folder, 20, monkeypatch)
    later = {"step": SMALL.steps - 1, "loss": 9.0}  # as if it had been killed long after it last kept its state
    append_metric(folder.file("metrics.jsonl"), later)
    EventFile(folder.path, folder.created, [later])
    assert execute(folder).status == "done"
    messages, metrics = read(folder.path), folder.metrics()
    assert [step for step, _, _ in messages["loss"]] == [record["step"] for record in metrics]
    for name in ("loss", "reconstruction", "cross_entropy"):
        assert [value for _, value, _ in messages[name]] == pytest.approx([record[name] for record in metrics])
    times = [time - folder.created for _, _, time in messages["loss"]]
    assert times == pytest.approx([record["seconds"] for record in metrics], abs=1e-3)
    assert sum(path.stat().st_size > 0 for path in folder.path.glob("*tfevents*")) == 1


def test_one_that_watches_drops_what_a_resumed_run_takes_back(tmp_path: Path) -> None:
    file = EventFile(tmp_path, 1000.0)
    for step in range(1, 6):
        file.add({"step": step, "loss": 1.0, "none": None, "much": 1e300})
    watcher = EventAccumulator(str(tmp_path)).Reload()
    resumed = EventFile(tmp_path, 1000.0, [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 1.0}])
    resumed.add({"step": 300, "loss": 2.0})
    watcher.Reload()
    assert [(e.step, e.value) for e in watcher.Scalars("loss")] == [(1, 1.0), (2, 1.0), (300, 2.0)]
    assert watcher.Tags()["scalars"] == ["loss"]


def test_a_full_disk_stops_no_run_for_its_sake(tmp_path: Path) -> None:
    file = EventFile(tmp_path, 0.0)
    file.path.unlink()
    file.path.symlink_to("/dev/full")
    file.add({"step": 1, "loss": 0.5})
    EventFile(tmp_path / "gone", 0.0).add({"step": 1, "loss": 0.5})
