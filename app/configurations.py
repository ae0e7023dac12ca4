"""The exact configuration of runs, and in what they differ."""

import json
from collections.abc import Sequence

import streamlit as st

from app.forms import label
from app.naming import run_titles
from app.public import without_paths
from app.text import plain
from glico.runs.folder import RunFolder


def configurations(runs: Sequence[RunFolder]) -> None:
    """A column per run; first what differs, then, on demand, all."""
    titles = run_titles(runs)
    fields = list(dict.fromkeys(name for run in runs for name in run.settings))
    spelt = {run.id: {name: _spelt(run.settings.get(name)) for name in fields} for run in runs}
    differing = [name for name in fields if len({spelt[run.id][name] for run in runs}) > 1]
    if len(runs) == 1:
        shown = fields
    else:
        every = st.toggle("Also what is the same", key="configurations_all")
        shown = fields if every else differing
        same = len(fields) - len(differing)
        st.caption(plain(f"{len(runs)} runs differ in {len(differing)} fields and agree in {same}."))
    if shown:
        columns = {"field": [label(name) for name in shown]}
        columns |= {titles[run.id]: [spelt[run.id][name] for name in shown] for run in runs}
        st.dataframe(columns, hide_index=True, key="configurations_table", height="content")
    written = without_paths(json.dumps({run.id: run.settings for run in runs}, indent=2))
    st.download_button(
        "Configurations as JSON", written, "configurations.json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _spelt(value: object) -> str:
    if value is None:
        return "by default"
    return without_paths(", ".join(map(str, value)) if isinstance(value, list) else str(value))
