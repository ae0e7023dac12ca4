"""The web process imports neither PyTorch nor what computes projections: live, on a tour; and the worker's faults."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEATH = """
import os, signal, threading, time
from glico.errors import GlicoError
from glico.runs import worker
from tests_of_worker import ended, numbers

assert worker.call(numbers, 3) == [0, 1, 2]
numbers_reported = []
assert worker.call(numbers, 3, progress=numbers_reported.append) == [0, 1, 2] == numbers_reported
try:
    worker.call(ended)
except GlicoError as error:
    print(error)
assert worker.call(numbers, 2) == [0, 1]
"""


@pytest.mark.slow
def test_no_page_imports_pytorch(finished_runs: Path) -> None:
    """Every page with its features, exports and a classified image, in a process of its own."""
    run = next(finished_runs.glob("*/classifier.safetensors")).parent
    script = Path(__file__).parent / "tour_of_pages.py"
    places = {"GLICO_RUNS": str(finished_runs), "PYTHONPATH": str(ROOT)}
    tour = subprocess.run(
        [sys.executable, str(script), str(run)], cwd=ROOT, env=os.environ | places, capture_output=True, text=True
    )
    assert tour.returncode == 0, tour.stderr[-3000:]


@pytest.mark.slow
def test_worker_that_dies_is_one_sentence_and_is_started_again(tmp_path: Path) -> None:
    """A request whose worker is killed raises one sentence, and the next request has a new worker."""
    (tmp_path / "tests_of_worker.py").write_text(
        "import os, signal\n"
        "def numbers(count, progress=lambda number: None):\n"
        "    for number in range(count):\n        progress(number)\n"
        "    return list(range(count))\n"
        f"def ended():\n    os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-c", DEATH], cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().startswith("Cannot compute this: the process that computes with PyTorch has ended")
