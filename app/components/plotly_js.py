"""plotly.js for the components: from the installed Python package, through Streamlit's static serving; never a CDN.

A v2 component that draws with plotly.js imports ``loadPlotly`` from ``plotly.js`` and gets the address as data.
Mount with ``isolate_styles=False``: plotly.js puts its style sheet into the page's head, which a shadow root
hides from it. ``Plotly.react`` on the same element keeps the DOM node, the zoom and the WebGL contexts.
"""

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from glico.files import write_atomically

STATIC = Path(__file__).resolve().parents[2] / "static"


@cache
def address() -> str:
    """Where the browser finds plotly.js, relative to the page; the file is put there at the first call.

    The name carries the version, so that a browser keeps it until the package is updated.
    """
    name = f"plotly-{version('plotly')}.min.js"
    if not (STATIC / name).exists():
        package = find_spec("plotly")
        assert package is not None
        assert package.origin is not None
        script = Path(package.origin).parent / "package_data" / "plotly.min.js"
        write_atomically(STATIC / name, script.read_bytes(), durable=False, parents=True)
    return f"app/static/{name}"
