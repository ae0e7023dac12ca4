"""A configuration model -> Streamlit widgets. Labels, help, units, bounds and folds all come from the schema.

What is wrong is said beside the field that is wrong, so the widgets have no bounds of their own: Streamlit's turn red
without a word, and leave the last valid value in force.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from app.session import bounds
from app.widgets.text import plain
from glico.config import Config, Facts, WrongValue
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
    asked = {name: model.facts(name) for name in model.names()}
    asked = {name: field for name, field in asked.items() if (only is None or name in only) and name not in hide}
    shown = {name: field for name, field in asked.items() if not bounds.withheld(field)}
    start = dict(initial or {})
    in_sight = [name for name, field in shown.items() if not field.advanced] if first is None else first
    values = _grid(model, [name for name in in_sight if name in shown], key, start)
    values |= {name: field.default for name, field in asked.items() if name not in shown}
    folded = [field for name, field in shown.items() if name not in in_sight]
    if folded:
        with st.expander("Advanced", key=f"{key}_advanced"):
            for group in dict.fromkeys(field.group for field in folded):
                st.caption(group)
                values |= _grid(model, [field.name for field in folded if field.group == group], key, start)
    return values


def faults(model: type[Config], values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each of these values, by field name, as it is said beside the field."""
    found = {name: fault(model, name, value) for name, value in values.items()}
    return {name: words for name, words in found.items() if words}


def fault(model: type[Config], name: str, value: Any) -> str:
    """What is wrong with a field's value, in a few words; nothing where it is right."""
    try:
        model.check(name, value)
    except WrongValue as wrong:
        return wrong.reason
    return bounds.fault(name, value)


def validated(model: type[AnyConfig], values: Mapping[str, Any]) -> AnyConfig:
    """The configuration with these values: the one place where a form becomes one.

    Raises GlicoError naming the first field that is wrong, and why, also if a visitor may not ask for it.
    """
    try:
        config = model.of(values)
    except WrongValue as wrong:
        where = label(wrong.field) if wrong.field else "These settings"
        raise GlicoError(f"{where}: {wrong.reason}, not {wrong.value!r}.") from wrong
    bounds.check(config)
    return config


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
                values[name] = _widget(model.facts(name), f"{key}_{name}", initial)
                if words := fault(model, name, values[name]):
                    _say(words)
    return values


def _say(words: str) -> None:
    st.caption(f":red[{words[0].upper()}{plain(words[1:])}.]")


def _widget(field: Facts, key: str, initial: Mapping[str, Any]) -> Any:
    start = initial.get(field.name, field.default)
    common: dict[str, Any] = {"help": plain(_help(field)), "key": key, "persist_state": "session"}
    title = label(field.name, field.unit)
    if field.choices:
        choices = list(field.choices)
        common |= {"placeholder": AUTOMATIC} if field.optional else {}
        return st.selectbox(title, choices, index=choices.index(start) if start in choices else None, **common)
    if field.several:
        text = st.text_input(title, ", ".join(f"{x:g}" for x in start), **common)
        return [part.strip() for part in str(text).split(",") if part.strip()]
    if field.kind is bool:
        return st.toggle(title, bool(start), **common)
    if field.kind in (int, float):
        step = {"step": 1} if field.kind is int else {"step": _step(field.default), "format": "%g"}
        return st.number_input(title, value=start, placeholder=AUTOMATIC, **step, **common)
    text = st.text_input(title, start or "", placeholder=AUTOMATIC if field.optional else None, **common)
    return text or None if field.optional else text


def _step(default: float) -> float:
    """A tenth of the default's power of ten: 0.001 -> 0.0001, 2 -> 0.1."""
    return float(10.0 ** (math.floor(math.log10(default)) - 1)) if default else 0.1


def _help(field: Facts) -> str:
    text = field.help.rstrip(".")
    if field.low is not None and field.high is not None:
        text += f"; {field.low:.10g} to {field.high:.10g}" + (f" {field.unit}" if field.unit else "")
    return text[0].upper() + text[1:] + "."
