"""Compare the time of a morph's frames with that of decoding as many codes, in turns.

    python -m benchmarks.morph_speed [CHECKPOINT] [--frames 101] [--rounds 9]

Prints the median of both, and the ratio. The fields are known, as they are once a class is registered.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent.halfway import class_pairs
from glico.latent.measured import PathRequest, path_frames
from glico.latent.morphs import path_source
from glico.places import SHIPPED


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="?", type=Path, default=SHIPPED / "cifar10-glico.safetensors")
    parser.add_argument("--frames", type=int, default=101, help="frames of the path")
    parser.add_argument("--rounds", type=int, default=9, help="rounds after the first, which is not counted")
    options = parser.parse_args()
    source = path_source(OpenCheckpoint.load(options.checkpoint))
    request = PathRequest(tuple(class_pairs(source.checkpoint.space.labels, 1)[0].tolist()), options.frames)
    t = np.linspace(0, 1, options.frames)
    times: dict[str, list[float]] = {"slerp": [], "morph": []}
    for _ in range(options.rounds + 1):
        for name, seconds in times.items():
            started = time.process_time()
            path_frames(source, request, "morph" if name == "morph" else "slerp", t)
            seconds.append(time.process_time() - started)
    decoded, moved = (median(times[name][1:]) for name in ("slerp", "morph"))
    print(
        f"{options.frames} frames, {torch.get_num_threads()} threads, CPU time: decoding {1000 * decoded:.0f} ms, ",
        end="",
    )
    print(f"morph {1000 * moved:.0f} ms, ratio {moved / decoded:.2f}")


if __name__ == "__main__":
    main()
