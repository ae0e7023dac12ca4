"""The pages that open with a checkpoint, and its download."""

from functools import partial
from pathlib import Path

import streamlit as st

from app import pages
from app.session import selection
from glico.files import read_bytes

LINKS = ((pages.LATENT_MAP, "Show on the map"), (pages.INTERPOLATE, "Interpolate"), (pages.CLASSIFY, "Classify"))


def checkpoint_links(checkpoint: str, path: Path) -> None:
    """Show a button for each page that opens with the checkpoint of this key, and one that downloads its file."""
    for page, label in LINKS:
        if st.button(label, key=f"{page.name}_{checkpoint}"):
            selection.update(checkpoint=checkpoint)
            page.open()
    read, name = partial(read_bytes, path, "checkpoint_mib"), f"{checkpoint}.safetensors"
    st.download_button(
        "Checkpoint", read, name, on_click="ignore", icon=":material/download:", key=f"download_{checkpoint}"
    )
