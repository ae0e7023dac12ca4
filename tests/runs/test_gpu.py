"""Laws on a GPU; all of these tests are skipped without one."""

import pytest
import torch
from run_helpers import kill, until

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Dataset
from glico.runs.folder import RunFolder
from glico.runs.launch import classify, follow, launch, start
from glico.runs.slots import gpu_count, pool_of
from glico.training.build import build_classification
from glico.training.latent_optimisation import LatentOptimisation

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
    pytest.mark.usefixtures("runs"),
]

SHORT = TrainConfig(samples_per_class=10, steps=600, snapshots=0)
LONG = SHORT.model_copy(update={"steps": 20_000})


@pytest.fixture
def trained() -> RunFolder:
    """A latent optimisation that a launched process did on the GPU."""
    folder = launch(SHORT)
    (state,) = follow([folder])
    assert (state.status, state.device) == ("done", "cuda:0"), state.message
    return folder


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


def checkpoint_of(folder: RunFolder) -> str:
    return str(folder.file("checkpoint.safetensors"))


def test_gpu_is_found_without_torch_and_chosen() -> None:
    """A GPU that torch can use is found without an import of torch, and chosen."""
    assert gpu_count() == torch.cuda.device_count()
    assert pool_of("auto") == "cuda"


def test_checkpoint_of_a_gpu_draws_the_same_images_on_cpu(trained: RunFolder) -> None:
    """A checkpoint that was trained on a GPU draws the same images without one."""
    checkpoint = Checkpoint.load(checkpoint_of(trained))
    expected, result = (checkpoint.decoder(device)(checkpoint.codes) for device in ("cpu", "cuda"))
    torch.testing.assert_close(result.cpu(), expected.cpu(), atol=0.01, rtol=0)  # TF32
    assert trained.result is not None
    assert trained.result["variation"] > 0.8


def test_killed_on_a_gpu_a_training_goes_on_from_its_last_state() -> None:
    folder = launch(LONG)
    until(folder.file("state.safetensors").exists)
    kill(folder)
    assert folder.state.status == "died"
    kept = folder.state.step
    assert start(folder) == "resumed"
    until(lambda: folder.state.step > kept or not folder.state.alive)
    folder.cancel()
    follow([folder])
    assert folder.state.status == "cancelled"
    assert kept < folder.state.step < LONG.steps


@pytest.mark.parametrize("augmentation", ["standard", "glico+detail", "mixup", "autoaugment"])
def test_a_classifier_run_works_on_the_gpu(trained: RunFolder, augmentation: str) -> None:
    config = {"checkpoint": checkpoint_of(trained), "augmentation": augmentation, "steps": 300, "evaluations": 1}
    assert classify(ClassifyConfig.model_validate(config))["accuracy"] > 0.5, "of ten classes of digits"


@pytest.mark.parametrize("augmentation", ["glico", "glico+detail", "class-mix", "autoaugment", "cutout"])
def test_a_seed_makes_the_same_batches_on_both_devices(trained: RunFolder, digits: Dataset, augmentation: str) -> None:
    checkpoint = Checkpoint.load(checkpoint_of(trained))
    config = {"checkpoint": "", "augmentation": augmentation, "precision": "float32"}
    on_cpu, on_gpu = (
        build_classification(ClassifyConfig.model_validate(config), checkpoint, digits, device)
        for device in ("cpu", "cuda")
    )
    for _ in range(3):
        expected, result = on_cpu.draw_batch(), on_gpu.draw_batch()
        assert torch.equal(result.indices, expected.indices)
        assert torch.equal(result.generated.cpu(), expected.generated)
        torch.testing.assert_close(result.images.cpu(), expected.images, atol=0.02, rtol=0)


@pytest.mark.parametrize("objective", ["glico", "glo"])
@pytest.mark.parametrize("between", ["none", "critic"])
def test_training_begins_alike_on_both_devices(digits: Dataset, objective: str, between: str) -> None:
    """A training starts with the same codes on the CPU and on a GPU, and lowers its loss on both."""
    config = TrainConfig.model_validate(
        {
            "objective": objective,
            "between": between,
            "samples_per_class": 5,
            "generator_width": 8,
            "steps": 100,
            "device": "cuda",
        }
    )
    sample = small_sample(digits, 5, 0)
    on_cpu = LatentOptimisation(config.model_copy(update={"device": "cpu"}), sample)
    training = LatentOptimisation(config, sample)
    assert torch.equal(training.codes.weight.cpu(), on_cpu.codes.weight)
    losses = [record["reconstruction"] for record in training if record is not None]
    assert losses[-1] < 0.7 * losses[0]


def test_compiled_networks_learn_as_plain_ones_do(trained: RunFolder) -> None:
    config = ClassifyConfig(checkpoint=checkpoint_of(trained), steps=300, evaluations=1)
    plain, compiled = (classify(config.model_copy(update={"compile": how}))["accuracy"] for how in (False, True))
    assert abs(plain - compiled) < 0.05


def test_runs_share_a_gpu_where_they_are_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_GPU_SLOTS", "2")
    first, second, third = (launch(LONG.model_copy(update={"seed": seed})) for seed in range(3))
    until(lambda: first.state.status == second.state.status == "running")
    assert third.state.status == "queued"
    first.cancel()
    until(lambda: third.state.status == "running")
    second.cancel()
    third.cancel()
    assert {state.status for state in follow([first, second, third])} == {"cancelled"}
