"""Names of runs and checkpoints for people: made from the settings that differ, or given, with notes and tags."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from glico.config import Config, DataConfig, TrainConfig
from glico.config.data import FORMER_PREPARATION
from glico.errors import GlicoError
from glico.files import write_json
from glico.runs.kinds import checkpoint_name
from glico.runs.records import read_record

ABOUT = "about.json"  # beside the run, outside its configuration: a name changes no id
LONGEST = {"name": 80, "notes": 4000, "tags": 200}
WORDS = {  # the form of a setting in a name, if its label would be long
    "samples_per_class": "{} per class",
    "gamma": "γ {}",
    "steps": "{} steps",
    "resolution": "{} px",
    "dimension": "d = {}",
    "learning_rate_codes": "code rate {}",
    "learning_rate_generator": "generator rate {}",
    "reconstruction": "{} loss",
    "generator_width": "width {}",
    "warm_start": "from {}",
}
HEAD = ("dataset", "objective")
CLASSIFIER_SETTINGS = (  # not used by GLO
    "gamma",
    "balance",
    "pull",
    "classifier_input",
    "weak_classifier",
    "classifier_loss",
)
DEFAULTS = {"gamma": "balanced γ", "resolution": "own size"}  # the words for None
FILES: dict[str, Callable[[Path], str]] = {  # settings that name a file, and its name in words
    "decisions": lambda path: path.stem[:8],
    "index_file": lambda path: path.name,
    "warm_start": checkpoint_name,
}
UPLOADED = re.compile(r"-[0-9a-f]{16}$")  # the suffix that uploads.keep adds to a file's name


Tag = Annotated[str, Field(max_length=LONGEST["tags"])]


@with_config(ConfigDict(strict=True))
@dataclass(frozen=True)
class About:
    """A person's name, notes and tags for a run: in its folder, but no part of what the run computes."""

    name: Annotated[str, Field(max_length=LONGEST["name"])] = ""
    notes: Annotated[str, Field(max_length=LONGEST["notes"])] = ""
    tags: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST["tags"])], ...], Field(max_length=LONGEST["tags"])
    ] = ()

    @classmethod
    def read(cls, folder: Path) -> "About":
        """Read the file of a run's folder. If it is missing or damaged, all fields are empty."""
        try:
            return read_record(folder / ABOUT, SCHEMA) or cls()
        except GlicoError:
            return cls()

    def write(self, folder: Path) -> None:
        """Write the file. Raises GlicoError if the folder cannot be written."""
        write_json(folder / ABOUT, asdict(self))


SCHEMA: TypeAdapter[About] = TypeAdapter(About)


def dataset_name(dataset: str) -> str:
    """Return a data set in words: its name, or its file's name as it was before it was uploaded."""
    return UPLOADED.sub("", Path(dataset).stem) or dataset


def telling_names(configs: Sequence[Config]) -> list[str]:
    """Return a name for each configuration: its data set, its objective, and every setting in which it differs.

    Example: "birds · GLICO · γ 0.05 · 200 steps". A name has a setting if configurations with the same data set and
    objective differ in it, important settings first. It has the preparation of images from before it was an option only
    if nothing else differs. Names that are still equal are numbered.
    """
    values = [_computing(config) for config in configs]
    names = _named([" · ".join(_head(config)) for config in configs], configs, [_chosen(own) for own in values])
    return numbered(_named(names, configs, values, only_former=True))


def _named(
    heads: Sequence[str], configs: Sequence[Config], values: Sequence[dict[str, Any]], only_former: bool = False
) -> list[str]:
    """Return each head, with the settings in which configurations with the same head differ."""
    seen: dict[str, dict[str, set[str]]] = {}  # head -> setting -> its values
    fields = dict.fromkeys(field for own in values for field in own if field in FORMER_PREPARATION or not only_former)
    for head, own in zip(heads, values, strict=True):
        for field in fields:
            seen.setdefault(head, {}).setdefault(field, set()).add(repr(own.get(field)))
    names = []
    for head, config, own in zip(heads, configs, values, strict=True):
        omitted = (*HEAD, *CLASSIFIER_SETTINGS) if _head(config)[1] == "GLO" else HEAD
        differing = [field for field in own if field in fields and len(seen[head][field]) > 1 and field not in omitted]
        differing.sort(key=lambda field: list(WORDS).index(field) if field in WORDS else len(WORDS))
        names.append(" · ".join([head, *(spelt(field, own[field]) for field in differing)]))
    return names


def _chosen(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those of the preparation before it was an option: nobody chose them."""
    return {name: value for name, value in values.items() if FORMER_PREPARATION.get(name) != value}


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names, equal ones with a number each."""
    return [f"{name} ({names[:i].count(name) + 1})" if names.count(name) > 1 else name for i, name in enumerate(names)]


def differences(first: Config, second: Config) -> list[tuple[str, Any, Any]]:
    """Return the settings in which two configurations differ, in the schema's order: (name, value, value)."""
    one, other = (type(config).computing(config.model_dump(mode="json")) for config in (first, second))
    return [(name, one.get(name), other.get(name)) for name in {**one, **other} if one.get(name) != other.get(name)]


def _computing(config: Config) -> dict[str, Any]:
    """Return the settings that determine a configuration's result; the size of its sample is one value: "up to 20"."""
    values = type(config).computing(config.model_dump(mode="json"))
    if isinstance(config, DataConfig):
        values["samples_per_class"] = config.sample_size
        values.pop("per_class", None)
    return values


def _head(config: Config) -> tuple[str, str]:
    objective = config.objective.upper() if isinstance(config, TrainConfig) else "DCGAN"
    return dataset_name(config.dataset) if isinstance(config, DataConfig) else "", objective


def spelt(name: str, value: Any) -> str:
    """Return a setting in a few words, as in names: "γ 0.05", "balanced γ"."""
    if value is None and name in DEFAULTS:
        return DEFAULTS[name]
    if value is not None and name in FILES:
        value = FILES[name](Path(value))
    text = "default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return WORDS.get(name, f"{name.replace('_', ' ')} {{}}").format(text)
