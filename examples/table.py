"""A table of methods from Python: classifiers with and without generated images, paired over the seeds.

    python examples/table.py [STEPS] [SEEDS]            # by default 100 steps and 3 seeds

``glico table`` does the same for the tables of the paper, with runs that can be stopped and resumed.
"""

import sys
from pathlib import Path

import glico

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "digits-glico.safetensors"
METHODS = ("standard", "class-mix", "glico", "glico+detail")


def main(steps: int, seeds: int) -> None:
    """Train every method with every seed, and print the gain over the first one as Markdown."""
    model = glico.load(CHECKPOINT)
    results = [glico.classify(model, augmentation=name, steps=steps, seeds=range(seeds)) for name in METHODS]
    print(f"| method | accuracy, % of {results[0].test_images} | gain over {METHODS[0]}, points (95 % interval) |")
    print("| --- | --- | --- |")
    for result in results:
        gain = result.difference(results[0])
        interval = f"{100 * gain.mean:+.2f} ({100 * gain.low:+.2f} to {100 * gain.high:+.2f})"
        print(f"| {result.augmentation} | {100 * result.accuracy:.2f} | {interval} |")


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["100", "3"][len(sys.argv) - 1 :])))
