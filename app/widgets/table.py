"""A table on a page. Its tool bar exports the cells as CSV, in the browser and as they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from glico.formats import without_formula


def data_table(data: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]], **options: Any) -> Any:
    """Show columns by name, or rows, as ``st.dataframe`` does with these ``options``; no cell of its CSV is a formula.

    Return what ``st.dataframe`` returns.
    """
    columns = (
        data if isinstance(data, Mapping) else {name: [row[name] for row in data] for name in (data[0] if data else ())}
    )
    guarded = {without_formula(name): [without_formula(cell) for cell in cells] for name, cells in columns.items()}
    for option in ("column_order", "column_config"):
        if option in options:
            options[option] = _guarded(options[option])
    return st.dataframe(guarded, hide_index=True, **options)


def _guarded(names: Iterable[str] | Mapping[str, Any]) -> list[str] | dict[str, Any]:
    if isinstance(names, Mapping):
        return {without_formula(name): value for name, value in names.items()}
    return [without_formula(name) for name in names]
