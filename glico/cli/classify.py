"""classify CHECKPOINT: train classifiers on the checkpoint's small sample, a run for each method and seed."""

import argparse
import itertools
from typing import Any

from glico.cli.arguments import add_fields, build, given_values
from glico.cli.backend import add_backend, do_all
from glico.cli.following import add_options, failure
from glico.cli.outcome import Outcome
from glico.config import SCORED, ClassifyConfig
from glico.runs.folder import RunFolder
from glico.words import counted

SEVERAL = ("augmentation", "seed")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the fields of the schema, with several augmentations and several seeds."""
    add_fields(parser, ClassifyConfig, positional="checkpoint", several=SEVERAL)
    add_options(parser)
    add_backend(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Start or resume every run, follow them, and return the mean accuracy of each method."""
    values = given_values(arguments, ClassifyConfig)
    listed = {name: values[name] for name in SEVERAL if name in values}
    several = {
        name: list(dict.fromkeys(value if isinstance(value, list) else [value])) for name, value in listed.items()
    }
    choices = [dict(zip(several, choice, strict=True)) for choice in itertools.product(*several.values())]
    configs = [build(ClassifyConfig, values | choice, SEVERAL) for choice in choices]
    folders = do_all(configs, arguments)
    states = [folder.state for folder in folders]
    problems = [failure(folder, state) for folder, state in zip(folders, states, strict=True)]
    methods = summary([folder for folder, state in zip(folders, states, strict=True) if state.status == "done"])
    data = {
        "runs": [
            {"run": folder.id, "folder": str(folder.path), "status": state.status, "result": folder.result}
            for folder, state in zip(folders, states, strict=True)
        ],
        "methods": methods,
    }
    scored = SCORED[configs[0].scored_on]
    lines = [f"{name:18} {_percent(scores, scored)}" for name, scores in methods.items()]
    return Outcome("\n".join(lines), data, [problem for problem in problems if problem])


def summary(folders: list[RunFolder]) -> dict[str, dict[str, Any]]:
    """Return the mean accuracy, standard error and number of seeds of each augmentation method."""
    from glico.evaluation.statistics import LEAST_SEEDS, estimate

    accuracies: dict[str, list[float]] = {}
    for folder in folders:
        accuracies.setdefault(folder.settings["augmentation"], []).append((folder.result or {})["accuracy"])
    scores = {name: estimate(values) for name, values in accuracies.items()}
    return {
        name: {
            "accuracy": value.mean,
            "standard_error": value.standard_error if value.count >= LEAST_SEEDS else None,
            "seeds": value.count,
        }
        for name, value in scores.items()
    }


def _percent(scores: dict[str, Any], scored: str) -> str:
    error = f" ± {100 * scores['standard_error']:.2f}" if scores["standard_error"] is not None else ""
    return f"{100 * scores['accuracy']:.2f}{error} % of the {scored}, {counted(scores['seeds'], 'seed')}"
