"""Compare a classifier's training with the peak rate of the GPU, and measure the cost of generating images.

    python -m benchmarks.gpu_speed [--classifier wideresnet-28-10] [--batch-size 128] [--rounds 5] [--tiny]

The peak is the best rate of a large bf16 matrix product in the same run. Rounds alternate between the ways, so that a
hot GPU slows all of them. ``--tiny`` tries the command on any machine in a tiny size, and its figures mean nothing.
"""

import argparse
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.random_training import random_training, seconds
from glico.machine import choose_device
from glico.runs.job import choose_arithmetic
from glico.training.classification import Classification

SAMPLES_PER_CLASS, TEST_IMAGES, IMAGES = 50, 10_000, 1_000_000  # a run of Fig. 6: 200 epochs of 5,000 images
SHARE, MINUTES, DRAWS = 0.40, 3.0, 0.05  # goals


def main() -> None:
    """Time the ways in turn, and print the medians and the goals as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classifier", default="wideresnet-28-10")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each way")
    parser.add_argument("--steps", type=int, default=50, help="steps per round")
    parser.add_argument("--tiny", action="store_true", help="try the command without a GPU")
    options = parser.parse_args()
    if options.tiny:
        options.classifier, options.batch_size, options.rounds, options.steps = "wideresnet-10-1", 16, 2, 2
    elif not torch.cuda.is_available():
        parser.error("there is no GPU here to measure; --tiny tries the command without one")
    device = choose_device("auto")
    choose_arithmetic(torch.get_num_threads(), str(device))

    ways = {
        augmentation + ", compiled" * compiled: _training(options, device, augmentation, compiled)
        for compiled in ((False,) if options.tiny else (False, True))
        for augmentation in ("standard", "glico")
    }
    work = _flops(ways["standard"])
    for way in ways.values():  # let cuDNN choose its algorithms, and compile the networks
        _run(way, 3)
        way.result()
    times: dict[str, list[float]] = {name: [] for name in ways}
    rates = []
    for _ in range(options.rounds):
        rates.append(_matrix_rate(256 if options.tiny else 8192, device))
        for name, way in ways.items():
            times[name].append(seconds(lambda way=way: _run(way, options.steps), device) / options.steps)  # type: ignore[misc]

    peak = max(rates)
    precision = str(ways["standard"].dtype).removeprefix("torch.")
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "a CPU"
    print(f"{options.classifier}, batch {options.batch_size}, {precision}, {where}, torch {torch.__version__}")
    print(f"peak: {peak / 1e12:.2f} TFLOP/s in a bf16 matrix product; a step: {work / 1e9:.2f} GFLOP")
    if options.tiny:
        print("A trial in a tiny size: NOT A MEASUREMENT.")
    print("\n| step | ms | images/s | share of the peak | minutes of a run | GLICO's draws |\n" + "| --- " * 6 + "|")
    for name, result in times.items():
        step, way = median(result), ways[name]
        whole = IMAGES / options.batch_size * step + way.config.evaluations * seconds(way.result, device)
        added = step / median(times[name.replace("glico", "standard")]) - 1
        print(
            f"| {name} | {1000 * step:.2f} | {options.batch_size / step:.0f} | {100 * work / step / peak:.1f} % "
            f"| {whole / 60:.2f} | {f'{100 * added:+.1f} %' if name.startswith('glico') else ''} |"
        )
    print(f"| goal | | | at least {100 * SHARE:.0f} % | at most {MINUTES:.0f} | at most {100 * DRAWS:.0f} % |")
    print(f"\nA run: {IMAGES} images, and {way.config.evaluations} evaluations on {len(way.test_labels)} test images.")


def _training(options: argparse.Namespace, device: torch.device, augmentation: str, compiled: bool) -> Classification:
    return random_training(
        device,
        samples_per_class=SAMPLES_PER_CLASS,
        test_images=16 if options.tiny else TEST_IMAGES,
        classifier=options.classifier,
        batch_size=options.batch_size,
        augmentation=augmentation,
        compile=compiled,
    )


def _run(training: Classification, steps: int) -> None:
    for _ in range(steps):
        training.learn(training.draw_batch())


def _flops(training: Classification) -> int:
    """Return the floating-point operations of a step, forward and backward; a multiply-add counts as two."""
    batch = training.draw_batch()
    with FlopCounterMode(display=False) as counter:
        training.learn(batch)
    return counter.get_total_flops()


def _matrix_rate(side: int, device: torch.device) -> float:
    """Return the operations per second of a bf16 product of square matrices."""
    a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    a @ b
    repetitions = 20
    return repetitions * 2 * side**3 / seconds(lambda: [a @ b for _ in range(repetitions)], device)


if __name__ == "__main__":
    main()
