"""The schema as command-line arguments: names, help, units, ranges and defaults all come from glico.config."""

import argparse
from collections.abc import Collection
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from glico.cli.outcome import BadArguments
from glico.config import Config

C = TypeVar("C", bound=Config)


def add_fields(
    parser: argparse.ArgumentParser, schema: type[Config], *, positional: str, several: Collection[str] = ()
) -> None:
    """One argument a field, grouped as the schema groups them; only what is given ends up in the namespace.

    ``positional`` is the field without dashes; fields in ``several`` take more than one value.
    """
    groups: dict[str, Any] = {}
    for name, field in schema.model_fields.items():
        if name == positional:
            parser.add_argument(name, metavar=name.upper(), help=help_text(field))
            continue
        title = _extra(field)["group"]
        group = groups.setdefault(title, None) or parser.add_argument_group(title)
        groups[title] = group
        options: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": help_text(field)}
        kind = plain_type(field)
        if kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["metavar"] = _metavar(field)
            if name in several or get_origin(kind) is tuple:
                options["nargs"] = "+"
        group.add_argument(_flag(name, name in several), **options)


def build(schema: type[C], values: dict[str, Any], several: Collection[str] = ()) -> C:
    """The configuration from a namespace's values. Raises BadArguments with one sentence."""
    known = {name: _read(schema.model_fields[name], value) for name, value in values.items() if value is not None}
    try:
        return schema.model_validate(known)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        field = schema.model_fields[name]
        takes = domain(field) or field.description
        flag = name.upper() if field.is_required() else _flag(name, name in several)
        raise BadArguments(f"{flag} is {_written(known[name])}, but it takes {takes}.") from None


def given(arguments: argparse.Namespace, schema: type[Config]) -> dict[str, Any]:
    """What was said on the command line about the schema's fields."""
    return {name: value for name, value in vars(arguments).items() if name in schema.model_fields}


def help_text(field: FieldInfo) -> str:
    """The field's help with its unit, range and default in brackets."""
    default = None if field.is_required() or field.default in (None, ()) else f"default {_written(field.default)}"
    choices = get_origin(plain_type(field)) is Literal  # these stand in the metavar already
    facts = [_extra(field)["unit"], "" if choices else domain(field), default]
    brackets = "; ".join(fact for fact in facts if fact)
    return f"{field.description}{f' [{brackets}]' if brackets else ''}".replace("%", "%%")


def domain(field: FieldInfo) -> str:
    """Which values the field takes, in words; empty where any text goes."""
    kind = plain_type(field)
    if get_origin(kind) is Literal:
        return _either([str(choice) for choice in get_args(kind)])
    bounds = {name: getattr(limit, name) for limit in field.metadata for name in LIMITS if hasattr(limit, name)}
    numbers = "numbers" if get_origin(kind) is tuple else {int: "a whole number", float: "a number"}.get(kind, "")
    if {"ge", "le"} <= bounds.keys():
        return f"{numbers} from {bounds['ge']} to {bounds['le']}"
    limits = " and ".join(LIMITS[name].format(value) for name, value in bounds.items())
    return f"{numbers} {limits}".strip()


LIMITS = {
    "ge": "at least {}",
    "gt": "above {}",
    "le": "at most {}",
    "lt": "below {}",
    "min_length": "at least {} of them",
    "max_length": "at most {} of them",
}


def plain_type(field: FieldInfo) -> Any:
    """The field's type without None."""
    kind = field.annotation
    if get_origin(kind) in (Union, UnionType):
        (kind,) = [part for part in get_args(kind) if part is not NoneType]
    return kind


def _read(field: FieldInfo, value: Any) -> Any:
    """The text of an argument as the choice it names where choices are numbers; else pydantic reads it."""
    for choice in get_args(plain_type(field)) if get_origin(plain_type(field)) is Literal else ():
        if value == str(choice):
            return choice
    return value


def _extra(field: FieldInfo) -> dict[str, Any]:
    assert isinstance(field.json_schema_extra, dict)
    return field.json_schema_extra


def _flag(name: str, several: bool) -> str:
    return "--" + ("seeds" if several and name == "seed" else name.replace("_", "-"))


def _metavar(field: FieldInfo) -> str:
    kind = plain_type(field)
    if get_origin(kind) is Literal:
        return "{" + ",".join(map(str, get_args(kind))) + "}"
    return {int: "N", float: "X"}.get(get_args(kind)[0] if get_origin(kind) is tuple else kind, "TEXT")


def _written(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(_written, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
