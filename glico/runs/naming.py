"""Names of runs and checkpoints for people: made from the settings that differ, or given, with notes and tags."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from glico.config import Config, DataConfig, TrainConfig
from glico.config.data import FORMER_PREPARATION
from glico.errors import GlicoError
from glico.files import write_json
from glico.runs.records import read_record

ABOUT = "about.json"  # beside the run, outside its configuration: a name changes no id
LONGEST = {"name": 80, "notes": 4000, "tags": 200}
WORDS = {  # how a setting is written in a name, where its label would be long
    "samples_per_class": "{} per class",
    "gamma": "γ {}",
    "steps": "{} steps",
    "resolution": "{} px",
    "dimension": "d = {}",
    "learning_rate_codes": "code rate {}",
    "learning_rate_generator": "generator rate {}",
    "reconstruction": "{} loss",
    "generator_width": "width {}",
}
HEAD = ("dataset", "objective")
JUDGING = ("gamma", "balance", "pull", "classifier_input", "weak_classifier", "classifier_loss")  # not used by GLO
UNASKED = {"gamma": "balanced γ", "resolution": "own size"}  # for None
UPLOADED = re.compile(r"-[0-9a-f]{16}$")  # what uploads.keep adds to a file's name


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
    """A data set in words: its name, or its file's name as it was before it was uploaded."""
    return UPLOADED.sub("", Path(dataset).stem) or dataset


def telling_names(configs: Sequence[Config]) -> list[str]:
    """A name for each configuration: its data set, its objective, and every setting in which it differs.

    "birds · GLICO · γ 0.05 · 200 steps": a setting is named where configurations with the same data set and
    objective differ in it, the telling ones first. The preparation of images before it could be chosen is named only
    where nothing else differs. What is still alike is numbered.
    """
    values = [_computing(config) for config in configs]
    names = _named([" · ".join(_head(config)) for config in configs], configs, [_chosen(own) for own in values])
    return numbered(_named(names, configs, values, only_former=True))


def _named(
    heads: Sequence[str], configs: Sequence[Config], values: Sequence[dict[str, Any]], only_former: bool = False
) -> list[str]:
    """Each head, with the settings in which configurations with the same head differ."""
    found: dict[str, dict[str, set[str]]] = {}
    fields = dict.fromkeys(field for own in values for field in own if field in FORMER_PREPARATION or not only_former)
    for head, own in zip(heads, values, strict=True):
        for field in fields:
            found.setdefault(head, {}).setdefault(field, set()).add(repr(own.get(field)))
    names = []
    for head, config, own in zip(heads, configs, values, strict=True):
        unsaid = (*HEAD, *JUDGING) if _head(config)[1] == "GLO" else HEAD
        differing = [field for field in own if field in fields and len(found[head][field]) > 1 and field not in unsaid]
        differing.sort(key=lambda field: list(WORDS).index(field) if field in WORDS else len(WORDS))
        names.append(" · ".join([head, *(spelt(field, own[field]) for field in differing)]))
    return names


def _chosen(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that say how images were prepared before it could be chosen: nobody chose them."""
    return {name: value for name, value in values.items() if FORMER_PREPARATION.get(name) != value}


def numbered(names: Sequence[str]) -> list[str]:
    """The names; those that are alike with a number each."""
    return [f"{name} ({names[:i].count(name) + 1})" if names.count(name) > 1 else name for i, name in enumerate(names)]


def differences(first: Config, second: Config) -> list[tuple[str, Any, Any]]:
    """The settings in which two configurations differ, in the schema's order: (name, value, value)."""
    one, other = (type(config).computing(config.model_dump(mode="json")) for config in (first, second))
    return [(name, one.get(name), other.get(name)) for name in {**one, **other} if one.get(name) != other.get(name)]


def _computing(config: Config) -> dict[str, Any]:
    """What a configuration computes, by field name; how much of a class it takes is one value: "up to 20"."""
    values = type(config).computing(config.model_dump(mode="json"))
    if isinstance(config, DataConfig):
        values["samples_per_class"] = config.sample_size
        values.pop("per_class", None)
    return values


def _head(config: Config) -> tuple[str, str]:
    objective = config.objective.upper() if isinstance(config, TrainConfig) else "DCGAN"
    return dataset_name(config.dataset) if isinstance(config, DataConfig) else "", objective


def spelt(name: str, value: Any) -> str:
    """A setting in a few words, as in names: "γ 0.05", "balanced γ"."""
    if value is None and name in UNASKED:
        return UNASKED[name]
    text = "default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return WORDS.get(name, f"{name.replace('_', ' ')} {{}}").format(text)
