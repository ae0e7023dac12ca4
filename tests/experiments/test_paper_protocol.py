"""The paper's tables say what they train, and their variant as released has the release's numbers."""

import pytest
import torch

from glico.config import ClassifyConfig, TrainConfig
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.experiments import TABLES
from glico.experiments.order import Order
from glico.experiments.paper import CLASSES, GENERATORS, PAPER, RELEASED_PASSES
from glico.models.generators import build_generator
from glico.training.classification import learning_rate
from glico.training.latent_optimisation import LatentOptimisation


@pytest.mark.parametrize(("resolution", "name"), [(32, "dcgan"), (256, "dcgan"), (32, "reference")])
def test_the_sizes_that_are_said_are_those_that_are_trained(resolution: int, name: str) -> None:
    config = TrainConfig.model_validate(
        {"generator": name, "noise": "project" if name == "reference" else "concatenate"}
    )
    with torch.device("meta"):
        generator = build_generator(config, 3, resolution)
    ours, theirs = GENERATORS[resolution]
    millions = sum(parameter.numel() for parameter in generator.parameters()) / 1e6
    assert f"{millions:.2f}" == (theirs if name == "reference" else ours)


@pytest.mark.parametrize("name", PAPER)
def test_paper_tables_declare_generator_and_released_variant(name: str) -> None:
    assert "million parameters" in " ".join(PAPER[name].declared)
    order = Order(name, changes={"as_released": True})
    table = order.table
    for cell in table.cells():
        config = table.train_config(cell, 0)
        images = cell.samples_per_class * CLASSES[cell.dataset]
        assert config.steps == RELEASED_PASSES * -(-images // min(config.batch_size, images))
        assert (config.learning_rate_codes, config.learning_rate_generator, config.dimension) == (1e-3, 7e-4, 512)
        assert table.classify_config(cell, 0, "here")
    assert order.command().endswith(f"table {name} --as-released")


def test_only_the_papers_tables_were_released() -> None:
    with pytest.raises(GlicoError, match="the paper's tables only"):
        Order("digits", changes={"as_released": True}).plan()


def test_unlabelled_images_take_no_steps_from_labelled_ones() -> None:
    images = torch.randint(0, 256, (26, 16, 16, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1] * 5 + [-1] * 16)
    sample = Sample(images.numpy(), labels.numpy(), torch.arange(26).numpy(), ("a", "b"))
    small = {"dimension": 4, "generator_width": 4, "snapshots": 3, "batch_size": 4, "steps": 7, "device": "cpu"}

    def turns(**settings: str) -> list[bool]:
        config = TrainConfig.model_validate({**small, "unlabelled": "training", **settings})
        training = LatentOptimisation(config, sample)
        turns = []
        for _ in range(training.total_steps):
            turns.append(training.turns.at(training.step) is training.turns.labelled)
            training.advance()
            training.step += 1
        assert training.snapshot_steps[-1] == training.total_steps
        return turns

    assert sum(turns()) < 7
    assert len(turns()) == 7
    extra = turns(unlabelled_steps="extra")
    assert sum(extra) == 7, "as many labelled steps as without unlabelled images"
    assert len(extra) > 7


def test_cubs_rate_falls_by_a_tenth_every_second_epoch() -> None:
    config = ClassifyConfig(checkpoint="here", schedule="hundredths", steps=20_000, learning_rate=0.001)
    per_epoch = 20_000 // 200
    rates = [learning_rate(config, epoch * per_epoch) for epoch in range(200)]
    assert rates == pytest.approx([0.001 * 0.9 ** (epoch // 2) for epoch in range(200)])
    assert learning_rate(config, 2 * per_epoch - 1) == 0.001


def test_an_index_file_may_differ_from_seed_to_seed() -> None:
    order = Order("cifar100", samples_per_class=[10], changes={"index_file": "splits/train{seed}.txt"})
    assert {config.index_file for config in order.plan().trainings()} == {f"splits/train{s}.txt" for s in (0, 1, 2)}
    assert any(cell.figure for cell in order.plan().cells), "the images are the paper's own choice"
    assert "--index-file 'splits/train{seed}.txt'" in order.command()
    assert TABLES["cifar100"].train_config(TABLES["cifar100"].cells()[0], 0).index_file is None
