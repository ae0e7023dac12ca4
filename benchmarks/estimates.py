"""Compare the estimated time of a few trainings with the time that they take.

    python -m benchmarks.estimates [--steps 200] [--json]

Each is estimated as the pages do, then trained to its end, alone and in this order. On a machine on which nothing else
works the ratio is to be between 0.75 and 1.25; beside other work it says how much that slows a run.
"""

import argparse
import json
import os
import sys
import tempfile

from glico.config import TrainConfig
from glico.runs.launch import follow, launch
from glico.runs.pace import load, seconds_taken
from glico.runs.timing import measure

CASES = {
    "digits, 16 px": TrainConfig(),
    "digits, 16 px, GLO": TrainConfig(objective="glo"),
    "digits, 64 px": TrainConfig(resolution=64, samples_per_class=5),
    "digits, 32 px, width 64": TrainConfig(resolution=32, generator_width=64, batch_size=64),
}


def main() -> int:
    """Estimate and train each case, and print a line for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=200, help="of each training [default 200]")
    parser.add_argument("--json", action="store_true", help="print one JSON object per training")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache"}
        for name, case in CASES.items():
            config, beside = case.model_copy(update={"steps": arguments.steps}), load()
            estimated = measure(config).run_seconds(config)
            (state,) = follow([launch(config)])
            took = seconds_taken(state)
            if took is None:
                print(f"{name}: {state.message}", file=sys.stderr)
                return 1
            result = {"case": name, "estimated": estimated, "took": took, "ratio": estimated / took, "load": beside}
            text = f"{name}: {estimated:.1f} s estimated, {took:.1f} s taken: {estimated / took:.2f}, load {beside:.1f}"
            print(json.dumps(result) if arguments.json else text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
