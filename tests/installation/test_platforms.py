"""Other platforms than Unix: Unix-only modules and calls are blocked in every process of a run, as on Windows."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glico.config import TrainConfig

ROOT = Path(__file__).parents[2]

UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
# Python runs this first in each process. Other packages have their own branches for Windows; no module of this one may
# import what Windows lacks, and no call may use it.
SITE = (
    f"""
MISSING = {UNIX}
"""
    + """
import builtins, os, subprocess

imported, popen = builtins.__import__, subprocess.Popen.__init__

def ours(globals):
    return (globals or {}).get("__name__", "").split(".")[0] in ("glico", "app", "__main__")

def without(name, globals=None, *rest, **options):
    if name.split(".")[0] in MISSING and ours(globals):
        raise ModuleNotFoundError(f"No module named {name!r}")
    return imported(name, globals, *rest, **options)

def refusing(self, *arguments, **options):
    refused = {name for name in ("pass_fds", "preexec_fn") if options.get(name)}
    assert not refused, f"{refused} not supported on Windows platforms"
    popen(self, *arguments, **options)

builtins.__import__, subprocess.Popen.__init__ = without, refusing
for name in ("fork", "sched_getaffinity"):
    delattr(os, name)
"""
)
EVERYTHING = """
import importlib, pathlib, sys
for folder in ("glico", "app"):
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        if "views" not in path.parts and path.name != "__main__.py":
            importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""
LAUNCHED = """
import sys
from glico.config import TrainConfig
from glico.runs import warm
from glico.runs.launch import follow, launch
warm.FORKS = False  # it is true on Linux alone
folder = launch(TrainConfig.model_validate_json(sys.argv[1]))
assert folder.state.alive
(state,) = follow([folder])
print(state.status, state.message, len(folder.metrics()), *folder.log_tail()[: state.status != "done"])
folder.delete()
"""


def test_suite_is_collected_without_unix() -> None:
    """No test module imports at its top what only Unix has: ``pytest.importorskip`` skips what needs it."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & UNIX, path


@pytest.mark.slow
def test_nothing_needs_unix(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SITE)
    own = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    small = TrainConfig(samples_per_class=2, dimension=8, generator_width=4, steps=5, device="cpu")
    command = [sys.executable, "-c", EVERYTHING + LAUNCHED, small.model_dump_json()]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done  5\n"
