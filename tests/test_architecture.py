"""The order of the house: what a package may import, read from the source of every module."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STAIR = (
    ("errors", "places"),
    ("files", "config"),
    ("data", "machine"),
    ("pixels", "models"),
    ("losses",),
    ("checkpoints",),
    ("latent",),
    ("augmentation",),
    ("web",),
    ("evaluation",),
    ("training",),
    ("runs",),
    ("experiments",),
    ("cli",),
    ("__main__",),
)
"""Of glico: each step imports from those above it in this list, and from nothing else."""

LEVEL = {name: level for level, names in enumerate(STAIR) for name in names}


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it; "glico.x.y" also where it is "from glico.x import y"."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def packages(path: Path, root: str) -> set[str]:
    """The packages right below ``root`` that a file imports from."""
    return {parts[1] for name in imported(path) if (parts := name.split("."))[0] == root and len(parts) > 1}


def home(path: Path) -> str:
    """The package (or module) right below glico or app that a file belongs to."""
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


@pytest.mark.parametrize("path", sorted((ROOT / "glico").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_the_stair(path: Path) -> None:
    own = home(path)
    if own == "__init__":
        return
    for other in packages(path, "glico") & set(LEVEL) - {own}:
        assert LEVEL[other] < LEVEL[own], f"glico.{own} may not import glico.{other}"
    assert not any(name.split(".")[0] in ("app", "streamlit", "tests", "benchmarks") for name in imported(path))


def test_every_package_has_its_step() -> None:
    there = {home(path) for path in (ROOT / "glico").rglob("*.py")} - {"__init__"}
    assert there == set(LEVEL)


def test_views_do_not_import_each_other() -> None:
    for path in (ROOT / "app").rglob("*.py"):
        seen = {name for name in imported(path) if name.startswith("app.views")}
        assert not seen, f"{path.relative_to(ROOT)} imports {seen}: what pages share lies beside them"


def test_parts_of_the_page_do_not_know_what_they_are_part_of() -> None:
    for path in (ROOT / "app" / "components").rglob("*.py"):
        assert packages(path, "app") <= {"components", "figures"}


@pytest.mark.parametrize(
    ("work", "spared"),
    [
        ("import glico, glico.config", {"torch", "streamlit"}),
        ("import glico.runs.projecting", {"torch"}),
        ("from glico.data import load_dataset; load_dataset('digits')", {"torch", "sklearn"}),
    ],
)
def test_what_many_processes_do_loads_nothing_slow(work: str, spared: set[str]) -> None:
    code = f"{work}; import sys; assert not {spared} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
