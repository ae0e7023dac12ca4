"""Orders of tables: a table with changes from the command line, remembered so that the results page shows its runs.

Every order that is run is saved in ``runs/.tables/``, in a file for each data set, choice of methods and change of
settings.
"""

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glico.config import ClassifyConfig, TrainConfig
from glico.data import DATASETS
from glico.errors import GlicoError
from glico.experiments import TABLES
from glico.experiments.image_plan import ImagePlan
from glico.experiments.paper import as_released
from glico.experiments.plan import Plan
from glico.experiments.table import FIDELITY, Settings, Table
from glico.files import read_json, write_json, writing
from glico.formats import json_text
from glico.places import runs_directory
from glico.runs import warm

# The settings that a command may change, and the configurations that have them.
CHANGES: dict[str, tuple[type[TrainConfig | ClassifyConfig], ...]] = {
    "reconstruction": (TrainConfig,),
    "generator": (TrainConfig,),
    "index_file": (TrainConfig,),
    "vgg_weights": (TrainConfig,),
    "resnet_weights": (TrainConfig,),
    "classifier_weights": (ClassifyConfig,),
    "features": (),
    "as_released": (),
    "lengths": (),
    "precision": (ClassifyConfig,),
    "device": (TrainConfig, ClassifyConfig),
    "download": (TrainConfig, ClassifyConfig),
}
NOT_KEPT = ("device", "download")  # they change the machine of a run, not its result


@dataclass(frozen=True)
class Order:
    """A table, and the values that replace the declared ones. An empty value replaces nothing."""

    name: str
    dataset: str | None = None
    samples_per_class: Sequence[int] = ()
    seeds: Sequence[int] = ()
    methods: Sequence[str] = ()
    changes: Settings = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """The declared table, or its variant with the numbers of the authors' code or with other training lengths.

        Raises GlicoError if it has no such variant.
        """
        table = TABLES[self.name]
        if self.changes.get("as_released"):
            table = as_released(table)
        lengths = tuple(self.changes.get("lengths", ()))
        if lengths and table.measures is FIDELITY:
            raise GlicoError("This table trains no classifier, so it has no lengths to compare.")
        return replace(table, lengths=lengths) if lengths else table

    def plan(self) -> Plan:
        """Return the plan of the runs, without the paper's figures if the protocol is changed.

        Raises GlicoError if the table has no such method, or if it needs a data set and has none.
        """
        cells = self.table.cells(self.dataset, self.samples_per_class, self.methods)
        if self._other_protocol():
            cells = [replace(cell, figure=None) for cell in cells]
        train, classify = (
            {name: value for name, value in self.changes.items() if schema in CHANGES[name]}
            for schema in (TrainConfig, ClassifyConfig)
        )
        seeds = self.seeds or self.table.seeds
        if self.table.measures is FIDELITY:
            return ImagePlan(self.table, cells, seeds, train, features=self.changes.get("features"))
        return Plan(self.table, cells, seeds, train, classify)

    def command(self) -> str:
        """Return the command that runs the missing runs."""
        return shlex.join(["python", "-m", "glico", *self.arguments()])

    def start(self) -> None:
        """Start the missing runs in another process. Raises GlicoError if it cannot be started."""
        self.keep()
        log = self._file.with_suffix(".log")
        with writing(log):
            warm.spawn(self.arguments(), log)

    def arguments(self) -> list[str]:
        """Return the command's arguments after ``glico``."""
        words = ["table", self.name]
        changes = {"dataset": self.dataset, **self.changes}
        for name, value in changes.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [_flag(name), *(str(each) for each in values if each is not True)] if value else []
        declared = {"samples_per_class": self.table.samples_per_class, "seeds": self.table.seeds, "methods": ()}
        for name, values in declared.items():
            mine = tuple(getattr(self, name))
            words += [_flag(name), *map(str, mine)] if mine not in ((), values) else []
        return words

    def notes(self) -> list[str]:
        """Return a sentence on how the order differs from the declared table, or nothing."""
        changed = self._other_protocol()
        if "generator" in self.changes:
            changed.append(f"generator {self.changes['generator']}")
        changed += ["as released"] * ("as_released" in self.changes)
        if "lengths" in self.changes:
            changed.append(f"the classifier's steps: {', '.join(f'{n:,}' for n in self.changes['lengths'])}")
        if "precision" in self.changes:
            changed.append(f"the classifier's arithmetic: {self.changes['precision']}")
        if "index_file" in self.changes:
            changed.append(f"the images of {Path(self.changes['index_file']).name}")
        return [f"Changed by the command: {', '.join(changed)}."] if changed else []

    def _other_protocol(self) -> list[str]:
        """Return the changes that make the results incomparable with the paper's figures.

        Generator and images do not.
        """
        changed = [f"{name} {self.changes[name]}" for name in ("reconstruction",) if name in self.changes]
        return changed + ["another data set"] * bool(self.dataset and self.table.datasets not in ((), (self.dataset,)))

    def keep(self) -> None:
        """Save it for the results page, together with the counts and seeds of earlier orders of the same settings."""
        changes = {name: _absolute(value) for name, value in self.changes.items() if name not in NOT_KEPT}
        order = replace(self, dataset=_absolute(self.dataset), changes=changes)
        orders = [self, self.table, *filter(None, [_read(order._file)])]
        counts, seeds = ({n for one in orders for n in getattr(one, name)} for name in ("samples_per_class", "seeds"))
        with writing(order._file):
            order._file.parent.mkdir(parents=True, exist_ok=True)
        record = {"table": self.name, "dataset": order.dataset, "methods": [*self.methods], "changes": changes}
        write_json(order._file, record | {"samples_per_class": sorted(counts), "seeds": sorted(seeds)})

    @property
    def _file(self) -> Path:
        what = [self.dataset, dict(self.changes), *([list(self.methods)] if self.methods else [])]
        key = json_text(what, sort_keys=True)
        return runs_directory() / ".tables" / f"{self.name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.json"


def stored_orders(name: str) -> list[Order]:
    """Return the saved orders of a table. The declared table comes first if it names its data set."""
    orders = [order for file in _files(name) if (order := _read(file)) is not None and order.name == name]
    declared = [order for order in orders if order.dataset is None and not order.changes and not order.methods]
    if TABLES[name].datasets and not declared:
        declared = [Order(name)]
    return declared + [order for order in orders if order not in declared]


def _files(name: str) -> list[Path]:
    return sorted((runs_directory() / ".tables").glob(f"{name}-????????.json"))


def _read(file: Path) -> Order | None:
    """Return the order in a file, or None if it cannot be read."""
    written: dict[str, Any] | None = read_json(file)
    try:
        if written is None or written["table"] not in TABLES:
            return None
        counts, seeds = ([int(value) for value in written[name]] for name in ("samples_per_class", "seeds"))
        methods = [str(name) for name in written.get("methods", [])]  # which earlier versions did not write
        return Order(written["table"], written["dataset"], counts, seeds, methods, dict(written["changes"]))
    except (KeyError, TypeError, ValueError):
        return None


def _absolute(value: Any) -> Any:
    """Return an existing path as absolute, anything else unchanged. A path with {seed} exists if its folder does."""
    path = Path(value).expanduser() if isinstance(value, str) and value not in DATASETS else None
    is_path = path is not None and (path.parent if "{seed}" in path.name else path).exists()
    return str(Path(value).expanduser().resolve()) if is_path else value


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
