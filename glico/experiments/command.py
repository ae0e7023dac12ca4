"""table NAME: plan the runs of a table, do those that are missing, and print it."""

import argparse
from collections.abc import Sequence
from typing import Any

from glico.cli.arguments import build, given, help_text
from glico.cli.following import failure, start_all
from glico.cli.outcome import Outcome
from glico.cli.progress import duration
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.experiments.plan import Plan, Result, done
from glico.experiments.report import markdown
from glico.experiments.tables import TABLES
from glico.runs.kinds import RunConfig

AT_ONCE = 16  # processes that are started together; most of them wait for a device


def configure(parser: argparse.ArgumentParser) -> None:
    """Which table, and what to change in it."""
    names = "; ".join(f"{name} ({table.title})" for name, table in TABLES.items())
    parser.add_argument("table", metavar="NAME", choices=TABLES, help=names)
    choice = parser.add_argument_group("Choice")
    choice.add_argument("--samples-per-class", type=int, nargs="+", metavar="N", help="in place of the table's")
    choice.add_argument("--seeds", type=int, nargs="+", metavar="N", help="in place of the table's")
    choice.add_argument("--methods", nargs="+", metavar="NAME", default=[], help="only these of the table's methods")
    changes = parser.add_argument_group("Data and machine")
    for name in ("dataset", "reconstruction", "vgg_weights", "device"):
        help = f"in place of the table's: {TrainConfig.model_fields[name].description}"
        changes.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", default=argparse.SUPPRESS, help=help)
    changes.add_argument("--download", action="store_true", help=help_text(TrainConfig.model_fields["download"]))
    parser.add_argument("--dry-run", action="store_true", help="print the plan and what it will take, and run nothing")
    parser.set_defaults(restart=False, detach=False)


def run(arguments: argparse.Namespace) -> Outcome:
    """Latent optimisations first, then the classifiers that stand on them, then the table."""
    plan = _plan(arguments)
    if arguments.dry_run:
        return _dry_run(plan)
    failures = _finish(plan.trainings(), arguments)
    failures += _finish(plan.classifications(), arguments)
    results = plan.results()
    return Outcome(markdown(plan.table, results, _notes(plan)), {"cells": [_plain(r) for r in results]}, failures)


def _plan(arguments: argparse.Namespace) -> Plan:
    names = ("reconstruction", "vgg_weights", "device", "download")
    train = {name: value for name, value in given(arguments, TrainConfig).items() if name in names}
    counts, seeds = arguments.samples_per_class or [], arguments.seeds or []
    for values in ({"samples_per_class": count} for count in counts), ({"seed": seed} for seed in seeds), [train]:
        for value in values:
            build(TrainConfig, value)  # a wrong value is said before anything starts
    table = TABLES[arguments.table]
    cells = table.cells(getattr(arguments, "dataset", None), counts, arguments.methods)
    classify = {name: value for name, value in train.items() if name in ("device", "download")}
    return Plan(table, cells, seeds or table.seeds, train, classify)


def _finish(configs: Sequence[RunConfig], arguments: argparse.Namespace) -> list[str]:
    """Run what is not done; a sentence for each run that failed."""
    missing = [config for config in configs if done(config) is None]
    failures = []
    for first in range(0, len(missing), AT_ONCE):
        folders = start_all(missing[first : first + AT_ONCE], arguments)
        failures += [problem for folder in folders if (problem := failure(folder, folder.state))]
    return failures


def _dry_run(plan: Plan) -> Outcome:
    trainings, classifications = plan.trainings(), len(plan.cells) * len(plan.seeds)
    left = sum(done(config) is None for config in trainings)
    finished = sum(len(result.accuracy) for result in plan.results())
    lines = [
        f"{plan.table.title}: {len(plan.cells)} cells x {len(plan.seeds)} seeds",
        *(f"  {cell.dataset}, {cell.samples_per_class} a class: {cell.method.name}" for cell in plan.cells),
        f"latent optimisations: {len(trainings)}, of which {left} are to run",
        f"classifier runs: {classifications}, of which {classifications - finished} are to run",
    ]
    data: dict[str, Any] = {"trainings": left, "classifications": classifications - finished}
    if left or finished < classifications:
        cost, sentence = _cost(plan, left, classifications - finished)
        data["seconds"] = cost
        lines.append(sentence)
    return Outcome("\n".join(lines), data)


def _cost(plan: Plan, trainings: int, classifications: int) -> tuple[float | None, str]:
    from glico.experiments.cost import estimate_cost

    try:
        cost = estimate_cost(plan)
    except GlicoError as error:
        return None, f"no estimate of the time: {error}"
    seconds = cost.seconds(trainings, classifications)
    each = f"{duration(cost.training)} a latent optimisation, {duration(cost.classification)} a classifier run"
    return seconds, f"about {duration(seconds)} on this machine: {each}, {cost.at_once} at once"


def _notes(plan: Plan) -> list[str]:
    """What the command changed."""
    changed = [f"{name.replace('_', ' ')} {plan.train[name]}" for name in ("reconstruction",) if name in plan.train]
    replaced = {cell.dataset for cell in plan.cells} - set(plan.table.datasets) if plan.table.datasets else set()
    changed += ["another data set"] * bool(replaced)
    return [f"Changed by the command: {', '.join(changed)}."] if changed else []


def _plain(result: Result) -> dict[str, Any]:
    cell = result.cell
    where = {"dataset": cell.dataset, "samples_per_class": cell.samples_per_class, "method": cell.method.name}
    return where | {"accuracy": result.accuracy, "top5": result.top5}
