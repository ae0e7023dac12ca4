"""--config FILE: what a run's page gives as JSON is what a command takes."""

import json
from pathlib import Path

import pytest

from glico.cli.arguments import build, given_values
from glico.cli.main import parse
from glico.cli.outcome import BadArguments
from glico.config import ClassifyConfig, TrainConfig


def configured(command: str, schema, *argv: str):
    return build(schema, given_values(parse([command, *argv]), schema))


def test_command_line_overrides_configuration_file(tmp_path: Path) -> None:
    config = TrainConfig(dataset="digits", steps=7, layer_weights=(1, 2, 3, 4, 5), per_class="up-to")
    file = tmp_path / "c.json"
    file.write_text(config.model_dump_json())
    assert configured("train", TrainConfig, "--config", str(file)) == config
    changed = configured("train", TrainConfig, "cifar10", "--config", str(file), "--steps", "9")
    assert (changed.dataset, changed.steps, changed.layer_weights) == ("cifar10", 9, config.layer_weights)


def test_run_in_file_is_chosen_by_name_or_by_command(tmp_path: Path) -> None:
    runs = {
        "train-a": TrainConfig(steps=1).model_dump(mode="json"),
        "train-b": TrainConfig(steps=2).model_dump(mode="json"),
        "classify-c": ClassifyConfig(checkpoint="x.safetensors", seed=3).model_dump(mode="json"),
    }
    file = tmp_path / "configurations.json"
    file.write_text(json.dumps(runs))
    assert configured("train", TrainConfig, "--config", f"{file}#train-b").steps == 2
    assert configured("classify", ClassifyConfig, "--config", str(file)).seed == 3
    with pytest.raises(BadArguments, match=r"holds 2 configurations: choose one by .*#train-a"):
        configured("train", TrainConfig, "--config", str(file))
    with pytest.raises(BadArguments, match="holds no configuration train-z"):
        configured("train", TrainConfig, "--config", f"{file}#train-z")


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"surprise": 1}', "[" * 100_000])
def test_a_file_that_is_no_configuration_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(text)
    with pytest.raises(BadArguments, match="--config"):
        configured("train", TrainConfig, "--config", str(file))


def test_without_a_data_set_there_is_nothing_to_train_on() -> None:
    with pytest.raises(BadArguments, match="DATASET is missing"):
        configured("train", TrainConfig)


@pytest.mark.parametrize(
    ("text", "result"),
    [("7", ("exactly", 7, "7")), ("all", ("all", 10, "all")), ("up-to-20", ("up-to", 20, "up to 20"))],
)
def test_the_size_of_a_sample_can_be_said_in_words(text: str, result: tuple[str, int, str]) -> None:
    config = configured("train", TrainConfig, "digits", "--samples-per-class", text)
    assert (config.per_class, config.samples_per_class, config.sample_size) == result
    with pytest.raises(BadArguments, match="--samples-per-class is many, but it takes"):
        configured("train", TrainConfig, "digits", "--samples-per-class", "many")
