"""Shared fixtures: no Hypothesis deadlines, one thread, and isolated folders for cache and runs."""

import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import pytest
from holding import reach_every_process
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("suite")
# As many processes as cores work at once: two threads in each would wait for one another two and a half times as long.
os.environ["OMP_NUM_THREADS"] = "1"
# What Numba compiles for UMAP is compiled once and not for every test's own cache.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / ".numba_cache"))

reach_every_process()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of slow tests come first, so that no process is left with one of them when the others are done."""
    slow: dict[Path, list[bool]] = defaultdict(list)
    for item in items:
        slow[item.path].append(item.get_closest_marker("slow") is not None)
    items.sort(key=lambda item: -fmean(slow[item.path]))


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of the test's own for run folders and the cache."""
    places = tmp_path_factory.mktemp("places")
    monkeypatch.setenv("GLICO_RUNS", str(places / "runs"))
    monkeypatch.setenv("GLICO_CACHE", str(places / "cache"))
    monkeypatch.setenv("GLICO_UPLOADS", str(places / "uploads"))
    monkeypatch.setenv("GLICO_DECISIONS", str(places / "decisions"))
    return places


def reset_pytorch() -> None:
    """Give PyTorch the settings that it has in a new process, if it is imported."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(False)
        torch.utils.deterministic.fill_uninitialized_memory = True


@pytest.fixture(autouse=True)
def own_pytorch() -> Iterator[None]:
    """No test has the threads and flags that another test, or a fixture of several tests, has set."""
    reset_pytorch()
    yield
    reset_pytorch()


@pytest.fixture(scope="session")
def tiny_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with the checkpoints tiny-glico and tiny-glo, trained once for all tests. Do not write to it."""
    from tiny_checkpoints import write_runs

    folder = tmp_path_factory.mktemp("tiny") / "runs"
    write_runs(folder)
    return folder


@pytest.fixture(scope="session")
def finished_runs(tiny_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: the tiny checkpoints, one training, two methods with two seeds each. Do not write to it."""
    from glico.config import ClassifyConfig, TrainConfig
    from glico.runs.execute import execute
    from glico.runs.folder import RunFolder

    runs = Path(shutil.copytree(tiny_runs, tmp_path_factory.mktemp("finished") / "runs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(runs))
        execute(RunFolder.create(TrainConfig(samples_per_class=2, steps=4, generator_width=4, device="cpu")))
        checkpoint = str(runs / "tiny-glico" / "checkpoint.safetensors")
        for method in ("standard", "glico"):
            for seed in (0, 1):
                config = ClassifyConfig(checkpoint=checkpoint, augmentation=method, seed=seed, steps=4, evaluations=2)
                execute(RunFolder.create(config))
    return runs
