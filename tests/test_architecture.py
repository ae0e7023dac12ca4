"""The order of the house, read from the sources: imports between packages, and rules of form and of English."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STAIR = (
    ("errors", "formats", "places", "rows", "types", "words"),
    ("config",),
    ("files", "pictures"),
    ("arrays",),
    ("data", "machine", "morph"),
    ("pixels", "models"),
    ("losses",),
    ("checkpoints",),
    ("latent",),
    ("augmentation",),
    ("web",),
    ("evaluation",),
    ("training",),
    ("runs",),
    ("api", "experiments"),
    ("cli",),
    ("__main__",),
)
"""Of glico: each step imports from those above it in this list, and from nothing else."""

LEVEL = {name: level for level, names in enumerate(STAIR) for name in names}

APP = (
    ("components", "pages", "session"),
    ("cached",),
    ("widgets",),
    ("decisions", "interpolation", "runs"),
    ("results", "training"),
    ("classification",),
    ("latent_map",),
    ("checkpoints",),
    ("views",),
)
"""The same for the app, which may also import all of glico."""

APP_LEVEL = {name: level for level, names in enumerate(APP) for name in names}


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


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_of_the_app_go_down_its_stair(path: Path) -> None:
    own = home(path)
    if own == "__init__":
        return
    for other in packages(path, "app") - {own}:
        assert APP_LEVEL[other] < APP_LEVEL[own], f"app.{own} may not import app.{other}"
    assert not any(name.split(".")[0] in ("tests", "benchmarks") for name in imported(path))


def test_every_room_of_the_app_has_its_step() -> None:
    assert {home(path) for path in (ROOT / "app").rglob("*.py")} - {"__init__"} == set(APP_LEVEL)


def test_views_do_not_import_each_other() -> None:
    for path in (ROOT / "app" / "views").glob("*.py"):
        assert "views" not in packages(path, "app"), f"{path.relative_to(ROOT)}: move what pages share out of views/"


def test_every_table_with_a_tool_bar_is_guarded() -> None:
    """One module shows data frames; it keeps formulas out of the CSV that the tool bar writes."""
    modules = [path for path in (ROOT / "app").rglob("*.py") if "st.dataframe(" in path.read_text("utf-8")]
    assert modules == [ROOT / "app" / "widgets" / "table.py"], "show it by app.widgets.table.data_table"


def modules_imported(path: Path, modules: set[str]) -> set[str]:
    """The ``modules`` that a file imports, from their full names."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                full if (full := f"{node.module}.{alias.name}") in modules else node.module for alias in node.names
            }
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names & modules


@pytest.mark.parametrize("root", ["app", "glico"])
def test_no_modules_import_each_other_in_a_circle(root: str) -> None:
    """Imports inside functions and for type checkers count too: a circle hidden there is still one."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / root).rglob("*.py")
    }
    graph = {name: modules_imported(path, set(files)) - {name} for name, path in files.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1][::-1])}")


@pytest.mark.parametrize(
    ("work", "spared"),
    [
        ("import glico, glico.config", {"torch", "streamlit"}),
        ("import glico.runs.projecting", {"torch"}),
        ("import glico.runs.execute, glico.runs.classify_job, glico.runs.train_job", {"onnxruntime"}),  # before forks
        ("from glico.data import load_dataset; load_dataset('digits')", {"torch", "sklearn"}),
    ],
)
def test_what_many_processes_do_loads_nothing_slow(work: str, spared: set[str]) -> None:
    code = f"{work}; import sys; assert not {spared} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("root", ["glico", "app"])
def test_no_function_is_longer_than_fifty_lines(root: str) -> None:
    for path in sorted((ROOT / root).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 50, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


NOUNS = "found|told|judged|asked|said|mend|deed"  # past participles and riddles in place of nouns
ENGLISH = {
    "A docstring begins with a verb or a noun": r'^\s*r?"""(?:What|How|Where|Who|Which|Why)\b.*',
    "A test's name has at most 60 characters, and its docstring the law": r"\bdef test_\w{56,}",
    "A name says what the thing is, such as result or message": rf"^\s*(?:\w+, )*(?:{NOUNS})(?:, \w+)*(?:: .+)? = .*"
    rf"|\bfor (?:\w+, )*(?:{NOUNS})\b(?:, \w+)* in\b|\((?:{NOUNS}) :=|\bdef (?:{NOUNS})\(|[(,]\s*(?:{NOUNS}): ",
}
BREACHES = ('    """How many rows there are."""', f"def test_{'x' * 56}():", "    for name, found in results:")


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Return the text of all Python files, by path, without this one."""
    folders = ("glico", "app", "benchmarks", "examples", "tests")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(paths)}


@pytest.mark.parametrize(
    ("rule", "breach"), list(zip(ENGLISH, BREACHES, strict=True)), ids=["docstring", "test", "name"]
)
def test_sources_keep_the_rules_of_english(sources: dict[str, str], rule: str, breach: str) -> None:
    """CONTRIBUTING has the rules. The pattern of each finds the ``breach``, and nothing in the sources."""
    pattern = re.compile(ENGLISH[rule], re.MULTILINE)
    assert pattern.search(breach)
    breaches = [f"{path}: {match[0].strip()}" for path, text in sources.items() for match in pattern.finditer(text)]
    assert not breaches, f"{rule}."


HEAVY = {"torch", "torchvision", "umap", "numba"}


def statements(body: list[ast.stmt], in_functions: bool) -> Iterator[ast.stmt]:
    """The statements of a module without those for type checkers, and without those of functions unless asked."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from statements(node.orelse, in_functions)
        elif in_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            for name in ("body", "orelse", "finalbody", "handlers"):
                inner = getattr(node, name, [])
                yield from statements([n for n in inner if isinstance(n, ast.stmt)], in_functions)


def run_imports(path: Path, modules: set[str], in_functions: bool) -> set[str]:
    """The modules that a file imports when it is loaded or, with ``in_functions``, at any time."""
    names: set[str] = set()
    for node in statements(ast.parse(path.read_text("utf-8")).body, in_functions):
        if isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= (full & modules) | {node.module}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_web_process_imports_no_pytorch() -> None:
    """Whatever a page imports, at any time, loads neither PyTorch nor UMAP: glico.runs.worker has them."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for root in ("app", "glico")
        for path in (ROOT / root).rglob("*.py")
    } | {"streamlit_app": ROOT / "streamlit_app.py"}
    known = set(files)
    reasons: dict[str, str] = {}  # module -> why it was loaded
    waiting = []
    for name, path in files.items():
        if not name.startswith("glico"):
            waiting += [(other, name) for other in run_imports(path, known, in_functions=True)]
    while waiting:
        name, reason = waiting.pop()
        if name in reasons:
            continue
        reasons[name] = reason
        assert name.partition(".")[0] not in HEAVY, f"{reason} imports {name}: ask glico.runs.worker for what needs it"
        if name in files and name.startswith("glico"):
            waiting += [(other, name) for other in run_imports(files[name], known, in_functions=False)]
