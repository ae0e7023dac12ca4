"""A configuration model -> Streamlit widgets. Labels, help, units, bounds and folds all come from the schema."""

import math
from collections.abc import Collection, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from app.text import plain
from glico.config import Config
from glico.errors import GlicoError

COLUMNS = 3
AUTOMATIC = "by default"

AnyConfig = TypeVar("AnyConfig", bound=Config)


def widgets(
    model: type[Config], key: str, *, only: Collection[str] | None = None, hide: Collection[str] = (),
    initial: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Draw a widget for every field of ``model`` and return what they hold, by field name.

    ``only`` and ``hide`` choose fields; ``initial`` gives values other than the schema's defaults. Fields marked
    advanced are folded away, under the headings of their groups. ``key`` is unique on the page; what a person
    entered under it stays for the session, over other pages.
    """
    shown = {name: info for name, info in model.model_fields.items() if (only is None or name in only)}
    shown = {name: info for name, info in shown.items() if name not in hide}
    start = dict(initial or {})
    first = {name: info for name, info in shown.items() if not _extra(info)["advanced"]}
    folded = {name: info for name, info in shown.items() if _extra(info)["advanced"]}
    values = _grid(first, key, start)
    if folded:
        with st.expander("Advanced", key=f"{key}_advanced"):
            for group in dict.fromkeys(_extra(info)["group"] for info in folded.values()):
                st.caption(group)
                values |= _grid({n: i for n, i in folded.items() if _extra(i)["group"] == group}, key, start)
    return values


def validated(model: type[AnyConfig], values: Mapping[str, Any]) -> AnyConfig:
    """The configuration with these values. Raises GlicoError naming the first field that is wrong, and why."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"][0].lower() + first["msg"][1:]
        raise GlicoError(f"{label(str(first['loc'][0]))}: {reason}, not {first['input']!r}.") from error


def label(name: str, unit: str = "") -> str:
    """A field's name in words: ``samples_per_class`` -> "Samples per class"."""
    words = name.replace("_", " ")
    return words[0].upper() + words[1:] + (f" ({unit})" if unit and unit not in words else "")


def _grid(fields: Mapping[str, FieldInfo], key: str, initial: Mapping[str, Any]) -> dict[str, Any]:
    values, names = {}, list(fields)
    for row in range(0, len(names), COLUMNS):
        for column, name in zip(
            st.columns(COLUMNS, vertical_alignment="bottom"), names[row : row + COLUMNS], strict=False
        ):
            with column:
                values[name] = _widget(name, fields[name], f"{key}_{name}", initial)
    return values


def _widget(name: str, info: FieldInfo, key: str, initial: Mapping[str, Any]) -> Any:
    kind, optional = _kind(info)
    if key not in st.session_state:
        start = initial.get(name, None if info.is_required() else info.default)
        st.session_state[key] = ", ".join(f"{x:g}" for x in start) if get_origin(kind) is tuple else start
    common: dict[str, Any] = {"help": plain(_help(info)), "key": key, "persist_state": "session"}
    title = label(name, str(_extra(info)["unit"]))
    if get_origin(kind) is Literal:
        common |= {"index": None, "placeholder": AUTOMATIC} if optional else {}
        return st.selectbox(title, list(get_args(kind)), **common)
    if kind is bool:
        return st.toggle(title, **common)
    if kind in (int, float):
        low, high = _bounds(info, kind)
        number: dict[str, Any] = {"min_value": low, "max_value": high, "value": None if optional else "min"}
        step = {"step": 1} if kind is int else {"step": _step(info.default), "format": "%g"}
        return st.number_input(title, placeholder=AUTOMATIC, **number, **step, **common)
    text = st.text_input(title, placeholder=AUTOMATIC if optional else None, **common)
    if get_origin(kind) is tuple:
        return [part.strip() for part in str(text).split(",") if part.strip()]
    return text or None if optional else text


def _kind(info: FieldInfo) -> tuple[Any, bool]:
    """The field's type without None, and whether None is allowed."""
    if get_origin(info.annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(info.annotation) if kind is not NoneType]
        return kinds[0], True
    return info.annotation, False


def _bounds(info: FieldInfo, kind: type) -> tuple[Any, Any]:
    """Least and greatest value; open bounds are moved in by a hair, which the model checks again."""
    low = high = None
    for bound in info.metadata:
        match bound:
            case Ge():
                low = kind(bound.ge)
            case Gt():
                low = kind(bound.gt) + (1 if kind is int else 1e-9)
            case Le():
                high = kind(bound.le)
            case Lt():
                high = kind(bound.lt) - (1 if kind is int else 1e-9)
    return low, high


def _step(default: float) -> float:
    """A tenth of the default's power of ten: 0.001 -> 0.0001, 2 -> 0.1."""
    return float(10.0 ** (math.floor(math.log10(default)) - 1)) if default else 0.1


def _help(info: FieldInfo) -> str:
    low, high = _bounds(info, float)
    text = (info.description or "").rstrip(".")
    if low is not None and high is not None:
        text += f"; {low:.10g} to {high:.10g}" + (f" {_extra(info)['unit']}" if _extra(info)["unit"] else "")
    return text[0].upper() + text[1:] + "."


def _extra(info: FieldInfo) -> dict[str, Any]:
    assert isinstance(info.json_schema_extra, dict)
    return info.json_schema_extra
