"""Compare the old and new launcher on a table of 20 small classifier runs.

    python -m benchmarks.table_speed [--runs 20] [--steps 100] [--rounds 1]

The old launcher started a new Python for every run, which imported torch and read the data; it ran one run per four
cores, on all threads. The new one forks runs from a warm process, one per core. Both do the same 4 methods with the
same seeds on one small checkpoint of digits, in turn, each in its own folder. Wall time is measured, so other work on
the machine affects both. The output also has the pages' estimate of the total after the first run.
"""

import argparse
import os
import tempfile
import time
from itertools import product
from statistics import median

from glico.config import ClassifyConfig, TrainConfig
from glico.runs import warm
from glico.runs.folder import RunFolder
from glico.runs.launch import follow, launch, stop, train
from glico.runs.pace import seconds_left
from glico.runs.slots import at_once, cores
from glico.runs.state import State

METHODS = ("standard", "class-mix", "mixup", "glico")
BEFORE = {"GLICO_CPU_SLOTS": str(max(1, cores() // 4))}
NOW: dict[str, str] = {}


def main() -> None:
    """Time both launchers in turn, and print the medians and their ratio as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    for name in ("GLICO_CPU_SLOTS", "OMP_NUM_THREADS"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as place:
        os.environ["GLICO_RUNS"] = f"{place}/checkpoint"
        config = TrainConfig(samples_per_class=5, steps=50, generator_width=8, dimension=16, snapshots=0, device="cpu")
        train(config)
        checkpoint = str(RunFolder.for_config(config).file("checkpoint.safetensors"))
        times: dict[str, list[float]] = {"before": [], "now": []}
        expected: list[float] = []
        for turn in range(arguments.rounds):
            for way, settings in (("before", BEFORE), ("now", NOW)):
                os.environ["GLICO_RUNS"] = f"{place}/{way}-{turn}"
                taken, estimate = _seconds(checkpoint, arguments.runs, arguments.steps, settings, way == "now")
                times[way].append(taken)
                expected += [estimate / taken] if way == "now" else []
    print(f"{arguments.runs} runs of {arguments.steps} steps, {cores()} cores\n")
    print("| | seconds | runs a minute |")
    print("| --- | --- | --- |")
    for way, result in times.items():
        print(f"| {way} | {median(result):.0f} | {60 * arguments.runs / median(result):.1f} |")
    ratios = [before / now for before, now in zip(times["before"], times["now"], strict=True)]
    print(f"\n{median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"Estimate after the first run: {', '.join(f'{share:.0%}' for share in expected)} of the actual time")


def _seconds(checkpoint: str, runs: int, steps: int, settings: dict[str, str], forks: bool) -> tuple[float, float]:
    """Return the wall time of all runs, from their launch to the end of the last, and its estimate."""
    warm.FORKS = forks
    chosen = [
        ClassifyConfig.model_validate(
            {
                "checkpoint": checkpoint,
                "augmentation": method,
                "seed": seed,
                "steps": steps,
                "evaluations": 2,
                "device": "cpu",
            }
        )
        for seed, method in product(range(-(-runs // len(METHODS))), METHODS)
    ][:runs]
    before = dict(os.environ)
    os.environ.update(settings)
    began = time.perf_counter()
    expected: list[float] = []

    def watch(states: list[State]) -> None:
        if not expected and any(state.status == "done" for state in states):
            left = seconds_left(states, at_once("cpu", "classify"))
            expected.append(time.perf_counter() - began + (left or 0.0))

    folders = [launch(config) for config in chosen]
    try:
        states = follow(folders, watch)
    finally:
        stop(folders)  # after an interruption no run continues
    taken = time.perf_counter() - began
    os.environ.clear()
    os.environ.update(before)
    failed = [state.message for state in states if state.status != "done"]
    if failed:
        raise SystemExit(f"A run ended with: {failed[0]}")
    return taken, expected[0]


if __name__ == "__main__":
    main()
