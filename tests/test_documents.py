"""Laws of the documents: their commands work, and their quotations, links and paths are true."""

import ast
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

import glico
from glico.cli import options_page
from glico.cli.main import parse
from glico.experiments import document_tables

ROOT = Path(__file__).parent.parent
FOLDERS = ("glico", "app", "docs", "tests", "benchmarks", "examples", "checkpoints", ".github")
SUFFIXES = {".py", ".js", ".md", ".yml", ".toml", ".html", ".sh"}
UNREGISTERED = "glico" + "-explorer"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^(?:\w+=\S+ )*(?:(?:torchrun .*?|python )-m )?glico (?P<words>[a-z].*)$", re.MULTILINE)


def texts() -> dict[str, str]:
    """Every text of the project that a person may read, by its path from the root."""
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    beside = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in SUFFIXES | {""}]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8", errors="replace") for path in inside + beside}


def test_no_advice_installs_an_unregistered_name() -> None:
    """No package index has the project: whoever registered its name would be installed by all who follow the advice."""
    advice = re.compile(rf"(pip|uv|pipx|uvx)\b[^\n]*\b(install|add|run|tool)\b[^\n]*{UNREGISTERED}")
    assert not [name for name, text in texts().items() if advice.search(text)]


def test_options_in_docs_are_those_of_the_commands() -> None:
    """docs/options.md is what the command line's parsers and the limits say."""
    assert options_page.FILE.read_text("utf-8") == options_page.page(), "run python -m glico.cli.options_page"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_tables_are_whole(path: Path) -> None:
    """A table has a head, a rule under it and rows of as many cells: no bar unescaped, no empty line inside."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        lines = table.splitlines()
        assert len(lines) > 1, table
        assert set(lines[1]) <= set("|-: "), table
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, table


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "checkpoints" / "README.md"], ids=lambda path: path.name)
def test_links_in_documents_lead_somewhere(path: Path) -> None:
    """Every relative link names a file, and its anchor a heading of that file."""
    text = path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"|^\[[^\]]+\]: (\S+)$", text, re.M):
        address, _, anchor = "".join(link).partition("#")
        if "://" in address:
            continue
        target = path.parent / address if address else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "checkpoints" / "README.md"], ids=lambda path: path.name)
def test_commands_in_documents_have_valid_options(path: Path) -> None:
    """The command line's parser takes every ``glico`` command of a shell block."""
    for block in re.findall(r"^```sh\n(.*?)^```", path.read_text("utf-8"), re.M | re.S):
        for result in COMMAND.finditer(block.replace("\\\n", " ")):
            try:
                parse(shlex.split(result["words"], comments=True))
            except SystemExit:
                pytest.fail(f"glico {result['words']}")


def test_python_of_readme_names_what_the_library_has() -> None:
    """Every ``glico.NAME`` of README's Python is a public name."""
    (program,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    ast.parse(program)
    assert set(re.findall(r"\bglico\.(\w+)", program)) <= set(glico.__all__)


def test_modules_that_documents_run_exist() -> None:
    """Every ``python -m MODULE`` of a document can be found."""
    text = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    names = set(re.findall(r"python -m ((?:glico|app|benchmarks)[\w.]*)", text))
    assert names
    assert not [name for name in names if find_spec(name) is None]


def test_tests_that_promises_name_exist() -> None:
    """Every test in docs/promises.md is a function of its file."""
    text = (ROOT / "docs" / "promises.md").read_text("utf-8")
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?", text):
        assert (ROOT / file).exists(), file
        assert f"def {name}" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md", "docs/promises.md"])
def test_paths_in_documents_exist(name: str) -> None:
    """Every path below glico/, app/, tests/ or benchmarks/ that a document names is there."""
    text = (ROOT / name).read_text("utf-8")
    paths = re.findall(r"`((?:glico|app|tests|benchmarks)/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists() and "_app" not in path] == []


def test_architecture_names_every_package() -> None:
    """Every package of glico/ and folder of app/ has its place in docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    packages = [f"glico/{path.parent.name}" for path in (ROOT / "glico").glob("*/__init__.py")]
    folders = [f"{path.parent.name}/" for path in (ROOT / "app").glob("*/__init__.py")]
    assert not [name for name in packages + folders if f"`{name}`" not in text]


def test_readme_is_of_one_sitting() -> None:
    """README has at most 150 lines and leaves everything else to docs/."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", document_tables.files(), ids=lambda path: path.name)
def test_measured_tables_are_those_of_the_reports(path: Path) -> None:
    """The tables in README and docs are what the shipped reports say."""
    text = path.read_text("utf-8")
    assert text == document_tables.filled(text), "run python -m glico.experiments.document_tables"


def test_tables_are_filled_and_text_between_stays() -> None:
    """Each comment receives its own table, also where it had none, and a comment without an end is an error."""
    order = "digits gains --samples-per-class 5"
    empty = f"<!-- measured {order} -->\n<!-- end -->\n\nbetween\n\n<!-- measured {order} -->\n<!-- end -->\n"
    full = document_tables.filled(empty)
    assert full.count("| standard |") == 2
    assert "\n<!-- end -->\n\nbetween\n\n<!-- measured " in full
    assert document_tables.filled(full) == full
    with pytest.raises(ValueError, match="needs its own"):
        document_tables.filled(empty.replace("<!-- end -->", "", 1))


def test_a_table_of_a_report_that_is_missing_is_refused() -> None:
    """A comment that names no report, or nothing that was measured, is an error and not an empty table."""
    with pytest.raises(ValueError, match="no measured report 'cifar11'"):
        document_tables.table("cifar11 gains")
    with pytest.raises(ValueError, match="has no line for"):
        document_tables.table("digits gains --samples-per-class 7")
