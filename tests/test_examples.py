"""The examples run, each with a few steps."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARGUMENTS = {
    "minimal": ["20"],
    "interpolate": ["5", "{folder}/path.gif"],
    "augment": ["2"],
    "encode_photographs": [],
    "table": ["2", "2"],
}
EXPECTED = {
    "minimal": "purity",
    "interpolate": "path.gif",
    "augment": "ClassMix, the control",
    "encode_photographs": "3: cannot be reproduced",
    "table": "| glico+detail |",
}


def test_every_example_is_run() -> None:
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == set(ARGUMENTS)


def test_minimal_example_is_short() -> None:
    assert len((ROOT / "examples" / "minimal.py").read_text("utf-8").splitlines()) <= 120


@pytest.mark.slow
@pytest.mark.parametrize("name", ARGUMENTS)
def test_example_runs(name: str, tmp_path: Path) -> None:
    arguments = [argument.format(folder=tmp_path) for argument in ARGUMENTS[name]]
    command = [sys.executable, str(ROOT / "examples" / f"{name}.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert EXPECTED[name] in done.stdout
