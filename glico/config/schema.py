"""Fields and configurations: one schema for the command line, the forms, the files and run ids."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from glico.errors import GlicoError
from glico.formats import json_text

LIMITS = {
    "ge": "at least {}",
    "gt": "above {}",
    "le": "at most {}",
    "lt": "below {}",
}
BOUNDS = (*LIMITS, "min_length", "max_length")  # the last two of a list of numbers


def field(
    default: Any,
    help: str,
    *,
    group: str,
    unit: str = "",
    advanced: bool = False,
    identity: bool = True,
    later: bool = False,
    only: Mapping[str, Sequence[Any]] | None = None,
    checked: bool = False,
    automatic: str = "by default",
    **bounds: Any,
) -> Any:
    """Declare a field of the schema.

    ``bounds`` are pydantic's (``ge``, ``le``, ``gt``, ``lt``, ``max_length``). Forms fold ``advanced`` fields away.
    ``identity=False`` marks a field that changes where a run executes but not what it computes. ``later`` marks a field
    that was added after the first release: at its default it is left out of a run's id, so that old ids stay valid.
    ``only`` maps other fields to the values for which this one is used at all. ``checked`` marks a text that a
    validator of the schema admits only in a form of its own; any other text names a file or a data set. ``automatic``
    describes None in a few words.
    """
    extra: dict[str, Any] = {
        "group": group,
        "unit": unit,
        "advanced": advanced,
        "identity": identity,
        "only": only or {},
    }
    extra |= {"later": later, "checked": checked, "automatic": automatic}
    return Field(default, description=help, json_schema_extra=extra, **bounds)


@dataclass(frozen=True)
class FieldDescription:
    """The description of a field.

    ``kind`` is bool, int, float or str: the type of the field, or of its items if it holds ``several``. ``choices`` are
    all allowed values if the field lists them. The keys of ``bounds`` are in BOUNDS. An ``optional`` field may be None,
    which means ``automatic``. ``names_file`` says that the text of the field is the name of a file or of a data set.
    """

    name: str
    help: str
    unit: str
    group: str
    advanced: bool
    kind: type
    several: bool
    choices: tuple[Any, ...]
    bounds: Mapping[str, float]
    optional: bool
    required: bool
    default: Any
    automatic: str
    pattern: str | None
    names_file: bool

    @property
    def low(self) -> float | None:
        """The lower bound, inclusive or not; None if there is none."""
        return self.bounds.get("ge", self.bounds.get("gt"))

    @property
    def high(self) -> float | None:
        """The upper bound, inclusive or not; None if there is none."""
        return self.bounds.get("le", self.bounds.get("lt"))

    @property
    def domain(self) -> str:
        """The allowed values as text; empty if any text is allowed."""
        if self.choices:
            *others, last = map(str, self.choices)
            return f"{', '.join(others)} or {last}" if others else last
        if self.several:
            return _count(self.bounds.get("min_length", 0), self.bounds.get("max_length"))
        numbers = {int: "a whole number", float: "a number"}.get(self.kind, "")
        if {"ge", "le"} <= self.bounds.keys():
            return f"{numbers} from {self.bounds['ge']} to {self.bounds['le']}"
        limits = " and ".join(LIMITS[name].format(value) for name, value in self.bounds.items() if name in LIMITS)
        return f"{numbers} {limits}".strip()


def _count(least: float, most: float | None) -> str:
    """Return the allowed number of values as text."""
    if most is None:
        return f"{least} or more numbers" if least else "numbers"
    return f"{most} numbers" if least == most else f"{least} to {most} numbers"


class WrongValue(GlicoError):
    """An invalid configuration value: the field, the ``value`` and a short ``reason``."""

    def __init__(self, detail: ErrorDetails) -> None:
        self.field = str(detail["loc"][0]) if detail["loc"] else ""
        self.value = detail["input"]
        self.reason = _reason(detail)
        super().__init__(f"{self.field or 'the settings'}: {self.reason}, not {self.value!r}")


class Config(BaseModel):
    """Base of every configuration. It is immutable, and an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all fields, in order."""
        return tuple(cls.model_fields)

    @classmethod
    def describe(cls, name: str) -> FieldDescription:
        """Return the description of the field ``name``."""
        return _description(cls, name)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return the configuration with these values. Raises WrongValue for the first invalid one."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise WrongValue(error.errors()[0]) from None

    @classmethod
    def check(cls, name: str, value: Any) -> None:
        """Raise WrongValue if the value is invalid for the field ``name``."""
        try:
            _adapter(cls, name).validate_python(value)
        except ValidationError as error:
            raise WrongValue({**error.errors()[0], "loc": (name,)}) from None

    @classmethod
    def conditions(cls, name: str) -> Mapping[str, Sequence[Any]]:
        """Return the other fields, and their values, that the field ``name`` depends on; empty if it is always used."""
        conditions: Mapping[str, Sequence[Any]] = cls._extra(name, "only")
        return conditions

    @classmethod
    def used(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those ``values`` that are used. For example, only Cutout uses the side of Cutout's square."""

        def holds(name: str, allowed: Sequence[Any]) -> bool:
            return values.get(name, cls.model_fields[name].default) in allowed

        return {
            name: value
            for name, value in values.items()
            if name in cls.model_fields and all(holds(*one) for one in cls.conditions(name).items())
        }

    @classmethod
    def computing(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those ``values`` that change the result: the used ones, without device and downloads."""

        def at_later_default(name: str, value: Any) -> bool:
            if not cls._extra(name, "later"):
                return False
            return json_text(value) == json_text(cls.model_fields[name].default)  # a tuple is a list in a file

        return {
            name: value
            for name, value in cls.used(values).items()
            if cls._extra(name, "identity") and not at_later_default(name, value)
        }

    def fingerprint(self) -> str:
        """Return eight hex digits that identify the result of this configuration; device and downloads do not enter."""
        computing = self.computing(self.model_dump(mode="json"))
        return hashlib.sha256(json_text(computing, sort_keys=True).encode()).hexdigest()[:8]

    @classmethod
    def _extra(cls, name: str, what: str) -> Any:
        extra = cls.model_fields[name].json_schema_extra
        assert isinstance(extra, dict)
        return extra[what]


@cache
def _description(schema: type[Config], name: str) -> FieldDescription:
    info = schema.model_fields[name]
    extra = info.json_schema_extra
    assert isinstance(extra, dict)
    kind, optional = _type(info)
    several, choices = get_origin(kind) is tuple, get_args(kind) if get_origin(kind) is Literal else ()
    item = type(choices[0]) if choices else get_args(kind)[0] if several else kind
    pattern = next((constraint.pattern for constraint in info.metadata if getattr(constraint, "pattern", None)), None)
    return FieldDescription(
        name=name,
        help=info.description or "",
        unit=str(extra["unit"]),
        group=str(extra["group"]),
        advanced=bool(extra["advanced"]),
        kind=item,
        several=several,
        choices=choices,
        bounds={name: getattr(limit, name) for limit in info.metadata for name in BOUNDS if hasattr(limit, name)},
        optional=optional,
        required=info.is_required(),
        default=None if info.is_required() else info.default,
        automatic=str(extra["automatic"]),
        pattern=pattern,
        names_file=item is str and not choices and pattern is None and not extra["checked"],
    )


def _type(info: FieldInfo) -> tuple[Any, bool]:
    """Return the field's type without None, and whether None is allowed."""
    if get_origin(info.annotation) not in (Union, UnionType):
        return info.annotation, False
    (kind,) = [part for part in get_args(info.annotation) if part is not NoneType]
    return kind, True


@cache
def _adapter(schema: type[Config], name: str) -> TypeAdapter[Any]:
    info = schema.model_fields[name]
    kind: Any = Annotated[info.annotation, info]
    return TypeAdapter(kind)


def _reason(detail: ErrorDetails) -> str:
    """Return a short reason for pydantic's error."""
    bounds = detail.get("ctx", {})
    match detail["type"]:
        case "greater_than_equal":
            return f"must be at least {bounds['ge']:.10g}"
        case "greater_than":
            return f"must be more than {bounds['gt']:.10g}"
        case "less_than_equal":
            return f"must be at most {bounds['le']:.10g}"
        case "less_than":
            return f"must be less than {bounds['lt']:.10g}"
        case "too_short" | "too_long":
            least, most = bounds.get("min_length"), bounds.get("max_length")
            return f"needs at least {least} numbers" if least is not None else f"takes at most {most} numbers"
        case "float_parsing" | "int_parsing":
            return "must be a number"
        case "int_type" | "float_type" | "string_type" | "missing":
            return "is missing"
        case "value_error":  # raised by a validator of the schema, whose sentence begins with "must"
            return str(bounds["error"])
        case "string_pattern_mismatch":
            return "is not one of the listed names"
        case _:
            text = str(detail["msg"])
            return text[0].lower() + text[1:]
