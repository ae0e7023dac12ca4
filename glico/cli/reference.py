"""reference DATASET: the accuracy of a pretrained network on the same small samples, as a reference."""

import argparse
from typing import Any

from glico.cli.arguments import add_fields, build, given_values
from glico.cli.outcome import BadArguments, Outcome
from glico.config import DataConfig


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the fields of the data set, seeds of small samples, and the number of test images."""
    add_fields(parser, DataConfig, positional="dataset", several=("seed",))
    parser.add_argument("--most", type=int, metavar="N", help="test images to score at most [default: all of them]")


def run(arguments: argparse.Namespace) -> Outcome:
    """Score the references on the sample of each seed."""
    if arguments.most is not None and arguments.most < 1:
        raise BadArguments(f"--most is {arguments.most}, but it takes a whole number of at least 1.")
    values = given_values(arguments, DataConfig)
    seeds = values.pop("seed", [0])
    seeds = seeds if isinstance(seeds, list) else [seeds]
    configs = [build(DataConfig, {**values, "seed": seed}, ("seed",)) for seed in seeds]
    from glico.data import configured_sample, load_configured
    from glico.evaluation.reference import CAUTION, references
    from glico.evaluation.statistics import estimate, with_error

    dataset = load_configured(configs[0])
    scores: dict[str, list[float]] = {}
    tested = 0
    for config in configs:
        for each in references(configured_sample(dataset, config), dataset, arguments.most):
            scores.setdefault(each.method, []).append(each.accuracy)
            tested = each.tested
    rows: list[dict[str, Any]] = []
    lines = [f"Accuracy on {tested:,} test images of {dataset.name}, in per cent; seeds: {len(configs)}"]
    for method, accuracies in scores.items():
        summary = estimate(accuracies)
        rows.append({"method": method, "accuracies": accuracies, "mean": summary.mean})
        error = 100 * summary.standard_error if len(accuracies) > 1 else None
        lines.append(f"{with_error(100 * summary.mean, error):>14}  {method}")
    return Outcome("\n".join([*lines, CAUTION]), {"tested": tested, "references": rows, "caution": CAUTION})
