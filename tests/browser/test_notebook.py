"""The linked maps in a real JupyterLab: drawn, chosen on, and told to the kernel."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from maps import Maps
from playwright.sync_api import Page, expect

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.latent.projection import Layout, project

ROOT = Path(__file__).parents[2]
FOLDERS = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ip"}
OPTIONS = {
    "ServerApp.token": "",
    "ServerApp.password": "",
    "LabApp.news_url": "",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
}
CELLS = (
    "import glico\nleft, right = map(glico.Checkpoint.load, {paths})\n"
    'widget = glico.show(right, beside=left, method="pca")\nwidget',
    'print("chosen", widget.ends, "path" if widget.extras["path"] else "no path")\nwidget.choose(a=0, b=1)',
    'print("then", widget.ends)',
)


@pytest.fixture(scope="module")
def checkpoints(tiny_runs: Path) -> list[Path]:
    return [tiny_runs / f"tiny-{objective}" / "checkpoint.safetensors" for objective in ("glo", "glico")]


@pytest.fixture(scope="module")
def layouts(checkpoints: list[Path]) -> tuple[Layout, ...]:
    codes = [Checkpoint.load(path).codes.numpy() for path in checkpoints]
    return tuple(project(codes, ProjectConfig(method="pca")))


@pytest.fixture(scope="module")
def notebook(checkpoints: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a notebook in a JupyterLab that is this test's own."""
    folder = tmp_path_factory.mktemp("jupyter")
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source.replace("{paths}", repr([str(path) for path in checkpoints])),
        }
        for i, source in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells})
    (folder / "maps.ipynb").write_text(text, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--{name}={value}" for name, value in (OPTIONS | {"ServerApp.root_dir": str(folder)}).items()]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", *options]
    places = {name: str(folder / "jupyter" / place) for name, place in FOLDERS.items()}
    environment = os.environ | places | {"PYTHONPATH": str(ROOT)}
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None and not answers(f"http://127.0.0.1:{port}/api"):
                time.sleep(0.2)
            assert process.poll() is None, (folder / "log.txt").read_text()
            yield f"http://127.0.0.1:{port}/lab/tree/maps.ipynb"
        finally:
            process.terminate()
            process.wait()


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status == 200)
    except OSError:
        return False


@pytest.mark.slow
def test_widget_links_maps_and_kernel(notebook: str, layouts: tuple[np.ndarray, ...], tab: Callable[..., Page]) -> None:
    """A click on the maps reaches Python, which adds the path; a choice in Python reaches the maps."""
    page = tab(viewport={"width": 1440, "height": 1600})
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    page.goto(notebook)
    cell = page.locator(".jp-Cell")
    expect(cell).to_have_count(len(CELLS))

    expect(page.locator(".jp-StatusBar-Widget")).to_contain_text("Idle")

    # the maps are drawn, in the notebook's colours
    cell.nth(0).click()
    page.keyboard.press("Shift+Enter")
    root = page.locator(".latent-map[data-ready]")
    expect(root).to_be_visible()
    expect(root.locator(".title").nth(1)).to_have_text("GLICO")
    assert not [text for text in warnings if "INVALID" in text], "drawn before there were colours"

    # letters belong to the maps: in JupyterLab "a" and "b" add cells, "x" cuts one, "m" makes one Markdown
    root.locator(".pane").first.focus()
    for key in "abxm":
        page.keyboard.press(key)
    expect(cell).to_have_count(len(CELLS))
    expect(page.locator(".jp-MarkdownCell")).to_have_count(0)
    expect(root.locator(".pane").first).to_be_focused()

    # a choice by hand reaches the kernel, and the path comes back
    maps = Maps(page, layouts)
    a, b = maps.lonely(1)[:2]
    for row in (a, b):
        page.mouse.click(*maps.at(1, row))
    expect(root.get_by_role("button", name="Path", exact=True)).to_be_enabled()
    cell.nth(1).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    expect(cell.nth(1).locator(".jp-OutputArea-output")).to_contain_text(f"chosen ({a}, {b}) path")

    # a choice by the kernel reaches the maps, and is the choice from then on
    expect(root.locator(".dock")).to_contain_text("image 0")
    page.keyboard.press("Shift+Enter")
    expect(cell.nth(2).locator(".jp-OutputArea-output")).to_contain_text("then (0, 1)")
    page.on("dialog", lambda dialog: dialog.accept())  # the notebook has changed
