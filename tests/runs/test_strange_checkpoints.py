"""A valid and odd checkpoint of a stranger: what is made of it is right, or one sentence says why there is none."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.relocation import source_of
from glico.checkpoints.tensor_file import read_arrays, write_tensors
from glico.cli.main import main
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.latent.distances import feature_distance
from glico.latent.encode import Encoder, unseen_images
from glico.places import SHIPPED
from glico.runs.folder import RunFolder

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
    status, text = command("draw", tmp_path / "x.safetensors", *picture)
    assert (status, text["error"]) == (
        2,
        f"--classes has {empty}, but the checkpoint has no image of that class to start from. Leave it out.",
    )


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
    status, text = command(words, tmp_path / "x.safetensors", *more)
    if network == "generator" or words == "encode":
        assert (status, text) == (
            1,
            {
                "error": f"The checkpoint's {network} computes values that are not numbers "
                "(NaN), because its weights are damaged. Train it again."
            },
        )
    else:
        assert status == 0  # the classifier is not asked
    assert network == "classifier" or not (tmp_path / "x.png").exists()


def test_describe_writes_json_of_any_summary(tmp_path: Path, command) -> None:
    """NaN and infinity in the summary of a file are null in the command's JSON."""
    checkpoint = Checkpoint.load(ORIGINAL)
    checkpoint.summary = {"reconstruction": float("nan"), "x": [float("inf"), {"y": -float("inf")}]}
    checkpoint.save(tmp_path / "x.safetensors")
    status, text = command("describe", tmp_path / "x.safetensors")
    assert status == 0
    assert text["summary"] == {"reconstruction": None, "x": [None, {"y": None}]}


def test_half_of_a_character_is_no_class_name(tmp_path: Path, command) -> None:
    """A name that cannot be written as UTF-8 is refused when the file is opened."""
    checkpoint = Checkpoint.load(ORIGINAL)
    replace(checkpoint, class_names=("\ud800", *checkpoint.class_names[1:])).save(tmp_path / "x.safetensors")
    status, text = command("describe", tmp_path / "x.safetensors")
    assert status == 1
    assert text["error"].endswith("is not a checkpoint that can be read: class_names holds half of a character.")


def test_column_major_arrays_are_written_in_order(tmp_path: Path) -> None:
    """safetensors' NumPy writer takes the bytes as they lie, so what is transposed is made contiguous first."""
    turned = torch.arange(12.0).reshape(3, 4).T
    write_tensors(tmp_path / "x.safetensors", "glico-checkpoint", {}, {"a": turned})
    assert read_arrays(tmp_path / "x.safetensors")["a"].tolist() == turned.tolist()


PERCEPTUAL = {"reconstruction": "perceptual"}


def stranger(path: Path, **config: Any) -> Path:
    """A checkpoint of somebody else, with other values in its configuration."""
    checkpoint = Checkpoint.load(ORIGINAL)
    replace(checkpoint, config=checkpoint.config.model_copy(update=config)).save(path)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that this process opens or looks at from now on."""
    paths: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str | Path):
            paths.append(str(arguments[0]))

    sys.addaudithook(hook)
    return paths


@pytest.mark.parametrize("name", ["x" * 100_000, "/root/secret", "a\x00b", "http://127.0.0.1/x.zip"])
def test_paths_in_a_checkpoint_are_not_opened(tmp_path: Path, runs: Path, opened: list[str], name: str) -> None:
    """Whatever a stranger's configuration names, its map and its paths open no more than the file itself."""
    file = stranger(tmp_path / "x.safetensors", dataset=name, vgg_weights=name, index_file=name, **PERCEPTUAL)
    del opened[:]
    checkpoint = Checkpoint.load(file)
    feature_distance(checkpoint.config, 16)
    for use in (
        lambda: source_of(checkpoint.config, checkpoint.image_shape, download=True),
        lambda: Encoder(checkpoint),
        lambda: unseen_images(checkpoint, 5),
    ):
        with pytest.raises(GlicoError, match="A path in a checkpoint is not opened") as caught:
            use()
        assert len(str(caught.value)) < 400
    assert not [path for path in opened if name in path]


def test_a_data_set_in_a_checkpoint_is_opened_once_named(tmp_path: Path, runs: Path) -> None:
    """A run of this machine names the path, or the command does; if the data moved, the sentence says what to do."""
    folder = tmp_path / "birds"
    for label in range(10):
        (folder / str(label)).mkdir(parents=True)
        for image in range(2):
            shades = np.full((16, 16), 20 * label + image, np.uint8)
            Image.fromarray(shades).save(folder / str(label) / f"{image}.png")
    checkpoint = Checkpoint.load(stranger(tmp_path / "x.safetensors", dataset=str(folder)))
    shape = checkpoint.image_shape
    with pytest.raises(GlicoError, match="name the data set with --dataset"):
        source_of(checkpoint.config, shape, download=False)
    assert source_of(checkpoint.config, shape, download=False, dataset=str(folder)).dataset == str(folder)
    RunFolder.create(TrainConfig(dataset=str(folder)))
    assert source_of(checkpoint.config, shape, download=False).dataset == str(folder)
    shutil.move(folder, tmp_path / "moved")
    with pytest.raises(GlicoError, match=r"no longer exists\. Name its new place with --dataset"):
        source_of(checkpoint.config, shape, download=False)


def other_labels(checkpoint: Checkpoint) -> Checkpoint:
    return replace(checkpoint, labels=checkpoint.labels.flip(0), digests=None)


def fewer_images(checkpoint: Checkpoint) -> Checkpoint:
    parts = {name: getattr(checkpoint, name)[:50] for name in PER_ROW}
    return replace(checkpoint, **parts, snapshots=None, snapshot_steps=None)


def other_names(checkpoint: Checkpoint) -> Checkpoint:
    return replace(checkpoint, class_names=tuple("abcdefghij"))


def other_images(checkpoint: Checkpoint) -> Checkpoint:
    assert checkpoint.digests is not None
    return replace(checkpoint, digests=checkpoint.digests + 1)


@pytest.mark.parametrize("change", [other_labels, fewer_images, other_names, other_images])
def test_checkpoints_of_other_samples_are_no_siblings(runs: Path, change: Callable[[Checkpoint], Checkpoint]) -> None:
    """A file with the same configuration and other labels, images or classes is not put beside an honest one."""
    from app import cached

    checkpoint = Checkpoint.load(ORIGINAL)
    checkpoint.save(runs / "honest" / "checkpoint.safetensors")
    change(checkpoint).save(runs / "hostile" / "checkpoint.safetensors")
    by_key = {file.key: file for file in cached.checkpoints()}
    assert by_key["honest"].same_sample(by_key["digits-glico"])
    assert by_key["honest"].same_sample(by_key["digits-glo"])
    assert not by_key["hostile"].same_sample(by_key["honest"])
