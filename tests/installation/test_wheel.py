"""The wheel: built from this checkout, installed in a fresh environment, used from another folder."""

import json
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.browser import launch_chromium, served

ROOT = Path(__file__).parents[2]
BUILD = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's file, built with the packages of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", *BUILD, str(folder), str(ROOT)], check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel and with this one's packages, but not its checkout."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = next((folder / "bin").glob("python"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    (packages,) = folder.glob("lib/*/site-packages")
    (packages / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    return python.parent


def test_wheel_adds_one_name_and_holds_the_app(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"glico"}
    shipped = [path for folder in ("app", "checkpoints") for path in (ROOT / folder).rglob("*") if path.is_file()]
    shipped += [ROOT / "streamlit_app.py", ROOT / ".streamlit" / "config.toml"]
    wanted = {f"glico/_app/{path.relative_to(ROOT)}" for path in shipped if "__pycache__" not in path.parts}
    assert {name for name in names if "/_app/" in name} == wanted
    assert "glico/py.typed" in names


def test_wheel_trains_describes_and_opens_the_app_anywhere(programs: Path, tmp_path: Path) -> None:
    own = os.environ | {"PYTHONPATH": ""}

    def glico(*words: str) -> dict:
        done = subprocess.run(
            [str(programs / "glico"), *words, "--json"], cwd=tmp_path, env=own, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    where = "import glico, glico.places; print(glico.__file__, glico.places.HOME)"
    process = subprocess.run(
        [str(programs / "python"), "-c", where], cwd=tmp_path, env=own, capture_output=True, text=True
    )
    assert process.stdout.count(str(programs.parent)) == 2, process
    glico(
        "train",
        "digits",
        "--samples-per-class",
        "2",
        "--steps",
        "4",
        "--generator-width",
        "4",
        "--output",
        "own.safetensors",
    )
    assert glico("describe", "own.safetensors")["codes"][0] == 20

    folders = {"PYTHONPATH": "", "GLICO_CACHE": str(tmp_path), "GLICO_RUNS": str(tmp_path / "runs")}
    app = served([str(programs / "glico"), "app"], tmp_path, tmp_path / "log", folders)
    with app as address, ThreadPoolExecutor() as threads:  # Playwright runs once in a thread, perhaps in this one
        threads.submit(_see_the_map, address).result()


def _see_the_map(address: str) -> None:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page()
        page.goto(address)
        expect(page.locator(".latent-map[data-ready]")).to_be_attached(timeout=180_000)
        browser.close()
