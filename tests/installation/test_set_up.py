"""The set-up of ./run, with a Python and a uv that only record their calls: no network, and nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = """\
:env:.find-links='/wheels'
global.constraint='/caps.txt'
global.extra-index-url='\\nfile:///one file:///two'
global.find-links='/other'
"""
PYTHON = """#!/usr/bin/env bash
case "$*" in
"-m pip config list") cat "$CALLS.configuration" ;;
-c*) exit "$UNREACHABLE" ;;
*) echo "pip $*" >>"$CALLS" ;;
esac
"""
UV = """#!/usr/bin/env bash
echo "uv $*" >>"$CALLS"
env | grep ^UV_ | sort >"$CALLS.settings"
[[ "$*" == *--torch-backend* ]] && exit "$NO_BACKEND"
exit "$NO_UV"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with ./run, the lists of packages, and an environment of recording programs."""
    for name in ("run", "pyproject.toml", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for environment in (".venv", ".venv-lowest"):
        programs = tmp_path / environment / "bin"
        programs.mkdir(parents=True)
        for name, text in {"python": PYTHON, "uv": UV, "chromium": ""}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
    (tmp_path / "calls.configuration").write_text(CONFIGURATION)
    return tmp_path


def set_up(checkout: Path, *words: str, **failures: int) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """Run ./run; return the recorded installations, without that of uv itself, and what was printed."""
    calls = checkout / "calls"
    statuses = {name: str(failures.get(name, 0)) for name in ("UNREACHABLE", "NO_BACKEND", "NO_UV")}
    own = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    own |= statuses | {"CALLS": str(calls), "PATH": f"{checkout}/.venv/bin:{os.environ['PATH']}"}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(["./run", *(words or ("setup",))], cwd=checkout, env=own, capture_output=True, text=True)
    lines = calls.read_text().splitlines() if calls.exists() else []
    return [line for line in lines if not line.endswith("constraints.txt uv")], done


def test_set_up_chooses_the_build_of_pytorch(checkout: Path) -> None:
    """If PyTorch's index answers, uv chooses the build, and a second start installs nothing."""
    calls, done = set_up(checkout)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in calls] == ["uv"]
    assert "--torch-backend auto --constraint constraints.txt --editable .[dev]" in calls[0]
    assert set_up(checkout)[0] == calls


def test_uv_takes_the_settings_of_pip(checkout: Path) -> None:
    """Mirrors, local wheels and caps of pip's configuration hold for uv; the environment's before a file's."""
    set_up(checkout)
    settings = dict(line.split("=", 1) for line in (checkout / "calls.settings").read_text().splitlines())
    assert settings["UV_INDEX"] == "file:///one file:///two"
    assert settings["UV_FIND_LINKS"] == "/wheels"
    assert settings["UV_CONSTRAINT"] == "/caps.txt"
    assert "UV_DEFAULT_INDEX" not in settings


@pytest.mark.parametrize("failure", ["UNREACHABLE", "NO_BACKEND"])
def test_set_up_falls_back_to_the_usual_index(checkout: Path, failure: str) -> None:
    """Without PyTorch's index, one line says so, and uv takes the build of the usual index."""
    calls, done = set_up(checkout, **{failure: 1})
    assert done.returncode == 0, done.stderr
    assert "--torch-backend" not in calls[-1]
    assert len(calls) == (1 if failure == "UNREACHABLE" else 2)
    assert done.stderr.count("Cannot use PyTorch's own index") == 1


def test_set_up_falls_back_to_pip(checkout: Path) -> None:
    """If uv fails as well, pip installs the same versions."""
    calls, done = set_up(checkout, UNREACHABLE=1, NO_UV=1)
    assert done.returncode == 0, done.stderr
    assert calls[-1].startswith("pip -m pip install")
    assert calls[-1].endswith("--constraint constraints.txt --editable .[dev]")


def test_lowest_versions_are_never_pip_s_newest(checkout: Path) -> None:
    """``./run lowest`` fails if uv does: pip would install the newest versions and test those."""
    calls, done = set_up(checkout, "lowest", UNREACHABLE=1, NO_UV=1)
    assert done.returncode == 1
    assert "--resolution lowest-direct" in calls[-1]
    assert not [line for line in calls if line.startswith("pip") and "--editable" in line]
