"""The scrubber: a path's frames in the browser, moved by a hand at display rate; on a page, or in a file alone."""

from pathlib import Path

from glico.web import modules
from glico.web.modules import bundle
from glico.web.scrubber.content import Content

HERE = Path(__file__).parent
STYLE = (HERE / "scrubber.css").read_text("utf-8")


BODY = '<div class="scrubber" aria-busy="true"></div>'


def offline_page(content: Content, start: float, title: str) -> str:
    """One HTML file with the scrubber in it at t = ``start``, frames and all: asks nothing of a network."""
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), {**content, "start": start})
