"""Runs for the pages to show: real ones, made once in this process, a few steps long."""

import shutil
from pathlib import Path

import pytest
import torch

from glico.config import ClassifyConfig, TrainConfig

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def finished_runs(tiny_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: the tiny checkpoints, one training, two methods with two seeds each. Do not write to it."""
    from glico.runs.execute import execute
    from glico.runs.folder import RunFolder

    runs = Path(shutil.copytree(tiny_runs, tmp_path_factory.mktemp("finished") / "runs"))
    threads, fill = torch.get_num_threads(), torch.utils.deterministic.fill_uninitialized_memory
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(runs))
        execute(RunFolder.create(TrainConfig(samples_per_class=2, steps=4, generator_width=4, device="cpu")))
        checkpoint = str(runs / "tiny-glico" / "checkpoint.safetensors")
        for method in ("standard", "glico"):
            for seed in (0, 1):
                config = ClassifyConfig(checkpoint=checkpoint, augmentation=method, seed=seed, steps=4, evaluations=2)
                execute(RunFolder.create(config))
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = fill
    return runs
