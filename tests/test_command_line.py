"""The command line: arguments from the schema, one sentence for what is wrong, and the same runs as everywhere."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from holding import Barrier, until
from PIL import Image

from glico.checkpoints.checkpoint import Checkpoint
from glico.cli.main import COMMANDS, main, parse
from glico.config import ClassifyConfig, Config, TrainConfig
from glico.runs.execute import execute
from glico.runs.folder import RunFolder
from glico.runs.launch import launch, stop

ROOT = Path(__file__).parents[1]
TINY = ["--samples-per-class", "2", "--dimension", "8", "--generator-width", "4", "--snapshots", "2", "--device", "cpu"]
SMALL = TrainConfig(samples_per_class=2, dimension=8, generator_width=4, snapshots=2, steps=30, device="cpu")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that runs are made in; nothing is left running in it."""
    directory = tmp_path / "runs"
    monkeypatch.setenv("GLICO_RUNS", str(directory))
    monkeypatch.setenv("GLICO_CPU_SLOTS", "1")
    handler = signal.getsignal(signal.SIGTERM)
    yield directory
    signal.signal(signal.SIGTERM, handler)
    stop([RunFolder.open(path.parent) for path in directory.glob("*/run.json")])


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of three classes in a file."""
    path = tmp_path_factory.mktemp("data") / "blobs.npz"
    labels = np.arange(60) % 3
    noise = np.random.default_rng(0).normal(0, 20, (60, 16, 16))
    images = (80 * labels[:, None, None] + noise).clip(0, 255).astype(np.uint8)
    parts = ("train", "val", "test")
    np.savez(path, **{f"{p}_images": images for p in parts}, **{f"{p}_labels": labels[:, None] for p in parts})
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, blobs: Path) -> Path:
    """A checkpoint that was trained in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(tmp_path_factory.mktemp("trained")))
        folder = RunFolder.create(SMALL.model_copy(update={"dataset": str(blobs)}))
        assert execute(folder).status == "done"
    return folder.file("checkpoint.safetensors")


