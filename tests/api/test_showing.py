"""The linked maps from Python: a widget in a notebook, a page in the browser elsewhere."""

import json
import sys
import webbrowser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from api_models import Squares, fitted

import glico
from glico.api import showing
from glico.api.showing import MapPage, in_notebook
from glico.api.widget import LatentMapWidget


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "in_notebook", lambda: True)


def test_script_opens_a_page_that_needs_no_network(model: glico.GLICO, squares: Squares, opened: list[str]) -> None:
    other = fitted(*squares, objective="glo")
    page = glico.show(model, beside=other, method="pca")
    assert isinstance(page, MapPage)
    assert opened == [page.path.as_uri()]
    text = page.path.read_text("utf-8")
    assert "<h1>GLO · GLICO</h1>" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "&quot;" in page._repr_html_()


def test_notebook_without_anywidget_shows_the_page(
    model: glico.GLICO, opened: list[str], notebook: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "find_spec", lambda name: None)
    assert isinstance(glico.show(model, method="pca"), MapPage)
    assert opened == []


def test_widget_knows_choice_path_and_selection(model: glico.GLICO, notebook: None) -> None:
    widget = glico.show(model, method="pca")
    assert isinstance(widget, LatentMapWidget)
    assert widget.content["count"] == 12
    assert [value["name"] for value in widget.content["values"]] == ["purity", "error", "confidence"]
    assert widget.ends is None
    assert widget.selected == []
    widget.choice = widget.choice | {"a": 3, "b": 7, "selected": "0-2.5"}  # as the browser does
    assert widget.ends == (3, 7)
    assert widget.selected == [0, 1, 2, 5]
    assert (widget.extras["path"]["a"], widget.extras["path"]["b"]) == (3, 7)
    widget.choose(a=1)
    widget.choose(a=2)
    assert widget.extras["request"] == {"serial": 2, "choice": {"a": 2}}


def test_two_models_need_the_same_images(model: glico.GLICO, squares: Squares, opened: list[str]) -> None:
    other = fitted(255 - squares.images, squares.labels)
    with pytest.raises(glico.GlicoError, match="the models hold codes of different images"):
        glico.show(model, beside=other, method="pca")
    assert opened == []


def test_maps_of_one_objective_have_names_of_their_own(model: glico.GLICO, squares: Squares, opened: list[str]) -> None:
    for other, names in ((fitted(*squares, seed=1), "seed 1 · GLICO, 4 steps, seed 0"), (model, "seed 0 (1) · GLICO")):
        page = glico.show(model, beside=other, method="pca")
        assert isinstance(page, MapPage)
        assert names in page.path.read_text("utf-8")


def test_map_without_stored_images_shows_reconstructions(squares: Squares, opened: list[str]) -> None:
    bare = fitted(*squares, options={"generator_width": 4, "store_images": False})
    page = glico.show(bare, method="pca")
    assert isinstance(page, MapPage)
    content = page.path.read_text("utf-8").partition('id="data">')[2].partition("</script>")[0]
    assert [value["name"] for value in json.loads(content)["values"]] == ["purity", "confidence"]


@pytest.mark.parametrize(("kernel", "expected"), [(object(), True), (None, False)])
def test_notebook_is_recognised_by_its_kernel(kernel: object, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An IPython terminal has a shell too, without a kernel."""
    shell = SimpleNamespace(kernel=kernel)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    assert in_notebook() is expected


def test_project_and_map_agree(model: glico.GLICO, notebook: None) -> None:
    import base64

    widget = glico.show(model, method="pca")
    assert isinstance(widget, LatentMapWidget)
    positions = np.frombuffer(base64.b64decode(widget.content["maps"][0]["positions"]), "<f4").reshape(-1, 2)
    assert np.allclose(positions, glico.project(model, method="pca"))


def test_page_is_in_a_folder_of_its_own(model: glico.GLICO, opened: list[str]) -> None:
    pages = [glico.show(model, method="pca") for _ in range(2)]
    paths: set[Path] = {page.path for page in pages if isinstance(page, MapPage)}
    assert len(paths) == 2
