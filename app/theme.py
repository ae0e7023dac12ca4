"""What the theme in .streamlit/config.toml cannot say."""

import streamlit as st


def complete() -> None:
    """Chosen segments and pills in the colour of text on the dark ground, and words beside what opens the menu.

    One primary colour cannot have enough contrast both under a button's white text and as text on a dark ground. On a
    narrow screen Streamlit puts the pages behind a sign that has no name.
    """
    rules = "[data-testid='stExpandSidebarButton']::after { content: 'Pages'; margin-left: 0.3rem }"
    if st.context.theme.type == "dark":
        rules += f"[data-selected='true'] p {{ color: {st.get_option('theme.dark.textColor')} }}"
    st.html(f"<style>{rules}</style>")
