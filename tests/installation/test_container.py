"""The container file: its Python lines run, and the files that it may read are all that the wheel needs."""

import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IN_SHELL = re.compile(r"python -c '([^']*)'|python -c \"([^\"]*)\"")
IN_LIST = re.compile(r'\["python", "-c", "([^"]*)"\]')
PORT = "8501"


def programs(pattern: re.Pattern[str]) -> list[str]:
    """Return the Python programs in the Dockerfile that ``pattern`` finds."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    return [next(filter(None, result.groups())) for result in pattern.finditer(text)]


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the Dockerfile in this checkout."""
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def healthy_port() -> Iterator[str]:
    """The port of a server that answers every request with 200."""

    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(server.server_port)
        server.shutdown()


def test_python_lines_of_the_dockerfile_run() -> None:
    """Every ``python -c`` of a RUN line ends without an error, so that the image can be built."""
    result = programs(IN_SHELL)
    assert len(result) == 2, result
    for program in result:
        done = run(program)
        assert done.returncode == 0, f"{program}\n{done.stderr}"


def test_health_check_passes_only_if_the_app_answers(healthy_port: str) -> None:
    """The HEALTHCHECK's program ends with 0 if the server answers, else with an error."""
    (program,) = programs(IN_LIST)
    assert PORT in program
    assert run(program.replace(PORT, healthy_port)).returncode == 0
    assert run(program.replace(PORT, "9")).returncode != 0  # the port of a service that nobody runs


@pytest.mark.slow
def test_wheel_builds_from_what_the_container_sees(tmp_path: Path) -> None:
    """A wheel is built from the files that .dockerignore lets through, and it holds the app."""
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]
    for name in allowed:
        source, target = ROOT / name, tmp_path / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(tmp_path / "source")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("glico_explorer-*.whl"))
