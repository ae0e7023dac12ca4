"""A table of generators (Fig. 1): trained by runs, compared once, and named after what looked at the images."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from glico.config import DcganConfig, TrainConfig
from glico.evaluation.statistics import with_error
from glico.experiments import TABLES
from glico.experiments.order import Order
from glico.experiments.report import report
from glico.experiments.report_text import markdown
from glico.runs.execute import execute
from glico.runs.folder import RunFolder


@pytest.fixture
def features(tmp_path: Path) -> str:
    """The first convolutions of a VGG-16 that was never trained."""
    shapes = {"0.weight": (64, 3, 3, 3), "0.bias": (64,), "2.weight": (64, 64, 3, 3), "2.bias": (64,)}
    rng = torch.Generator().manual_seed(0)
    state = {f"features.{name}": 0.1 * torch.randn(shape, generator=rng) for name, shape in shapes.items()}
    path = tmp_path / "vgg.safetensors"
    save_file(state, path)
    return str(path)


def test_generators_are_compared_once_and_by_name(features: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"steps": 2, "generator_width": 4, "dimension": 8, "snapshots": 0, "device": "cpu"}
    table = replace(TABLES["images"], datasets=("digits",), samples_per_class=(2,), seeds=(0,), train=small)
    monkeypatch.setitem(TABLES, "tiny", table)
    plan = Order("tiny", changes={"features": features, "device": "cpu"}).plan()
    glico, dcgan = plan.trainings()
    assert isinstance(glico, TrainConfig)
    assert isinstance(dcgan, DcganConfig)
    assert (dcgan.generator_width, dcgan.steps, dcgan.seed) == (glico.generator_width, glico.steps, glico.seed)
    for config in (glico, dcgan):
        assert execute(RunFolder.create(config), device="cpu").status == "done"
    assert [result.scores for result in plan.results()] == [{}, {}]
    assert plan.measure() == []
    distances = [result.scores[0]["distance"] for result in plan.results()]
    files = {
        path: path.stat().st_mtime_ns for path in RunFolder.for_config(glico).path.parent.glob("*/fidelity-*.json")
    }
    assert plan.measure() == []
    assert all(path.stat().st_mtime_ns == when for path, when in files.items())
    text = markdown(report(table, plan.results()), table)
    assert f"| digits | 2 | GLICO | {distances[0]:.2f} |" in text
    assert f"| GLICO − DCGAN | {with_error(distances[0] - distances[1], None, signed=True)} |" in text
    assert "as VGG-16 conv1_2 sees them: not FID" in text