def last_json(text: str) -> dict[str, Any]:
    value = json.loads(text.splitlines()[-1])
    assert isinstance(value, dict)
    return value


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that bad arguments get, whichever way they are found to be bad."""
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code  # type: ignore[assignment]
    captured = capsys.readouterr()
    assert status == 2
    assert captured.err.count("\n") == 1
    return captured.err


def command_help(capsys: pytest.CaptureFixture[str], command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "10000")
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    return capsys.readouterr().out


def test_help_comes_at_once() -> None:
    resource = pytest.importorskip("resource", reason="it measures processor time as Unix does")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(
        [sys.executable, "-m", "glico", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize(("command", "schema"), [("train", TrainConfig), ("classify", ClassifyConfig)])
def test_help_says_all_that_the_schema_says(
    command: str, schema: type[Config], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = re.sub(r"\s+", " ", command_help(capsys, command, monkeypatch))
    for field in map(schema.describe, schema.names()):
        assert field.help
        assert re.sub(r"\s+", " ", field.help) in text
        assert f"{field.group}:" in text
        assert field.unit in text
        assert field.domain.replace(" or ", ", ").replace(", ", ",") in text or field.domain in text
    assert "a whole number from 1 to 4096; default 128]" in text


def test_every_field_can_be_given(tmp_path: Path) -> None:
    for command, schema in (("train", TrainConfig), ("classify", ClassifyConfig)):
        text = {action for action in vars(parse([command, "x"])) if action in schema.model_fields}
        assert text == {"dataset" if command == "train" else "checkpoint"}, "only what is given is in the namespace"
    arguments = parse(["train", "digits", "--resolution", "32", "--no-store-images", "--layer-weights", *"12345"])
    assert arguments.resolution == "32"
    assert arguments.store_images is False
    assert arguments.layer_weights == list("12345")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["train", "digits", "--samples-per-class", "1"],
            "--samples-per-class is 1, but it takes a whole number from 2 to 5000",
        ),
        (["train", "digits", "--gamma", "much"], "--gamma is much, but it takes a number from 0 to 1000"),
        (["train", "digits", "--resolution", "33"], "--resolution is 33, but it takes 16, 32, 64, 128 or 256"),
        (
            ["train", "digits", "--learning-rate-codes", "0"],
            "--learning-rate-codes is 0, but it takes a number above 0 and at most 10",
        ),
        (["train", "digits", "--device", "gpu"], "--device is gpu, but it takes auto"),
        (["train", "digits", "--output", "x.pt"], "--output is x.pt, but it takes the name of a .safetensors file"),
        (["classify", "c.safetensors", "--seeds", "0", "-1.5"], "--seeds is -1.5, but it takes a whole number from 0"),
        (["classify", "c.safetensors", "--augmentation", "glico", "magic"], "--augmentation is magic, but it takes"),
        (["train"], "DATASET is missing: name it, or a file that holds it by --config"),
        (
            ["train", "digits", "--colours", "3"],
            "there is no option --colours. Did you mean --colour? (see glico train --help)",
        ),
        (["classify", "c", "--augmentaton=glico"], "there is no option --augmentaton. Did you mean --augmentation?"),
        (["train", "digits", "--zzz"], "there is no option --zzz (see glico train --help)"),
        (["train", "digits", "flowers"], "unexpected argument 'flowers' (see glico train --help)"),
        (["--json", "runs"], "--json goes after the command (see glico runs --help)"),
        (["tarin", "digits"], "there is no command 'tarin'. Did you mean train? (see glico --help)"),
        (["train", "digits", "--steps"], "--steps: expected one argument (see glico train --help)"),
        (["cancel"], "RUN is missing (see glico cancel --help)"),
        ([], "COMMAND is missing (see glico --help)"),
        (["interpolate", "c.safetensors", "--from", "0", "--to", "1", "--output", "x.bmp"], ".png, .gif, .mp4, .html"),
        (["interpolate", "c", "--from", "0", "--to", "1", "--frames", "1", "--output", "x.gif"], "from 2 to 1000"),
    ],
)
def test_bad_arguments_are_one_line_and_status_2(
    arguments: list[str], sentence: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, *arguments)
    assert not runs.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "digts"], "There is no data set 'digts'"),
        (["classify", "none.safetensors"], "There is no checkpoint at none.safetensors"),
        (["describe", "none.safetensors"], "There is no checkpoint at none.safetensors"),
        (["resume", "none"], "There is no run none in"),
        (["delete", "none"], "There is no run none in"),
    ],
)
def test_a_failure_is_one_line_and_status_1(
    arguments: list[str], sentence: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(f"glico {arguments[0]}: ")
    assert sentence in last_json(captured.out)["error"]
    assert not runs.exists()


@pytest.mark.parametrize(
    "arguments", [["tarin"], ["train"], ["train", "digits", "--colours", "3"], ["train", "digits", "--steps", "0"]]
)
def test_wrong_arguments_with_json_are_json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    sentence = json.loads(captured.out)["error"]
    assert captured.err == f"glico{' train' * ('train' in arguments)}: {sentence}\n"


@pytest.mark.parametrize("arguments", [["runs"], ["clean"], ["clean", "uploads"]])
def test_json_is_all_of_standard_output(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """So that "| jq" reads it; the text for people goes to standard error."""
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert isinstance(json.loads(captured.out), dict)
    assert captured.err == text


@pytest.mark.parametrize("arguments", [["train", "--help"], ["runs"], ["clean", "--json"]])
def test_broken_pipe_is_silent(arguments: list[str], runs: Path) -> None:
    """As head makes it: nobody reads standard output any more."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "glico", *arguments]
    process = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    os.close(writer)
    assert process.stderr == "" if "--json" not in arguments else "bytes" in process.stderr
    assert process.returncode < 2  # argparse itself forgives that its help is not read


