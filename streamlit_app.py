"""The app: page set-up and navigation. Start it with ``streamlit run streamlit_app.py``."""

from pathlib import Path

import streamlit as st

from app.components.visit import visit
from app.session import public
from app.session.throttle import turn
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.runs.projecting import compile_ahead

VIEWS = Path(__file__).parent / "app" / "views"
PAGES = [
    ("latent_map", "Latent map", ":material/scatter_plot:"),
    ("interpolate", "Interpolate", ":material/linear_scale:"),
    ("train", "Train", ":material/model_training:"),
    ("classify", "Classify", ":material/category:"),
    ("results", "Results", ":material/query_stats:"),
    ("checkpoints", "Checkpoints", ":material/inventory_2:"),
]
OWNERS = {"checkpoints"}  # pages on which files are named, renamed and removed


@st.cache_resource
def prepare() -> None:
    """Once for a server: a map of one's own is not to wait for a compiler."""
    compile_ahead()


def complete_theme() -> None:
    """What .streamlit/config.toml cannot say: the colour of chosen segments on dark, and a name for the menu's button.

    One primary colour cannot have enough contrast both under a button's white text and as text on a dark ground. On a
    narrow screen Streamlit puts the pages behind an icon without a name.
    """
    rules = "[data-testid='stExpandSidebarButton']::after { content: 'Pages'; margin-left: 0.3rem }"
    if st.context.theme.type == "dark":
        rules += f"[data-selected='true'] p {{ color: {st.get_option('theme.dark.textColor')} }}"
    st.html(f"<style>{rules}</style>")


st.set_page_config(page_title="GLICO explorer", page_icon=VIEWS.parent / "icon.png", layout="wide")
complete_theme()
page = st.navigation(
    [
        st.Page(VIEWS / f"{name}.py", title=title, icon=icon, default=name == "latent_map")
        for name, title, icon in PAGES
        if name not in OWNERS or not public.is_public()
    ],
    position="top",
)
visit()
st.session_state["page"] = page.url_path
try:
    public.sweep()
    with turn():
        page.run()
except GlicoError as error:
    show_error(error)
prepare()  # last, so that the first page has the machine for itself
