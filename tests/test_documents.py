"""Laws of the documents: nothing in them advises what does not work, and what they quote is what there is."""

import re
from pathlib import Path

from glico.cli import options_page

ROOT = Path(__file__).parent.parent
FOLDERS = ("glico", "app", "docs", "tests", "benchmarks", "examples", "checkpoints", ".github")
SUFFIXES = {".py", ".js", ".md", ".yml", ".toml", ".html", ".sh"}
UNREGISTERED = "glico" + "-explorer"


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
