"""The scrubber: drag through a path's frames in the browser at display rate, on a page or in a single file."""

from pathlib import Path

from glico.web import modules
from glico.web.modules import bundle
from glico.web.scrubber.content import PathContent

HERE = Path(__file__).parent
STYLE = (HERE / "scrubber.css").read_text("utf-8")


BODY = '<div class="scrubber" aria-busy="true"></div>'


def offline_page(content: PathContent, start: float, title: str) -> str:
    """Return one HTML file with the scrubber at t = ``start``, which needs no network."""
    data: PathContent = {**content, "start": start}
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), data)
