"""An order of a table: its command, and what the results page remembers of it."""

import argparse
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glico.cli.main import main
from glico.cli.table import configure, order_of
from glico.experiments import TABLES
from glico.experiments.order import NOT_KEPT, Order, stored_orders
from glico.experiments.report_file import read_report
from glico.files import read_json

SPEC: dict[str, list[str]] = {
    "dataset": ["cifar10"],
    "samples_per_class": ["3", "7"],
    "seeds": ["4", "5"],
    "methods": ["GLICO + detail", "standard"],
    "lengths": ["100", "1000"],
    "reconstruction": ["perceptual"],
    "generator": ["dcgan"],
    "index_file": ["/some where/rows-{seed}.npz"],
    "vgg_weights": ["some where/vgg.pth"],
    "resnet_weights": ["resnet.pth"],
    "classifier_weights": ["net.pth"],
    "features": ["features.pth"],
    "as_released": [],
    "precision": ["bfloat16"],
    "device": ["cpu"],
    "download": [],
}
"""The words of every argument of ``glico table`` that says what is run."""
HOW = {"help", "table", "save", "dry_run", "on", "gpu_share"}
"""The arguments that say how: none of them changes a result."""


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    configure(parser)
    return parser


def ordered(words: list[str]) -> Order:
    """The order of a command's words after ``glico table``."""
    return order_of(parser().parse_args(words))


def flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def plain(order: Order) -> dict[str, Any]:
    """An order's fields; tuple or list is the same."""
    fields: dict[str, Any] = json.loads(json.dumps({**vars(order), "changes": dict(order.changes)}))
    return fields


def test_every_argument_has_its_words() -> None:
    """A new argument of ``glico table`` must be kept by orders, too: add its words above."""
    assert {action.dest for action in parser()._actions} == SPEC.keys() | HOW


@pytest.mark.parametrize("name", SPEC)
def test_command_of_an_order_makes_the_same_order(name: str) -> None:
    table = "cifar100" if name == "as_released" else "digits"
    order = ordered([table, flag(name), *SPEC[name]])
    program, words = order.command().split(" table ")
    assert program == "python -m glico"
    assert flag(name) in words
    assert plain(ordered(shlex.split(words))) == plain(order)


def test_command_with_every_argument_makes_the_same_order() -> None:
    words = [word for name in SPEC if name != "as_released" for word in (flag(name), *SPEC[name])]
    order = ordered(["cifar10-small", *words])
    assert plain(ordered(order.arguments()[1:])) == plain(order)


@pytest.mark.parametrize("name", sorted({*SPEC} - {*NOT_KEPT, "samples_per_class", "seeds"}))
def test_page_offers_the_command_that_ran(name: str, own_places: Path) -> None:
    """The results page remembers an order with each of its arguments but those that say where it runs."""
    table = "cifar100" if name == "as_released" else "digits"
    order = ordered([table, flag(name), *SPEC[name]])
    order.keep()
    assert order.command() in [kept.command() for kept in stored_orders(table)]


def test_page_shows_all_counts_and_seeds_that_were_asked(own_places: Path) -> None:
    for words in (["--seeds", "7"], ["--samples-per-class", "3"]):
        ordered(["digits", *words]).keep()
    (kept,) = stored_orders("digits")
    assert list(kept.seeds) == [*TABLES["digits"].seeds, 7]
    assert list(kept.samples_per_class) == [3, *TABLES["digits"].samples_per_class]


def test_orders_of_other_methods_are_remembered_apart(own_places: Path) -> None:
    for methods in ((), ("GLICO",), ("GLICO", "GLO")):
        Order("digits", methods=methods).keep()
    assert sorted([*kept.methods] for kept in stored_orders("digits")) == [[], ["GLICO"], ["GLICO", "GLO"]]
    assert list(stored_orders("digits")[0].methods) == [], "the table as declared is first"


def test_order_that_an_earlier_version_kept_opens(own_places: Path) -> None:
    """It named no methods: those were all of them."""
    Order("digits", seeds=(9,)).keep()
    (file,) = (own_places / "runs" / ".tables").glob("*.json")
    record = read_json(file) or {}
    del record["methods"]
    file.write_text(json.dumps(record))
    (kept,) = stored_orders("digits")
    assert (list(kept.methods), kept.seeds[-1]) == ([], 9)


@pytest.mark.slow
def test_saved_report_names_the_command_that_ran(
    tmp_path: Path, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"train": {"steps": 1, "generator_width": 4, "snapshots": 0}, "classify": {"steps": 1, "evaluations": 1}}
    monkeypatch.setitem(TABLES, "tiny", replace(TABLES["digits"], **settings))
    words = ["table", "tiny", "--methods", "standard", "--samples-per-class", "2", "--seeds", "0", "--device", "cpu"]
    assert main([*words, "--save", str(tmp_path / "report.json")]) == 0
    saved = read_report(tmp_path / "report.json")
    command = "python -m glico table tiny --device cpu --samples-per-class 2 --seeds 0 --methods standard"
    assert f"Measured by {command} (" in saved.notes[-1]
    assert [row.method for row in saved.rows] == ["standard"]
