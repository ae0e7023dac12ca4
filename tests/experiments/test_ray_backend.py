"""A table on a Ray cluster of several nodes on this machine: what a node that dies had begun goes on elsewhere."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from glico.cli.main import main
from glico.config import TrainConfig
from glico.experiments import TABLES
from glico.runs.folder import RunFolder, list_runs
from glico.runs.ray_backend import work

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

TINY = replace(
    TABLES["digits"],
    samples_per_class=(2,),
    seeds=(0,),
    methods=TABLES["digits"].methods[:1],
    train={"steps": 150, "generator_width": 4, "dimension": 8, "snapshots": 0, "device": "cpu"},
    classify={"steps": 2, "batch_size": 8, "evaluations": 1, "device": "cpu"},
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator["Cluster"]:
    """A head that does no work, and two nodes with a core each."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # else a busy machine leaves it nothing
    quick = {"health_check_period_ms": 500, "health_check_timeout_ms": 5000, "health_check_failure_threshold": 3}
    small = {"object_store_memory": 80 * 2**20, "include_dashboard": False}
    cluster = Cluster(True, head_node_args={"num_cpus": 0, "_system_config": quick, **small})
    for _ in range(2):
        cluster.add_node(num_cpus=1, **small)
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    yield cluster
    cluster.shutdown()


def kill_the_node_of(cluster: "Cluster", runs: Path) -> None:
    """As soon as a run has kept a state, the node that it works on dies without a word."""
    while not (kept := list(runs.glob("train-*/state.safetensors"))):
        time.sleep(0.02)
    raylet = parent(RunFolder.open(kept[0].parent).state.pid)
    (node,) = [node for node in cluster.worker_nodes if raylet == node.all_processes["raylet"][0].process.pid]
    cluster.remove_node(node, allow_graceful=False)


def parent(process: int | None) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.slow
def test_a_table_survives_the_death_of_a_node(
    cluster: "Cluster", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    monkeypatch.setenv("GLICO_RUNS", str(runs))
    monkeypatch.setitem(TABLES, "tiny", TINY)
    assert main(["table", "tiny", "--on", "ray", "--device", "cuda"]) == 1
    assert "no node of the Ray cluster has a GPU" in capsys.readouterr().err
    killer = Thread(target=kill_the_node_of, args=(cluster, runs), daemon=True)
    killer.start()
    assert main(["table", "tiny", "--on", "ray"]) == 0
    killer.join()
    assert "| digits | 2 | standard |" in capsys.readouterr().out
    trained, classified = sorted(list_runs(), key=lambda run: run.kind, reverse=True)
    assert "resumed after step" in trained.file("log.txt").read_text()
    assert trained.state.step == 150
    assert classified.state.status == "done"

    trained.write_state(replace(trained.state, status="cancelled"))
    capsys.readouterr()
    assert main(["resume", trained.id, "--on", "ray"]) == 0
    assert trained.state.status == "done"
    assert not list(runs.glob(".ray-*"))


def test_without_ray_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TABLES, "tiny", TINY)
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["table", "tiny", "--on", "ray"]) == 1
    assert "Ray is not installed: run pip install '.[ray]'" in capsys.readouterr().err


def test_a_node_that_does_not_see_the_runs_says_so(tmp_path: Path) -> None:
    problem = work(TrainConfig(), tmp_path / "elsewhere" / ".ray-1", "cpu")
    assert problem is not None
    assert f"does not see {tmp_path / 'elsewhere'}: GLICO_RUNS must be on storage that all nodes share" in problem
    assert not (tmp_path / "elsewhere").exists()
