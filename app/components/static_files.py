"""Large files that the browser fetches and keeps: scripts, WebAssembly, the graph of a generator."""

from functools import cache
from pathlib import Path

from streamlit.runtime import get_instance

from glico.errors import GlicoError
from glico.files import write_atomically

STATIC = Path(__file__).resolve().parents[2] / "static"


def static_address(name: str, file: Path, kind: str) -> str:
    """Return the address, relative to the page, of an installed ``file`` of this MIME ``kind``.

    The file is copied among the app's static files at the first call. Its ``name`` there contains its version, so that
    a browser keeps it until the package is updated. If the app's folder is read-only, Streamlit serves the file as it
    serves images.
    """
    if _is_static(name, file):
        return f"app/static/{name}"
    return get_instance().media_file_mgr.add(str(file), kind, name).removeprefix("/")


def media_address(content: bytes, name: str, kind: str) -> str:
    """Return the address, relative to the page, of ``content``, which Streamlit names by its hash.

    It is served for as long as a page that requested it in its last run is open.
    """
    return get_instance().media_file_mgr.add(content, kind, name).removeprefix("/")


@cache
def _is_static(name: str, file: Path) -> bool:
    """Copy the file if it is not there; return whether it is there now."""
    if (STATIC / name).exists():
        return True
    try:
        write_atomically(STATIC / name, file.read_bytes(), durable=False, parents=True)
    except GlicoError:
        return False
    return True
