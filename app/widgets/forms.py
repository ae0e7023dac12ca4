"""Streamlit widgets for a configuration model. Labels, help, units, bounds and groups all come from the schema.

An error is named next to its field. The widgets have no bounds of their own: Streamlit's turn red without an
explanation, and keep the last valid value.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from app.session import bounds
from app.widgets.text import plain
from glico.config import Config, FieldDescription, WrongValue
from glico.errors import GlicoError

COLUMNS = 3
FIRST_GROUP = "Often changed"

AnyConfig = TypeVar("AnyConfig", bound=Config)


def widgets(
    model: type[Config],
    key: str,
    *,
    only: Collection[str] | None = None,
    hide: Collection[str] = (),
    first: Collection[str] | None = None,
    initial: Mapping[str, Any] | None = None,
    automatic: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Show a widget for every field of ``model``; return their values by field name.

    ``only`` and ``hide`` choose fields; ``initial`` has values other than the schema's defaults. ``first`` names the
    fields that are always visible, by default those that are not marked advanced; the others are in an expander: those
    that are not marked advanced come first, the rest has a tab for each group. ``automatic`` describes an empty field,
    if the page knows more than the schema. ``key`` is unique on the page; the session keeps what a person enters under
    it.
    """
    fields = {name: model.describe(name) for name in model.names()}
    fields |= {name: replace(fields[name], automatic=words) for name, words in (automatic or {}).items()}
    fields = {name: field for name, field in fields.items() if (only is None or name in only) and name not in hide}
    shown = {name: field for name, field in fields.items() if not bounds.withheld(field)}
    start = dict(initial or {})
    visible = [name for name, field in shown.items() if not field.advanced] if first is None else first
    values = _grid(model, [shown[name] for name in visible if name in shown], key, start)
    values |= {name: field.default for name, field in fields.items() if name not in shown}
    others = [field for name, field in shown.items() if name not in visible]
    if others:
        with st.expander("Advanced", key=f"{key}_advanced"):
            folded = _ranked(model, others, key, start)
        for name, words in faults(model, folded).items():  # a tab or the expander may hide the one beside the field
            _show_fault(f"{label(name)} (in Advanced): {words}")
        values |= folded
    return values


def faults(model: type[Config], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the error of each wrong value, by field name, as it is shown next to the field."""
    errors = {name: fault(model, name, value) for name, value in values.items()}
    return {name: words for name, words in errors.items() if words}


def fault(model: type[Config], name: str, value: Any) -> str:
    """Return the error of a field's value in a few words; empty if it is valid."""
    try:
        model.check(name, value)
    except WrongValue as wrong:
        return wrong.reason
    return bounds.fault(name, value)


def validated(model: type[AnyConfig], values: Mapping[str, Any]) -> AnyConfig:
    """Return the configuration with these values: the one place that turns a form into a configuration.

    Raises GlicoError with the first wrong field and the reason, also if a visitor may not use the value.
    """
    try:
        config = model.from_values(values)
    except WrongValue as wrong:
        where = label(wrong.field) if wrong.field else "These settings"
        raise GlicoError(f"{where}: {wrong.reason}, not {wrong.value!r}.") from wrong
    bounds.check(config)
    return config


def number(
    title: str,
    low: int,
    high: int,
    start: int,
    key: str,
    *,
    width: int = 140,
    help: str | None = None,
) -> int | None:
    """Show a field for a whole number; return it, or None with the reason below the field if it is out of bounds."""
    with st.container(width=width):
        value = st.number_input(title, value=start, step=1, key=key, persist_state="session", help=help)
        if value is not None and low <= value <= high:
            return int(value)
        _show_fault(f"must be from {low} to {high}")
    return None


def label(name: str, unit: str = "") -> str:
    """Return a field's name in words: ``samples_per_class`` -> "Samples per class"."""
    words = name.replace("_", " ")
    return words[0].upper() + words[1:] + (f" ({unit})" if unit and unit not in words else "")


def _ranked(
    model: type[Config], fields: Sequence[FieldDescription], key: str, initial: Mapping[str, Any]
) -> dict[str, Any]:
    """Show those fields first that are not marked advanced, then a tab for each group of the rest."""
    often = [field for field in fields if not field.advanced]
    rest = [field for field in fields if field.advanced]
    if often:
        st.caption(FIRST_GROUP)
    values = _grid(model, often, key, initial)
    if groups := list(dict.fromkeys(field.group for field in rest)):
        for tab, group in zip(st.tabs(groups), groups, strict=True):
            with tab:
                values |= _grid(model, [field for field in rest if field.group == group], key, initial)
    return values


def _grid(
    model: type[Config], fields: Sequence[FieldDescription], key: str, initial: Mapping[str, Any]
) -> dict[str, Any]:
    values = {}
    for row in range(0, len(fields), COLUMNS):
        for column, field in zip(st.columns(COLUMNS), fields[row : row + COLUMNS], strict=False):
            with column:
                values[field.name] = _widget(field, f"{key}_{field.name}", initial)
                if words := fault(model, field.name, values[field.name]):
                    _show_fault(words)
    return values


def _show_fault(words: str) -> None:
    st.caption(f":red[{words[0].upper()}{plain(words[1:])}.]")


def _widget(field: FieldDescription, key: str, initial: Mapping[str, Any]) -> Any:
    start = initial.get(field.name, field.default)
    common: dict[str, Any] = {"help": plain(_help(field)), "key": key, "persist_state": "session"}
    title = label(field.name, field.unit)
    if field.choices:
        choices = list(field.choices)
        common |= {"placeholder": field.automatic} if field.optional else {}
        return st.selectbox(title, choices, index=choices.index(start) if start in choices else None, **common)
    if field.several:
        text = st.text_input(title, ", ".join(f"{x:g}" for x in start), **common)
        return [part.strip() for part in str(text).split(",") if part.strip()]
    if field.kind is bool:
        return st.toggle(title, bool(start), **common)
    if field.kind in (int, float):
        step = {"step": 1} if field.kind is int else {"step": _step(field.default), "format": "%g"}
        return st.number_input(title, value=start, placeholder=field.automatic, **step, **common)
    text = st.text_input(title, start or "", placeholder=field.automatic if field.optional else None, **common)
    return text or None if field.optional else text


def _step(default: float) -> float:
    """Return a tenth of the default's power of ten: 0.001 -> 0.0001, 2 -> 0.1."""
    return float(10.0 ** (math.floor(math.log10(default)) - 1)) if default else 0.1


def _help(field: FieldDescription) -> str:
    text = field.help.rstrip(".")
    if field.low is not None and field.high is not None:
        text += f"; {field.low:.10g} to {field.high:.10g}" + (f" {field.unit}" if field.unit else "")
    return text[0].upper() + text[1:] + "."
