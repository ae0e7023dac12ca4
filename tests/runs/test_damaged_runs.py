"""A run folder whatever was done to its files: a run, or one sentence about it, and every other run in its place.

200 damaged runs; with GLICO_MUTANTS=2000 in the environment, as every night, 2,000.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from glico.config import ClassifyConfig, DcganConfig, TrainConfig
from glico.data.text import plain_text
from glico.errors import GlicoError
from glico.places import SHIPPED
from glico.runs.folder import RunFolder, find_runs
from glico.runs.naming import About
from glico.runs.state import State

COUNT = int(os.environ.get("GLICO_MUTANTS", "200"))
AT_ONCE = 20  # damaged runs below one folder
FILES = ("run.json", "state.json", "result.json", "about.json", "metrics.jsonl", "predictions.npz", "preview.npz")
GOOD = "good"  # begins the name of a run that nobody damaged
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NASTY: tuple[Any, ...] = (
    None, {}, [], "", 0, -1, 7, 1e300, float("nan"), float("inf"), 10**400, True, "x" * 100_000, "\ud800", ["a", 1],
    {"a": {"b": []}}, "=1+1", "<img src=x onerror=alert(1)>", "done", "queued", "/etc/passwd", "\x00",
)  # fmt: skip
ARRAYS = (
    np.array(7), np.zeros((0,)), np.zeros((3, 2)), np.full((16, 4), np.nan), np.full(20, 10**12), np.array("x" * 99),
    np.full(20, -5), np.zeros((1, 1, 1, 1, 1)), np.array(["a"]), np.zeros((20, 3), complex), np.full((20, 10), np.inf),
)  # fmt: skip
DEEP = '{"a":' * 5000 + "1" + "}" * 5000


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def files_of(config: Any) -> dict[str, bytes]:
    """The files of a finished run of this configuration."""
    images = np.zeros((16, 8, 8, 1), np.uint8)
    step = np.array(4)
    match config:
        case ClassifyConfig():
            result: dict[str, Any] = {
                "accuracy": 0.5,
                "top5": 0.9,
                "loss": 1.5,
                "per_class": [0.5] * 9 + [None],
                "calibration_error": 0.1,
                "class_names": [*"0123456789"],
                "confusion": [[1] * 10] * 10,
            }
            preview = {"images": images, "generated": np.ones(16, bool), "refused": np.zeros(16, bool)}
            preview |= {"labels": np.zeros(16, np.int64)}
            record: dict[str, Any] = {"loss": 0.5, "test_accuracy": 0.5, "images_per_second": 9.0}
        case DcganConfig():
            result = {"checkpoint": "dcgan.safetensors", "generator_loss": 1.5}
            preview, record = {"images": images, "drawn": images}, {"generator_loss": 1.5}
        case _:
            result = {"checkpoint": "checkpoint.safetensors", "reconstruction": 0.5, "collapsed": [], "warnings": ["W"]}
            preview = {"images": images, "reconstructions": images, "codes": np.eye(16, 4, dtype=np.float16)}
            preview |= {"labels": np.zeros(16, np.int64), "merged": np.array([], dtype=np.str_)}
            record = {"reconstruction": 0.5, "variation": 0.9, "loss": 0.5}
    state = {"status": "done", "step": 4, "total_steps": 4, "started": 1e9, "ended": 1e9 + 60, "updated": 1e9 + 60}
    lines = [{"step": step, "seconds": 1.0} | record for step in range(1, 5)]
    logits = np.eye(10, dtype=np.float32).repeat(2, axis=0)
    labels = np.arange(10).repeat(2)
    return {
        "state.json": json.dumps(state).encode(),
        "result.json": json.dumps(result).encode(),
        "about.json": json.dumps({"name": "Mine", "notes": "", "tags": ["a"]}).encode(),
        "metrics.jsonl": "".join(json.dumps(line) + "\n" for line in lines).encode(),
        "predictions.npz": npz(labels=labels, logits=logits, indices=np.arange(20), part=np.array("test")),
        "preview.npz": npz(step=step, **preview),
    }


CONFIGS = (
    TrainConfig(samples_per_class=2, steps=4),
    TrainConfig(samples_per_class=2, steps=4, objective="glo"),
    ClassifyConfig(checkpoint=str(SHIPPED / "digits-glico.safetensors"), steps=4),
    ClassifyConfig(checkpoint=str(SHIPPED / "digits-glico.safetensors"), steps=4, augmentation="standard"),
    DcganConfig(samples_per_class=2, steps=4),
)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """A finished run of each of CONFIGS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(tmp_path_factory.mktemp("originals")))
        folders = [RunFolder.create(config) for config in CONFIGS]
        for folder, config in zip(folders, CONFIGS, strict=True):
            for name, content in files_of(config).items():
                folder.file(name).write_bytes(content)
        yield [folder.path for folder in folders]


