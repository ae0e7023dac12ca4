"""The app: page set-up and navigation, and its server. Start it with ``streamlit run streamlit_app.py``."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.components.visit import visit
from app.pages import LATENT_MAP, PAGES
from app.session import public
from app.session.guard import Guard, forgetting
from app.session.throttle import throttled
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.runs.projecting import compile_ahead

ICON = Path(__file__).parent / "app" / "icon.png"


@st.cache_resource
def prepare() -> None:
    """Compile what UMAP needs, once per server, so that a person's first map need not wait for it."""
    compile_ahead()


def complete_theme() -> None:
    """Add what .streamlit/config.toml cannot set: the colour of selected segments on dark, and a label for the menu.

    No primary colour has enough contrast both below a button's white text and as text on a dark background. On a
    narrow screen Streamlit hides the pages behind an icon without a label.
    """
    rules = "[data-testid='stExpandSidebarButton']::after { content: 'Pages'; margin-left: 0.3rem }"
    if st.context.theme.type == "dark":
        rules += f"[data-selected='true'] p {{ color: {st.get_option('theme.dark.textColor')} }}"
    st.html(f"<style>{rules}</style>")


def draw() -> None:
    """Draw the page that a session is on."""
    st.set_page_config(page_title="GLICO explorer", page_icon=ICON, layout="wide")
    complete_theme()
    page = st.navigation(
        [
            st.Page(each.script, title=each.title, icon=each.icon, default=each == LATENT_MAP)
            for each in PAGES
            if not (each.owners and public.is_public())
        ],
        position="top",
    )
    visit()
    st.session_state["page"] = page.url_path
    try:
        public.sweep()
        with throttled():
            page.run()
    except GlicoError as error:
        show_error(error)
    prepare()  # last, so that the first page has the machine to itself


if __name__ == "__main__":  # the script of a session
    draw()
else:  # the server, which `streamlit run` finds here
    app = st.App(__file__, middleware=[Middleware(Guard)], lifespan=forgetting)
