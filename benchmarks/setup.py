"""Compare the set-up by ./run with the way before it, pip alone: a ratio in one run.

    python -m benchmarks.setup [--rounds 1] [--json]

Both ways fill a fresh clone of the last commit, on warm caches: each fills one clone before the rounds, which is not
counted. The seconds are those of the set-up and of the first command afterwards, since Python compiles what it imports
then, where pip has compiled everything before. PYTHONDONTWRITEBYTECODE is not set, as on most people's machines.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.browser import ROOT

PIP = [".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
WAYS = {
    "pip": [["python3", "-m", "venv", ".venv"], [*PIP, "--constraint", "constraints.txt", "--editable", ".[dev]"]],
    "./run": [["./run", "setup"]],
}
FIRST = [".venv/bin/glico", "describe", "checkpoints/digits-glico.safetensors"]


def set_up(commands: list[list[str]]) -> tuple[float, float]:
    """Return the seconds of the set-up by these commands in a fresh clone, and of the first command after it.

    Raises RuntimeError, with what was printed, if one of them fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        return sum(seconds(command, clone) for command in commands), seconds(FIRST, clone)


def seconds(command: list[str], clone: Path) -> float:
    """Return how long the command takes in the clone. Raises RuntimeError, with what it printed, if it fails."""
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=clone, env=own, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr or done.stdout}")
    return taken


def main() -> None:
    """Measure both ways in turns and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="how many clones each way fills")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for measured in range(-1, options.rounds):
        for way, commands in WAYS.items():
            taken = set_up(commands)
            print(f"{way}: {taken[0]:.0f} s and {taken[1]:.0f} s", file=sys.stderr)
            if measured >= 0:
                times[way].append(taken)
    middle = {way: [statistics.median(part) for part in zip(*taken, strict=True)] for way, taken in times.items()}
    share = sum(middle["./run"]) / sum(middle["pip"])
    if options.json:
        print(json.dumps({"seconds": times, "share": share}))
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, median of {options.rounds}")
    print("| way | set-up, s | first command, s |\n| --- | --- | --- |")
    for way, (installing, first) in middle.items():
        print(f"| {way} | {installing:.0f} | {first:.0f} |")
    print(f"./run takes {share:.2f} of pip's time, first command included.")


if __name__ == "__main__":
    main()