Damage = Callable[[Path], None]


def changed_json(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    lines = path.read_text().splitlines()
    for number in {0, len(lines) // 2}:
        lines[number] = json.dumps(change(json.loads(lines[number])))
    path.write_text("\n".join(lines) + "\n")


def with_value(within: str, name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    def change(record: dict[str, Any]) -> Any:
        if within in record and isinstance(record[within], dict):
            return record | {within: record[within] | {name: value}}
        return record | {name: value}

    return change


def without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda record: {name: value for name, value in record.items() if name != key}


@st.composite
def damages(draw: Callable[..., Any]) -> tuple[int, str, Damage]:
    """Draw a run, one of its files and a kind of damage."""
    index, name = draw(st.integers(0, len(CONFIGS) - 1)), draw(st.sampled_from(FILES))
    value = draw(st.sampled_from(NASTY) | JSON_VALUES)
    if name.endswith("npz"):
        return index, name, draw(damaged_arrays(name))
    keys = {"run.json": ("kind", "config", "created", "threads", "inputs", "surprise"),
            "state.json": (*State.__dataclass_fields__, "surprise"), "about.json": ("name", "notes", "tags"),
            "result.json": ("accuracy", "loss", "per_class", "class_names", "warnings", "collapsed", "reconstruction",
                            "generator_loss", "confusion", "surprise"),
            "metrics.jsonl": ("step", "seconds", "loss", "test_accuracy", "variation", "surprise")}[name]  # fmt: skip
    key = draw(st.sampled_from(keys))
    setting = draw(st.sampled_from(type(CONFIGS[index]).names()))
    match draw(st.integers(0, 7)):
        case 0:
            return index, name, lambda path: changed_json(path, lambda record: value)
        case 1:
            return (
                index,
                name,
                lambda path: changed_json(path, lambda record: {k: record[k] for k in record if k != key}),
            )
        case 2 if name == "run.json":
            return index, name, lambda path: changed_json(path, with_value("config", setting, value))
        case 3:
            return index, name, lambda path: (path.write_text(DEEP), None)[1]
        case 4:
            content = draw(st.binary(max_size=20) | st.sampled_from((b"", b"{", b"[]", b"null", b"\x00" * 20)))
            return index, name, lambda path: (path.write_bytes(content), None)[1]
        case 5:
            return index, name, lambda path: (path.unlink(), path.mkdir())[1]
    return index, name, lambda path: changed_json(path, with_value("", key, value))


@st.composite
def damaged_arrays(draw: Callable[..., Any], name: str) -> Damage:
    """One array has another shape, type or value, is missing, or the file is torn."""
    names = ("labels", "logits", "indices", "part", "images", "reconstructions", "codes", "step", "generated", "merged")
    key = draw(st.sampled_from(names))
    array = draw(st.sampled_from(ARRAYS))
    torn = draw(st.sampled_from((None, None, None, None, 0, 30, 200)))

    def damage(path: Path) -> None:
        if torn is not None:
            path.write_bytes(path.read_bytes()[:torn])
            return
        with np.load(path) as file:
            arrays = dict(file)
        path.write_bytes(npz(**{k: v for k, v in arrays.items() if k != key} | ({key: array} if array.size else {})))

    return damage


def damaged_tree(tmp: Path, originals: list[Path], chosen: list[tuple[int, str, Damage]]) -> Path:
    """Every original under the name of a good run, and a copy for each damage."""
    shutil.rmtree(tmp, ignore_errors=True)
    for original in originals:
        shutil.copytree(original, tmp / f"{GOOD}-{original.name}")
    for number, (index, name, damage) in enumerate(chosen):
        folder = tmp / f"damaged-{number}"
        shutil.copytree(originals[index], folder)
        damage(folder / name)
    return tmp


def one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert len(text) <= 600
    assert "\n" not in text
    assert plain_text(text, len(text)) == text


MANY = st.lists(damages(), min_size=AT_ONCE, max_size=AT_ONCE)
HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
EXAMPLES = settings(max_examples=COUNT // AT_ONCE, deadline=None, suppress_health_check=HEALTH, print_blob=True)


@EXAMPLES
@given(MANY)
def test_damaged_runs_are_read_or_explained(
    tmp_path: Path, originals: list[Path], chosen: list[tuple[int, str, Damage]]
) -> None:
    """Each damaged run is in the list, or one sentence names it; all that is read of it has the type that it should."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(damaged_tree(tmp_path / "runs", originals, chosen)))
        runs, problems = find_runs()
        assert {run.id for run in runs if run.id.startswith(GOOD)} == {f"{GOOD}-{path.name}" for path in originals}
        assert len(runs) + len(problems) >= len(originals) + sum(name != "run.json" for _, name, _ in chosen)
        for problem in problems:
            one_sentence(problem)
        for run in runs:
            state = run.state
            assert isinstance(state.seconds_left, float | None)
            if state.message:
                one_sentence(state.message)
            for record in run.metrics():
                assert all(isinstance(value, int | float | None) for value in record.values())
            assert run.result is None or isinstance(run.result, dict)
            if run.problem:
                one_sentence(run.problem)
            assert isinstance(About.read(run.path), About)
            try:
                assert type(run.config).from_values(run.settings) == run.config
            except GlicoError as problem:
                one_sentence(str(problem))


@pytest.mark.slow
@settings(EXAMPLES, max_examples=max(2, COUNT // AT_ONCE // 5))
@given(MANY)
def test_pages_show_good_runs_beside_damaged_ones(
    tmp_path: Path, originals: list[Path], chosen: list[tuple[int, str, Damage]]
) -> None:
    """No page that reads runs breaks, whatever is in the files of some."""
    runs = damaged_tree(tmp_path / "runs", originals, chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(runs))
        for view in ("results", "train", "classify", "checkpoints"):
            page = AppTest.from_file(str(SHIPPED.parent / "app" / "views" / f"{view}.py"), default_timeout=120).run()
            assert not page.exception, (view, page.exception)
            if view == "results":
                for section in ("Curves", "Classes", "Confusion", "Calibration", "Use", "Configuration", "Log"):
                    page.segmented_control(key="results_view").set_value(section).run()
                    assert not page.exception, (section, page.exception)
                page.segmented_control(key="results_kind").set_value("train").run()
                assert not page.exception, page.exception


@pytest.mark.slow
@settings(EXAMPLES, max_examples=2)
@given(MANY)
def test_commands_list_good_runs_beside_damaged_ones(
    tmp_path: Path, originals: list[Path], chosen: list[tuple[int, str, Damage]]
) -> None:
    """``glico runs --json`` ends well and writes JSON that any parser reads."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    runs = damaged_tree(tmp_path / "runs", originals, chosen)
    command = [sys.executable, "-m", "glico", "runs", "--json"]
    process = subprocess.run(command, env=os.environ | {"GLICO_RUNS": str(runs)}, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    listed = json.loads(process.stdout.splitlines()[-1], parse_constant=refuse)["runs"]
    assert sum(run["run"].startswith(GOOD) for run in listed) == len(originals)
