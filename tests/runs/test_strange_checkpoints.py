"""A valid and odd checkpoint of a stranger: what is made of it is right, or one sentence says why there is none."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.tensor_file import read_arrays, write_tensors
from glico.cli.main import main
from glico.places import SHIPPED

ORIGINAL = SHIPPED / "digits-glico.safetensors"
PER_ROW = ("codes", "labels", "indices", "digests", "images")


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Runs a command with --json; returns its status and its JSON."""

    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        status = main([*map(str, arguments), "--json"])
        return status, json.loads(capsys.readouterr().out.splitlines()[-1], parse_constant=refuse)

    return run


def without_class(label: int) -> Checkpoint:
    """The digits' checkpoint without an image of one class, whose name stays."""
    checkpoint = Checkpoint.load(ORIGINAL)
    kept = checkpoint.labels != label
    parts = {name: getattr(checkpoint, name)[kept] for name in PER_ROW}
    return replace(checkpoint, **parts, snapshots=None, snapshot_steps=None)


@pytest.mark.parametrize("empty", [0, 4, 9])
def test_draw_leaves_out_empty_classes(tmp_path: Path, command, empty: int) -> None:
    """By default the other classes are drawn, never images of another class; the empty one by name is a sentence."""
    without_class(empty).save(tmp_path / "x.safetensors")
    status, drawn = command("draw", tmp_path / "x.safetensors", "--images", 2, "--output", tmp_path / "x.png")
    assert (status, drawn["classes"]) == (0, [name for name in "0123456789" if name != str(empty)])
    picture = ("--classes", empty, "--output", tmp_path / "x.png")
    status, said = command("draw", tmp_path / "x.safetensors", *picture)
    assert (status, said["error"]) == (
        2, f"--classes has {empty}, but the checkpoint has no image of that class to start from. Leave it out."
    )  # fmt: skip


@pytest.mark.parametrize("label", [0, 9])
def test_sampling_an_empty_class_is_an_error(label: int) -> None:
    from glico.augmentation.latent_sampler import LatentSampler

    sampler = LatentSampler.from_checkpoint(without_class(label))
    with pytest.raises(Exception, match=f"Class {label} has no image to draw from"):
        sampler.pairs.of_classes(torch.tensor([3, label]), torch.Generator())


@pytest.mark.parametrize("words", ["describe", "draw", "encode"])
@pytest.mark.parametrize("network", ["generator", "classifier"])
def test_weights_that_overflow_are_a_sentence(tmp_path: Path, command, words: str, network: str) -> None:
    """Weights of 3e38 are finite and what is computed with them is not: no picture is made of it."""
    checkpoint = Checkpoint.load(ORIGINAL)
    state = {name: t * 0 + 3e38 if t.is_floating_point() else t for name, t in getattr(checkpoint, network).items()}
    replace(checkpoint, **{network: state}).save(tmp_path / "x.safetensors")
    more = {"draw": ("--output", tmp_path / "x.png"), "encode": ("--test", 2, "--steps", 2)}.get(words, ())
    status, said = command(words, tmp_path / "x.safetensors", *more)
    if network == "generator" or words == "encode":
        assert (status, said) == (1, {"error": f"The checkpoint's {network} computes values that are no numbers (NaN): "
                                               "its weights are damaged. Train it again."})  # fmt: skip
    else:
        assert status == 0  # the classifier is not asked
    assert network == "classifier" or not (tmp_path / "x.png").exists()


def test_describe_writes_json_of_any_summary(tmp_path: Path, command) -> None:
    """NaN and infinity in the summary of a file are null in the command's JSON."""
    checkpoint = Checkpoint.load(ORIGINAL)
    checkpoint.summary = {"reconstruction": float("nan"), "x": [float("inf"), {"y": -float("inf")}]}
    checkpoint.save(tmp_path / "x.safetensors")
    status, said = command("describe", tmp_path / "x.safetensors")
    assert status == 0
    assert said["summary"] == {"reconstruction": None, "x": [None, {"y": None}]}


def test_half_of_a_character_is_no_class_name(tmp_path: Path, command) -> None:
    """A name that cannot be written as UTF-8 is refused when the file is opened."""
    checkpoint = Checkpoint.load(ORIGINAL)
    replace(checkpoint, class_names=("\ud800", *checkpoint.class_names[1:])).save(tmp_path / "x.safetensors")
    status, said = command("describe", tmp_path / "x.safetensors")
    assert status == 1
    assert said["error"].endswith("is not a checkpoint that can be read: class_names holds half of a character.")


def test_column_major_arrays_are_written_in_order(tmp_path: Path) -> None:
    """safetensors' NumPy writer takes the bytes as they lie, so what is transposed is made contiguous first."""
    turned = torch.arange(12.0).reshape(3, 4).T
    write_tensors(tmp_path / "x.safetensors", "glico-checkpoint", {}, {"a": turned})
    assert read_arrays(tmp_path / "x.safetensors")["a"].tolist() == turned.tolist()