def test_help_shows_no_default_for_what_is_required(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = [x for x in command_help(capsys, "train", monkeypatch).splitlines() if x.startswith("  DATASET")]
    assert "default" not in line


def test_a_folder_for_runs_that_is_none_is_one_line(
    blobs: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.write_text("")
    assert main(["train", str(blobs), *TINY]) == 1
    assert "a file is in the way of a folder" in capsys.readouterr().err
    runs.unlink()


@pytest.mark.slow
def test_train_writes_a_checkpoint_and_the_same_again_says_so(
    blobs: Path, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "made" / "blobs.safetensors"
    command = ["train", str(blobs), *TINY, "--steps", "30", "--output", str(output), "--json"]
    assert main(command) == 0
    captured = capsys.readouterr()
    data = last_json(captured.out)
    assert (data["status"], data["step"], data["checkpoint"]) == ("done", 30, str(output))
    assert Checkpoint.load(output).codes.shape == (6, 8)
    assert "starts, in" in captured.err
    assert "step 30 of 30" in captured.err

    output.unlink()
    assert main(command) == 0
    captured = capsys.readouterr()
    assert "is already finished" in captured.err
    assert last_json(captured.out)["result"] == data["result"]
    assert output.exists()

    assert main(["runs", "--json"]) == 0
    (listed,) = last_json(capsys.readouterr().out)["runs"]
    assert (listed["run"], listed["status"]) == (data["run"], "done")
    assert main(["delete", data["run"]]) == 0
    capsys.readouterr()
    assert main(["runs"]) == 0
    assert "There are no runs" in capsys.readouterr().out


@pytest.mark.slow
def test_an_interrupt_leaves_a_run_that_the_same_command_resumes(
    blobs: Path, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(tmp_path, monkeypatch, step=7)
    command = [sys.executable, "-m", "glico", "train", str(blobs), *TINY, "--steps", "20"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
    folder = RunFolder.create(SMALL.model_copy(update={"dataset": str(blobs), "steps": 20}))
    until(lambda: folder.state.step == 7)
    process.send_signal(signal.SIGINT)
    _, text = process.communicate()
    assert process.returncode < 2  # argparse itself forgives that its help is not read
    assert "Traceback" not in text
    state = folder.state
    assert (state.status, state.step) == ("cancelled", 7)
    assert f"after step 7. To go on: python -m glico train {blobs}" in text.splitlines()[-1]
    barrier.lift()
    again = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert again.returncode == 0
    assert "resumes after step 7" in again.stderr
    assert [record["step"] for record in folder.metrics()] == list(range(1, 21))


@pytest.mark.slow
def test_classify_reports_accuracy_of_methods_over_seeds(
    checkpoint: Path, blobs: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["classify", str(checkpoint), "--dataset", str(blobs), "--augmentation", "glico", "--seeds", "0", "1"]
    assert (
        main([*command, "--steps", "10", "--evaluations", "1", "--batch-size", "8", "--device", "cpu", "--json"]) == 0
    )
    captured = capsys.readouterr()
    data = last_json(captured.out)
    accuracies = [run["result"]["accuracy"] for run in data["runs"]]
    assert len(accuracies) == 2
    assert data["methods"]["glico"]["accuracy"] == pytest.approx(np.mean(accuracies))
    assert data["methods"]["glico"]["seeds"] == 2
    assert "2 seeds" in captured.err  # standard output has the JSON alone


def test_a_run_that_failed_is_a_line_and_status_1(
    checkpoint: Path, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(checkpoint.read_bytes())
    folder = RunFolder.create(ClassifyConfig(checkpoint=str(copy)))
    copy.write_bytes(b"another")
    assert main(["resume", folder.id, "--json"]) == 1
    captured = capsys.readouterr()
    assert "has changed" in captured.err.splitlines()[-1]
    assert last_json(captured.out) == {"runs": {folder.id: "failed"}}


def test_runs_are_cancelled_and_not_deleted_before(blobs: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = launch(SMALL.model_copy(update={"dataset": str(blobs), "steps": 1_000_000}))
    assert main(["delete", folder.id]) == 1
    assert "cancel it before you delete it" in capsys.readouterr().err
    assert main(["cancel", folder.id]) == 0
    assert "cancelled" in capsys.readouterr().out
    assert main(["delete", folder.id]) == 0
    assert not folder.path.exists()


def test_describe_says_what_a_checkpoint_holds(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(checkpoint), "--json"]) == 0
    data = last_json(capsys.readouterr().out)
    assert data["codes"] == [6, 8]
    assert list(data["classes"].values()) == [2, 2, 2]
    assert -1 <= data["structure"]["silhouette"]["value"] <= 1
    assert data["config"]["steps"] == 30


def test_interpolate_writes_surface_of_three_or_four_images(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = ["interpolate", str(checkpoint), "--corners", "0", "1", "2", "3"]
    assert main([*whole, "--frames", "3", "--no-captions", "--output", str(tmp_path / "grid.png"), "--json"]) == 0
    assert last_json(capsys.readouterr().out)["corners"] == [0, 1, 2, 3]
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.width == grid.height
    assert main([*whole[:-1], "--frames", "4", "--output", str(tmp_path / "triangle.html")]) == 0
    page = (tmp_path / "triangle.html").read_text("utf-8")
    content = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert [len(content["corners"]), len(content["views"][0]["norm"])] == [3, 16]
    for wrong, words in (
        ([*whole, "--output", "x.gif"], ".png, .html"),
        ([*whole, "--from", "0", "--output", "x.png"], "not both"),
        ([*whole[:-2], "--output", "x.png"], "three or four images, not 2"),
        ([*whole[:-1], "9", "--output", "x.png"], "--corners is 9, but the checkpoint's images are 0 to 5"),
        ([*whole[:2], "--to", "1", "--output", "x.png"], "--from is missing"),
    ):
        assert words in refused(capsys, *wrong)


@pytest.mark.parametrize("suffix", ["png", "gif", "mp4", "html"])
def test_interpolate_morphs_into_every_format(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    """The measures of the image halfway are reported; across classes the morph is marked as a guess."""
    output = tmp_path / f"path.{suffix}"
    for to, guess in (("1", False), ("3", True)):
        whole = ["interpolate", str(checkpoint), "--from", "0", "--to", to, "--path", "morph", "--frames", "5"]
        assert main([*whole, "--output", str(output), "--json"]) == 0
        captured = capsys.readouterr()
        result = last_json(captured.out)
        assert output.stat().st_size > 100
        assert result["guess"] == guess
        assert ("is a guess" in captured.err) == guess
        assert set(result["halfway"]["morph"]) == {"double_exposure", "local_double_exposure", "sharpness"}
    assert main([*whole, "--ends", "original", "--output", str(output), "--json"]) == 0
    assert last_json(capsys.readouterr().out)["ends"] == "original"


def test_interpolate_writes_what_the_suffix_says(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = ["interpolate", str(checkpoint), "--from", "0", "--to", "3"]
    assert main([*ends, "--frames", "5", "--path", "slerp", "lerp", "--output", str(tmp_path / "path.gif")]) == 0
    with Image.open(tmp_path / "path.gif") as film:
        assert film.n_frames == 8  # there and back
        assert film.height > film.width, "one path above the other"
    assert main([*ends, "--output", str(tmp_path / "path.png"), "--json"]) == 0
    assert last_json(capsys.readouterr().out)["frames"] == 7
    assert main([*ends, "--output", str(tmp_path / "path.mp4")]) == 0
    assert b"ftyp" in (tmp_path / "path.mp4").read_bytes()[:16]
    assert main([*ends, "--frames", "11", "--output", str(tmp_path / "path.html")]) == 0
    page = (tmp_path / "path.html").read_text("utf-8")
    content = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert [view["name"] for view in content["views"]] == ["slerp", "lerp", "morph"]
    assert len(content["t"]) == 11
    assert "class Scrubber" in page
    capsys.readouterr()
    assert "images are 0 to 5" in refused(capsys, *ends[:-1], "6", "--output", str(tmp_path / "no.png"))
    assert not (tmp_path / "no.png").exists()
