"""The public names: what they are, that editors see them, and that their examples run."""

import ast
import doctest
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import glico

ROOT = Path(glico.__file__).parents[1]


def test_exported_names() -> None:
    assert set(glico.__all__) == {
        "GLICO", "Checkpoint", "ClassMix", "ClassifierResult", "ClassifyConfig", "Encoding", "GlicoError",
        "LatentAugment", "Samples", "Structure", "TrainConfig", "classify", "lerp", "load", "load_dataset", "project",
        "show", "slerp", "small_sample", "structure", "train",
    }  # fmt: skip
    assert set(glico.__all__) | {"__version__"} <= set(dir(glico))
    assert all(getattr(glico, name).__doc__ for name in glico.__all__)


def test_version_is_that_of_the_package() -> None:
    assert glico.__version__ == version("glico-explorer")


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'glo'"):
        glico.glo  # noqa: B018


def test_types_are_those_that_are_loaded() -> None:
    """Editors read the same names under TYPE_CHECKING that __getattr__ imports."""
    tree = ast.parse((ROOT / "glico" / "__init__.py").read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == glico._HOMES


def test_listing_names_imports_nothing_slow() -> None:
    slow = "{'torch', 'sklearn', 'streamlit'}"
    code = f"import glico, sys; dir(glico); glico.__version__; assert not {slow} & {{*sys.modules}}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("module", sorted({"glico", *glico._HOMES.values()}))
@pytest.mark.filterwarnings("ignore:The images of")  # so short a training learns nothing
def test_examples_in_docstrings_run(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testmod(import_module(module), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0
