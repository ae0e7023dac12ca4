"""The schema as command-line arguments: names, help, units, ranges and defaults come from glico.config."""

import argparse
import json
from collections.abc import Collection
from typing import Any, TypeVar

from glico.cli.outcome import BadArguments
from glico.config import Config, FieldDescription, WrongValue
from glico.files import read_bytes

C = TypeVar("C", bound=Config)


def add_fields(
    parser: argparse.ArgumentParser, schema: type[Config], *, positional: str, several: Collection[str] = ()
) -> None:
    """Add one argument per field, grouped as in the schema. The namespace has only the fields that are given.

    ``positional`` is the field without dashes; fields in ``several`` take more than one value. With ``--config`` a
    file supplies what the command line omits.
    """
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="JSON file with a configuration, such as a run's page exports; FILE#RUN selects one of several",
    )
    parser.set_defaults(positional=positional)
    groups: dict[str, Any] = {}
    options: dict[str, Any]
    for field in map(schema.describe, schema.names()):
        if field.name == positional:
            options = {"nargs": "?", "default": argparse.SUPPRESS, "help": help_text(field, required=True)}
            parser.add_argument(field.name, metavar=field.name.upper(), **options)
            continue
        group = groups.setdefault(field.group, None) or parser.add_argument_group(field.group)
        groups[field.group] = group
        options = {"dest": field.name, "default": argparse.SUPPRESS, "help": help_text(field)}
        if field.kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["metavar"] = _metavar(field)
            if field.name in several or field.several:
                options["nargs"] = "+"
        group.add_argument(_flag(field.name, field.name in several), **options)


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the runs that a command acts on."""
    parser.add_argument("run_ids", metavar="RUN", nargs="+", help="a run's id, or the path of its folder")


def build(schema: type[C], values: dict[str, Any], several: Collection[str] = ()) -> C:
    """Return the configuration from a namespace's values. Raises BadArguments with one sentence."""
    known = {name: _read(schema.describe(name), value) for name, value in values.items() if value is not None}
    try:
        return schema.from_values(known)
    except WrongValue as wrong:
        field = schema.describe(wrong.field)
        flag = field.name.upper() if field.required else _flag(field.name, field.name in several)
        takes = field.domain or field.help
        raise BadArguments(f"{flag} is {_written(known[field.name])}, but it takes {takes}.") from None


def given_values(arguments: argparse.Namespace, schema: type[Config]) -> dict[str, Any]:
    """Return the given values of the schema's fields: from the command line, else from the file of ``--config``.

    Raises BadArguments if the positional one is missing.
    """
    values = _from_file(arguments.config, schema) if arguments.config else {}
    values |= {name: value for name, value in vars(arguments).items() if name in schema.names()}
    if arguments.positional and arguments.positional not in values:
        raise BadArguments(f"{arguments.positional.upper()} is missing: name it, or a file that holds it by --config.")
    return values


def _from_file(argument: str, schema: type[Config]) -> dict[str, Any]:
    """Return the settings of ``schema`` in a JSON file: an object of settings, or an object of these by run."""
    name, _, run = argument.partition("#")
    try:
        content = json.loads(read_bytes(name, "json_mib"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadArguments(
            f"--config {name} cannot be read as JSON: {error}. Correct the file or export it again."
        ) from None
    if not isinstance(content, dict) or not content:
        raise BadArguments(f"--config {name} holds no configuration.")
    runs = content if all(isinstance(value, dict) for value in content.values()) else {"": content}
    names = set(schema.names())
    fitting = {key: settings for key, settings in runs.items() if settings.keys() <= names}
    if run:
        fitting = {key: settings for key, settings in fitting.items() if key == run}
    if len(fitting) == 1:
        (settings,) = fitting.values()
        return dict(settings)
    if not fitting:
        strange = sorted(set().union(*runs.values()) - names)
        which = f" {run}" if run else f" for this command (it has {strange[0]})" if strange else ""
        raise BadArguments(f"--config {name} holds no configuration{which}.")
    raise BadArguments(
        f"--config {name} holds {len(fitting)} configurations: choose one by {name}#RUN, such as {name}#{min(fitting)}."
    )


def help_text(field: FieldDescription, required: bool = False) -> str:
    """Return the field's help with its unit, range and default in brackets; no default if it is ``required``."""
    no_default = required or field.required or field.default in (None, ())
    default = None if no_default else f"default {_written(field.default)}"
    notes = [field.unit, "" if field.choices else field.domain, default]  # the metavar already lists choices
    brackets = "; ".join(note for note in notes if note)
    return f"{field.help}{f' [{brackets}]' if brackets else ''}".replace("%", "%%")


def _read(field: FieldDescription, value: Any) -> Any:
    """Return the choice that an argument's text names if choices are numbers; else the text, for the schema to
    parse."""
    return next((choice for choice in field.choices if value == str(choice)), value)


def _flag(name: str, several: bool) -> str:
    return "--" + ("seeds" if several and name == "seed" else name.replace("_", "-"))


def _metavar(field: FieldDescription) -> str:
    if field.choices:
        return "{" + ",".join(map(str, field.choices)) + "}"
    return {int: "N", float: "X"}.get(field.kind, "TEXT")


def _written(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(_written, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
