"""A configuration model -> Streamlit widgets. Labels, help, units, bounds and folds all come from the schema.

What is wrong is said beside the field that is wrong, so the widgets have no bounds of their own: Streamlit's turn red
without a word, and leave the last valid value in force.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from app.text import plain
from glico.config import Config
from glico.errors import GlicoError

COLUMNS = 3
AUTOMATIC = "by default"

AnyConfig = TypeVar("AnyConfig", bound=Config)


def widgets(
    model: type[Config], key: str, *, only: Collection[str] | None = None, hide: Collection[str] = (),
    first: Collection[str] | None = None, initial: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Draw a widget for every field of ``model`` and return what they hold, by field name.

    ``only`` and ``hide`` choose fields; ``initial`` gives values other than the schema's defaults. ``first`` names the
    fields that are in sight, by default those that are not marked advanced; the others are folded away under the
    headings of their groups. ``key`` is unique on the page; what a person entered under it stays for the session, over
    other pages.
    """
    shown = {name: info for name, info in model.model_fields.items() if (only is None or name in only)}
    shown = {name: info for name, info in shown.items() if name not in hide}
    start = dict(initial or {})
    in_sight = [name for name, info in shown.items() if not _extra(info)["advanced"]] if first is None else first
    values = _grid(model, [name for name in in_sight if name in shown], key, start)
    folded = {name: info for name, info in shown.items() if name not in in_sight}
    if folded:
        with st.expander("Advanced", key=f"{key}_advanced"):
            for group in dict.fromkeys(_extra(info)["group"] for info in folded.values()):
                st.caption(group)
                values |= _grid(model, [n for n, i in folded.items() if _extra(i)["group"] == group], key, start)
    return values


def faults(model: type[Config], values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each of these values, by field name, as it is said beside the field."""
    found = {name: fault(model, name, value) for name, value in values.items()}
    return {name: words for name, words in found.items() if words}


def fault(model: type[Config], name: str, value: Any) -> str:
    """What is wrong with a field's value, in a few words; nothing where it is right."""
    try:
        _adapter(model, name).validate_python(value)
    except ValidationError as error:
        return _reason(error.errors()[0])
    return ""


def validated(model: type[AnyConfig], values: Mapping[str, Any]) -> AnyConfig:
    """The configuration with these values. Raises GlicoError naming the first field that is wrong, and why."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        detail = error.errors()[0]
        where = label(str(detail["loc"][0])) if detail["loc"] else "These settings"
        raise GlicoError(f"{where}: {_reason(detail)}, not {detail['input']!r}.") from error


def number(
    title: str, low: int, high: int, start: int, key: str, *, width: int = 140, help: str | None = None,
) -> int | None:  # fmt: skip
    """A whole number outside any configuration; None, with the reason below the field, where it is out of bounds."""
    with st.container(width=width):
        value = st.number_input(title, value=start, step=1, key=key, persist_state="session", help=help)
        if value is not None and low <= value <= high:
            return int(value)
        _say(f"must be from {low} to {high}")
    return None


def label(name: str, unit: str = "") -> str:
    """A field's name in words: ``samples_per_class`` -> "Samples per class"."""
    words = name.replace("_", " ")
    return words[0].upper() + words[1:] + (f" ({unit})" if unit and unit not in words else "")


def _grid(model: type[Config], names: Sequence[str], key: str, initial: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for row in range(0, len(names), COLUMNS):
        for column, name in zip(st.columns(COLUMNS), names[row : row + COLUMNS], strict=False):
            with column:
                values[name] = _widget(name, model.model_fields[name], f"{key}_{name}", initial)
                if words := fault(model, name, values[name]):
                    _say(words)
    return values


def _say(words: str) -> None:
    st.caption(f":red[{words[0].upper()}{plain(words[1:])}.]")


def _widget(name: str, info: FieldInfo, key: str, initial: Mapping[str, Any]) -> Any:
    kind, optional = _kind(info)
    start = initial.get(name, None if info.is_required() else info.default)
    common: dict[str, Any] = {"help": plain(_help(info)), "key": key, "persist_state": "session"}
    title = label(name, str(_extra(info)["unit"]))
    if get_origin(kind) is Literal:
        choices = list(get_args(kind))
        common |= {"placeholder": AUTOMATIC} if optional else {}
        return st.selectbox(title, choices, index=choices.index(start) if start in choices else None, **common)
    if kind is bool:
        return st.toggle(title, bool(start), **common)
    if kind in (int, float):
        step = {"step": 1} if kind is int else {"step": _step(info.default), "format": "%g"}
        return st.number_input(title, value=start, placeholder=AUTOMATIC, **step, **common)
    if get_origin(kind) is tuple:
        text = st.text_input(title, ", ".join(f"{x:g}" for x in start), **common)
        return [part.strip() for part in str(text).split(",") if part.strip()]
    text = st.text_input(title, start or "", placeholder=AUTOMATIC if optional else None, **common)
    return text or None if optional else text


def _kind(info: FieldInfo) -> tuple[Any, bool]:
    """The field's type without None, and whether None is allowed."""
    if get_origin(info.annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(info.annotation) if kind is not NoneType]
        return kinds[0], True
    return info.annotation, False


def _bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    """Least and greatest value, themselves allowed or not."""
    low = high = None
    for bound in info.metadata:
        match bound:
            case Ge():
                low = float(bound.ge)  # type: ignore[arg-type]
            case Gt():
                low = float(bound.gt)  # type: ignore[arg-type]
            case Le():
                high = float(bound.le)  # type: ignore[arg-type]
            case Lt():
                high = float(bound.lt)  # type: ignore[arg-type]
    return low, high


def _step(default: float) -> float:
    """A tenth of the default's power of ten: 0.001 -> 0.0001, 2 -> 0.1."""
    return float(10.0 ** (math.floor(math.log10(default)) - 1)) if default else 0.1


def _help(info: FieldInfo) -> str:
    low, high = _bounds(info)
    text = (info.description or "").rstrip(".")
    if low is not None and high is not None:
        text += f"; {low:.10g} to {high:.10g}" + (f" {_extra(info)['unit']}" if _extra(info)["unit"] else "")
    return text[0].upper() + text[1:] + "."


@cache
def _adapter(model: type[Config], name: str) -> TypeAdapter[Any]:
    """A validator of one field alone, by its type and its bounds."""
    info = model.model_fields[name]
    bounded: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(bounded)


def _reason(detail: ErrorDetails) -> str:
    """What pydantic found, in the words of a form."""
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
        case "string_pattern_mismatch":
            return "is none of the names that the help lists"
        case _:
            text = str(detail["msg"])
            return text[0].lower() + text[1:]


def _extra(info: FieldInfo) -> dict[str, Any]:
    assert isinstance(info.json_schema_extra, dict)
    return info.json_schema_extra
