"""Two checkpoints side by side: their images, the settings that differ, their metrics, and both on the map."""

import streamlit as st

from app import pages
from app.cached import CheckpointFile
from app.checkpoints import card
from app.runs.naming import value_in_words
from app.session import selection
from app.widgets.forms import label
from app.widgets.text import plain
from glico.runs.naming import differences


def show(first: CheckpointFile, second: CheckpointFile) -> None:
    """Show the comparison, ``first`` on the left. Raises GlicoError."""
    for column, file in zip(st.columns(2, gap="large"), (first, second), strict=True):
        with column:
            st.markdown(f"**{plain(file.title)}**")
            card.show_images(file, "compared")
    st.table(table(first, second), border="horizontal", width="content")
    if first.same_sample(second):
        if st.button("Show both on the map", key="compare_on_map", icon=pages.LATENT_MAP.icon):
            selection.update(checkpoint=first.key, beside=second.key)
            pages.LATENT_MAP.open()
    else:
        st.caption("They were trained on different images, so the maps cannot link them.")
    st.divider()


def table(first: CheckpointFile, second: CheckpointFile) -> dict[str, list[str]]:
    """Return the columns of the comparison as Markdown: a row for each setting that differs, then the metrics.

    Raises GlicoError.
    """
    rows = [
        (label(name), value_in_words(one), value_in_words(other))
        for name, one, other in differences(first.config, second.config)
    ]
    if not rows:
        rows = [("Settings", "identical", "identical")]
    left, right = card.metrics(first), card.metrics(second)
    rows += [(name, left.get(name, "–"), right.get(name, "–")) for name in left | right]
    titles = [first.title, second.title]
    if first.title == second.title:
        titles = [f"{file.title} ({file.key})" for file in (first, second)]
    names, *values = zip(*rows, strict=True)
    columns = zip(["Comparison", *titles], [names, *values], strict=True)
    return {plain(title): [plain(text) for text in column] for title, column in columns}
