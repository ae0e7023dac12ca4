"""Train: learn codes and a generator from a few images, and watch it happen."""

import streamlit as st

from app.components.visit import arrive
from app.runs.panel import notice_changes, run_names, show_estimate
from app.session import public
from app.training import form, monitor
from app.widgets.text import plain
from glico.runs.folder import list_runs
from glico.words import counted


def page() -> None:
    """Show the form, then the runs; the estimate comes last, because it takes seconds."""
    st.title("Train")
    st.write("Learn one code for every image of a small sample, and a generator that turns a code into an image.")
    public.notice()
    configs, slot = form.show()
    known = run_names()
    runs = [folder for folder in list_runs() if folder.kind == "train"]
    st.divider()
    if started := st.session_state.get(form.STARTED):
        arrive("train_arrive", f"training {started}")
    st.subheader("Runs", anchor=False)
    if runs:
        alive = sum(run.state.alive for run in runs)
        if alive > 1:
            st.caption(plain(f"{counted(alive, 'run')} running or waiting for a free processor."))
        monitor.show(runs)
    else:
        st.info("There are no training runs yet. Runs that you start above appear here.", icon=":material/info:")
    show_estimate(configs, slot)
    notice_changes(known)


page()
