"""Open a checkpoint that somebody else has trained, by upload or by path."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from app.session import selection
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.runs import library

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def show() -> None:
    """Show the button and its form."""
    with st.popover("Open a checkpoint", icon=":material/file_open:"):
        st.write("A .safetensors file that was trained here or elsewhere. It is data: opening it runs no code.")
        name = st.text_input("Name", key="open_name", placeholder="optional")
        file = st.file_uploader("File", ["safetensors"], key="open_file")
        path = st.text_input("or its path on this machine", key="open_path", placeholder="/home/me/birds.safetensors")
        if st.button("Open", type="primary", key="open_now", disabled=not (file or path.strip())):
            try:
                folder = _add(name.strip(), file, Path(path.strip()).expanduser())
            except GlicoError as error:
                show_error(error)
                return
            selection.update(checkpoint=folder.name)
            st.rerun()


def _add(name: str, file: "UploadedFile | None", path: Path) -> Path:
    """Add the uploaded file, else the one at ``path``, to the library; return its folder. Raises GlicoError."""
    if file is None:
        return library.add(path, name or path.stem)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / (Path(file.name).name or "checkpoint.safetensors")
        copy.write_bytes(file.getvalue())
        return library.add(copy, name or copy.stem)
