"""A table on a Ray cluster of several nodes on this machine: what a node that dies had begun goes on elsewhere."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from holding import Barrier, lock_held, until

from glico.cli.main import main
from glico.config import TrainConfig
from glico.experiments import TABLES
from glico.runs.folder import list_runs
from glico.runs.ray_backend import work

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

TINY = replace(
    TABLES["digits"],
    samples_per_class=(2,),
    seeds=(0,),
    methods=TABLES["digits"].methods[:1],
    train={"steps": 20, "generator_width": 4, "dimension": 8, "snapshots": 0, "device": "cpu"},
    classify={"steps": 2, "batch_size": 8, "evaluations": 1, "device": "cpu"},
)


@pytest.fixture
def barrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Barrier:
    """Runs wait after their fifth step, until a node has been killed."""
    return Barrier(tmp_path, monkeypatch, step=5)


@pytest.fixture
def cluster(barrier: Barrier, monkeypatch: pytest.MonkeyPatch) -> Iterator["Cluster"]:
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


def kill_the_node_of(cluster: "Cluster", runs: Path, barrier: Barrier) -> None:
    """The node on which a run waits after its fifth step dies without a word."""
    until(lambda: any(run.kind == "train" and run.state.step == 5 for run in list_runs()))
    (run,) = [run for run in list_runs() if run.kind == "train"]
    raylet = parent(run.state.pid)
    (node,) = [node for node in cluster.worker_nodes if raylet == node.all_processes["raylet"][0].process.pid]
    cluster.remove_node(node, allow_graceful=False)
    until(lambda: not living(run.state.pid))  # a process outlives its raylet, for as long as it does not notice
    barrier.lift()


def parent(process: int | None) -> int:
    return int(status(process)[1])


def living(process: int | None) -> bool:
    try:
        return status(process)[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def status(process: int | None) -> list[str]:
    """The fields of /proc/PROCESS/stat after the name: the state, the parent, ..."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


@pytest.mark.slow
def test_a_table_survives_the_death_of_a_node(
    cluster: "Cluster",
    barrier: Barrier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = tmp_path / "runs"
    monkeypatch.setenv("GLICO_RUNS", str(runs))
    monkeypatch.setitem(TABLES, "tiny", TINY)
    assert main(["table", "tiny", "--on", "ray", "--device", "cuda"]) == 1
    assert "no node of the Ray cluster has a GPU" in capsys.readouterr().err
    killer = Thread(target=kill_the_node_of, args=(cluster, runs, barrier), daemon=True)
    killer.start()
    assert main(["table", "tiny", "--on", "ray"]) == 0
    killer.join()
    assert "| digits | 2 | standard |" in capsys.readouterr().out
    trained, classified = sorted(list_runs(), key=lambda run: run.kind, reverse=True)
    assert "resumed after step 5" in trained.file("log.txt").read_text()
    assert trained.state.step == 20
    assert classified.state.status == "done"

    with lock_held(trained) as writer:
        writer.write_state(replace(trained.state, status="cancelled"))
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
