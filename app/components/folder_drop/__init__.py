"""Keep the paths of files in a folder that is dropped on an upload field.

Streamlit names an uploaded file by ``webkitRelativePath``. Browsers set it in a folder that is chosen, and leave it
empty in one that is dropped, whose files would arrive without their class folders.
"""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "folder_drop",
    html='<div class="folder-drop"></div>',
    js=(Path(__file__).parent / "folder_drop.js").read_text("utf-8"),
    isolate_styles=False,
)


def keep_paths_of_dropped_folders() -> None:
    """Name the files of dropped folders by their paths, in every upload field of this browser tab."""
    _component(key="folder_drop")
