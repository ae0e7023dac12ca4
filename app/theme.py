"""What the theme in .streamlit/config.toml cannot say."""

import streamlit as st


def readable_selection() -> None:
    """Chosen segments and pills in the colour of text on the dark ground.

    One primary colour cannot have enough contrast both under a button's white text and as text on a dark ground.
    """
    if st.context.theme.type == "dark":
        colour = st.get_option("theme.dark.textColor")
        st.html(f"<style>[data-selected='true'] p {{ color: {colour} }}</style>")
