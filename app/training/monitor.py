"""One training run, or GLO and GLICO side by side, live."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from app import cached
from app.components.live_chart import live_chart
from app.components.strips import Strip, strips
from app.decisions import retrained
from app.runs import notifying
from app.runs.naming import edit_about, run_titles, show_about
from app.runs.panel import progress_text, run_panel
from app.session import selection
from app.training.live_map import live_map
from app.widgets import figures
from app.widgets.checkpoint_links import checkpoint_links
from app.widgets.text import plain
from glico.config import TrainConfig, augmentation_method
from glico.runs.folder import RunFolder
from glico.runs.naming import About
from glico.runs.retraining import retrainings

CHARTS = {  # metric -> title, log axis, percent
    "reconstruction": ("Reconstruction loss", True, False),
    "cross_entropy": ("Cross-entropy of the weak classifier", True, False),
    "cosine": ("Cosine loss of the weak classifier", True, False),
    "accuracy": ("Accuracy of the weak classifier on generated images", False, True),
}
EVERY_SECONDS = 1.0


def show(runs: list[RunFolder]) -> None:
    """Show the selected run, and its counterpart of the other objective if there is one."""
    run = _choose(runs)
    titles = run_titles(runs)
    other = counterpart(run, runs)
    pair = sorted([run, *([other] if other else [])], key=lambda each: each.settings["objective"] == "glico")
    alive = [each.id for each in runs if each.state.alive]

    @st.fragment(run_every=EVERY_SECONDS if alive else None)
    def live() -> None:
        states = {each.id: each.state for each in runs}
        if [name for name, state in states.items() if state.alive] != alive:
            st.rerun()
        notifying.show(runs, states, titles, "train_notify")
        for name in alive:
            if name not in {each.id for each in pair}:
                st.caption(plain(f"Also {states[name].status}: {titles[name]}. ") + progress_text(states[name]))
        for column, folder in zip(st.columns(len(pair), gap="large"), pair, strict=True):
            with column:
                if len(pair) > 1:
                    st.markdown(f"**{plain(titles[folder.id])}**")
                run_panel(folder, states[folder.id])
                live_map(folder, states[folder.id])
                _reconstructions(folder)
                if cached.metrics(folder.path):  # a run that waits has no charts
                    _losses(folder, wide=len(pair) == 1)
                if states[folder.id].status == "done":
                    _next_steps(folder)

    live()


def counterpart(run: RunFolder, runs: list[RunFolder]) -> RunFolder | None:
    """Return the run of the other objective on the same images with the same settings, or None."""

    def without_objective(settings: Mapping[str, Any]) -> dict[str, Any]:
        return TrainConfig.computing({**settings, "objective": "glico"})

    own = without_objective(run.settings)
    return next(
        (
            other
            for other in runs
            if other.settings["objective"] != run.settings["objective"] and without_objective(other.settings) == own
        ),
        None,
    )


def _choose(runs: list[RunFolder]) -> RunFolder:
    """Show the runs to choose from, with the chosen one's name, notes and tags; return it."""
    by_id, titles = {folder.id: folder for folder in runs}, run_titles(runs)
    chosen = selection.current().runs.run
    if chosen not in by_id:
        chosen = next((folder.id for folder in runs if folder.state.alive), runs[0].id)
    st.session_state["train_run"] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Run",
            list(by_id),
            format_func=titles.__getitem__,
            key="train_run",
            help=plain(chosen),
            width=520,
            on_change=lambda: selection.update(run=st.session_state["train_run"]),
        )
        edit_about(by_id[chosen], titles[chosen])
    show_about(About.read(by_id[chosen].path))
    return by_id[chosen]


def _losses(folder: RunFolder, wide: bool) -> None:
    """Show a chart of each loss so far, in columns if ``wide``."""
    settings = folder.settings
    weak = (settings["classifier_loss"].replace("-", "_"), "accuracy") if settings["objective"] == "glico" else ()
    names = ("reconstruction", *weak)
    slots = st.columns(len(names)) if wide else [st.container() for _ in names]
    for slot, name in zip(slots, names, strict=True):
        title, log, percent = CHARTS[name]
        curve = figures.Curve(title, *cached.curve(folder.path, name), augmentation_method("glico").colour)
        with slot:
            st.caption(title)
            figure = figures.lines([curve], "step", "", log_y=log, percent=percent, until=settings["steps"])
            live_chart(figure, f"{name}_{folder.id}", f"{title} by step", height=260 if wide else 200)


def _reconstructions(folder: RunFolder) -> None:
    """Show originals above their reconstructions."""
    arrays = cached.run_preview(folder.file("preview.npz"), folder.kind)
    if arrays is None:
        return
    st.caption("Originals, each above its reconstruction")
    originals = arrays["images"]
    line = np.full_like(originals[:, :1], 128)
    pairs = np.concatenate([originals, line, arrays["reconstructions"]], axis=1)
    strips([Strip("", pairs)], f"reconstructions_{folder.id}", tile=52, title="originals above reconstructions")


def _next_steps(folder: RunFolder) -> None:
    """Show the pages to open with the new checkpoint, and its download."""
    with st.container(horizontal=True):
        for retraining in retrainings([folder]):
            retrained.offer(retraining, f"train_{folder.id}")
        checkpoint_links(folder.id, folder.file("checkpoint.safetensors"))
