"""table NAME: plan the runs of a table, do those that are missing, and print it."""

import argparse
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from glico.cli.arguments import build, help_text
from glico.cli.backend import add_backend, do_all
from glico.cli.following import failure
from glico.cli.outcome import Outcome
from glico.config import ClassifyConfig, Config, RunConfig, TrainConfig
from glico.errors import GlicoError
from glico.experiments import TABLES
from glico.experiments.order import CHANGES, Order
from glico.experiments.plan import Plan, Result, finished_run
from glico.experiments.report import report
from glico.experiments.report_file import save
from glico.experiments.report_text import markdown
from glico.experiments.table import Cell, Table
from glico.runs import warm
from glico.runs.slots import cores
from glico.words import duration

REMARKS = {"index_file": "{seed} in its name stands for the seed", "precision": "the classifiers' alone"}
AT_ONCE = 64 if warm.FORKS else 16  # processes that are started together here; most of them wait for a device


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the name of the table and the changes to it."""
    names = "; ".join(f"{name} ({table.title})" for name, table in TABLES.items())
    parser.add_argument("table", metavar="NAME", choices=TABLES, help=names)
    choice = parser.add_argument_group("Choice")
    choice.add_argument("--samples-per-class", type=int, nargs="+", metavar="N", help="instead of the table's")
    choice.add_argument("--seeds", type=int, nargs="+", metavar="N", help="instead of the table's")
    choice.add_argument("--methods", nargs="+", metavar="NAME", default=[], help="only these of the table's methods")
    choice.add_argument(
        "--lengths", type=int, nargs="+", metavar="N", help="steps of the classifier to compare, instead of the table's"
    )
    changes = parser.add_argument_group("Data and machine")
    _add(changes, "dataset", TrainConfig)
    for name, schemas in CHANGES.items():
        if schemas:
            _add(changes, name, schemas[0])
    changes.add_argument(
        "--as-released",
        action="store_true",
        help="a paper table with the settings of the authors' code where they differ",
    )
    changes.add_argument("--features", metavar="FILE", help="weights as the fidelity command takes them, for images")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the report as JSON too")
    parser.add_argument("--dry-run", action="store_true", help="print the plan and its cost, and run nothing")
    add_backend(parser)
    parser.set_defaults(restart=False, detach=False)


def _add(group: Any, name: str, schema: type[Config]) -> None:
    field = schema.describe(name)
    flag = f"--{name.replace('_', '-')}"
    if field.kind is bool:
        group.add_argument(flag, action="store_true", help=help_text(field))
    else:
        help = f"instead of the table's: {field.help}"
        if name in REMARKS:
            help += f"; {REMARKS[name]}"
        group.add_argument(flag, metavar="TEXT", default=argparse.SUPPRESS, help=help)


def run(arguments: argparse.Namespace) -> Outcome:
    """Run latent optimisations first, then the classifiers that depend on them, then the table."""
    order = order_of(arguments)
    plan = order.plan()
    if arguments.dry_run:
        return _dry_run(plan, order.notes())
    order.keep()
    failures = [failure for stage in plan.stages() for failure in _finish(stage(), arguments)]
    failures += plan.measure()
    results = plan.results()
    cells = [_plain(plan.table, result) for result in results]
    table_report = report(plan.table, results, order.notes())
    if arguments.save is not None:
        when = f"{platform.machine()}, {cores()} cores, {date.today():%d %B %Y}"
        save(table_report, arguments.save, f"Measured by {order.command()} ({when}).")
    return Outcome(markdown(table_report, plan.table), {"cells": cells}, failures)


def order_of(arguments: argparse.Namespace) -> Order:
    """Return the order from a command's arguments. Raises GlicoError for an invalid value of a setting."""
    changes = {name: value for name, value in vars(arguments).items() if name in CHANGES and value}
    counts, seeds = arguments.samples_per_class or [], arguments.seeds or []
    settings = [("samples_per_class", count) for count in counts] + [("seed", seed) for seed in seeds]
    settings += [(name, value) for name, value in changes.items() if TrainConfig in CHANGES[name]]
    for name, value in settings:
        build(TrainConfig, {name: value})  # refuse a wrong value before anything starts
    settings = [("steps", steps) for steps in arguments.lengths or []]
    settings += [(name, value) for name, value in changes.items() if ClassifyConfig in CHANGES[name]]
    for name, value in settings:
        build(ClassifyConfig, {"checkpoint": "", name: value})
    return Order(arguments.table, getattr(arguments, "dataset", None), counts, seeds, arguments.methods, changes)


def _finish(configs: Sequence[RunConfig], arguments: argparse.Namespace) -> list[str]:
    """Run whatever is missing. Return a sentence for each run that failed."""
    missing = [config for config in configs if finished_run(config) is None]
    failures = []
    at_once = AT_ONCE if arguments.on == "local" else max(1, len(missing))
    for first in range(0, len(missing), at_once):
        folders = do_all(missing[first : first + at_once], arguments)
        failures += [problem for folder in folders if (problem := failure(folder, folder.state))]
    return failures


def _dry_run(plan: Plan, notes: Sequence[str]) -> Outcome:
    trainings, classifications = plan.sizes()
    left = sum(finished_run(config) is None for config in plan.trainings())
    missing = classifications - sum(
        finished_run(config) is not None for stage in plan.stages()[1:] for config in stage()
    )
    lines = [
        f"{plan.table.title}: {len(plan.cells)} cells x {len(plan.seeds)} seeds",
        *(f"  {_where(cell)}: {cell.method.name}" for cell in plan.cells),
        f"generators: {trainings}, of which {left} are to run",
        f"classifier runs: {classifications}, of which {missing} are to run",
    ]
    if plan.table.search is not None:
        tested = len(plan.cells) * len(plan.seeds)
        lines.append(f"  {tested} of them are tested, the others choose settings on holdouts of the sample")
    data: dict[str, Any] = {"trainings": left, "classifications": missing}
    if left or missing:
        cost, sentence = _cost(plan, left, missing)
        data["seconds"] = cost
        lines.append(sentence)
    table_report = report(plan.table, plan.results(), notes)
    lines += ["", markdown(table_report, plan.table)]
    return Outcome("\n".join(lines), data)


def _cost(plan: Plan, trainings: int, classifications: int) -> tuple[float | None, str]:
    from glico.experiments.cost import estimate_cost

    try:
        cost = estimate_cost(plan)
    except GlicoError as error:
        return None, f"no estimate of the time: {error}"
    seconds = cost.seconds(trainings, classifications)
    each = f"{duration(cost.training)} a latent optimisation, {duration(cost.classification)} a classifier run"
    together = f"{cost.trainings_at_once} and {cost.classifications_at_once} at once"
    return seconds, f"about {duration(seconds)} on this machine: {each}, {together}"


def _where(cell: Cell) -> str:
    steps = f", {cell.steps:,} steps" if cell.steps else ""
    return f"{cell.dataset}, {cell.samples_per_class} per class{steps}"


def _plain(table: Table, result: Result) -> dict[str, Any]:
    cell = result.cell
    where = {"dataset": cell.dataset, "samples_per_class": cell.samples_per_class, "method": cell.method.name}
    where |= {"steps": cell.steps} if cell.steps else {}
    values = {measure.name: {s: one[measure.name] for s, one in result.scores.items()} for measure in table.measures}
    return where | values | ({"chosen": result.chosen} if result.chosen else {})
