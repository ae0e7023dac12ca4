"""The introduction above the maps: what the app is, purity as its key figure, and first steps."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import pages
from app.latent_map import maps
from app.session import selection
from app.widgets import glossary
from glico.web.latent_map.scene import Side

CLOSED = "introduced"  # in the session
FIRST_STEPS = (
    (pages.INTERPOLATE, "Drag from one image to another"),
    (pages.TRAIN, "Train a pair on your own images"),
    (pages.CLASSIFY, "Test whether it helps a classifier"),
)
TELEPHONE = """
.st-key-introduction { padding: 0.5rem 0.8rem; gap: 0.3rem }
.st-key-introduction :is([data-testid=stHorizontalBlock], [data-testid=stVerticalBlock]) { gap: 0.3rem }
.st-key-introduction p { font-size: 0.87rem; line-height: 1.3 }
.st-key-introduction_steps { gap: 0 1rem !important }
.st-key-introduction_steps button { min-height: 1.8rem }
.st-key-introduction_purity { min-height: 1.6rem }
.st-key-introduction_purity [data-testid=stMetric] > div { display: flex; gap: 0.4rem; align-items: center }
.st-key-introduction_purity [data-testid=stMetricValue] { font-size: 1rem }
"""  # small, so that the maps below it are on the first screen
STYLE = f"""<style>
.st-key-introduction_purity {{ min-height: 4rem }}
@media (max-width: 640px) {{ {TELEPHONE} }}
</style>"""


def show(sides: Sequence[Side]) -> list[DeltaGenerator]:
    """Show the introduction, until a person closes it.

    Return a container for the purity of each side; none once the introduction is closed.
    """
    if st.session_state.get(CLOSED):
        return []
    st.html(STYLE)
    with st.container(border=True, key="introduction"):
        left, right = st.columns([8, 3], gap="small", vertical_alignment="center")
        with left:
            st.markdown(
                "**GLICO explorer** shows what a generator learns from a handful of labelled images. GLO learns one "
                "code per image by reconstruction alone; GLICO also pulls the codes of a class together, so that new "
                "images of a class can be generated between two of its own.",
                help=glossary.tip("small sample", "code", "latent space", "GLO", "GLICO"),
            )
        with right, st.container(horizontal=True, gap="medium", key="introduction_purity"):
            purities = [st.container(width="content") for _ in sides]
        with left, st.container(horizontal=True, gap="small", key="introduction_steps"):
            for page, words in FIRST_STEPS:
                if st.button(words, key=f"first_{page.name}", type="tertiary", icon=page.icon):
                    page.open()
            if sides[-1].key != selection.DIGITS["checkpoint"]:
                st.button(
                    "See the same on digits",
                    key="on_digits",
                    type="tertiary",
                    icon=":material/looks_one:",
                    on_click=maps.start_afresh,
                    kwargs=selection.DIGITS,
                )
            st.button("Close", key="introduced_close", type="tertiary", icon=":material/close:", on_click=close)
    return purities


def close() -> None:
    """Close the introduction for this session."""
    st.session_state[CLOSED] = True
