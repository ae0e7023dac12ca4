"""The titles of runs on the pages, and the forms for a person's own names, notes and tags."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app import cached
from app.session import public
from app.session.public import is_public
from app.widgets.feedback import attempt
from app.widgets.forms import label
from app.widgets.text import plain
from glico.config import Config
from glico.errors import GlicoError
from glico.runs.folder import RunFolder
from glico.runs.kinds import checkpoint_name
from glico.runs.naming import LONGEST, About, differences, numbered, telling_names
from glico.words import listed

MOST = 6  # differences in one line


def run_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """Return a title for every run, by its id: the person's own, else one made from the settings that differ."""
    titles: dict[str, str] = {}
    for kind in {run.kind for run in runs}:
        same_kind = [run for run in runs if run.kind == kind]
        if kind == "classify":
            names = numbered([_classifier_title(run) for run in same_kind])
        else:
            try:
                names = telling_names([run.config for run in same_kind])
            except GlicoError:  # another version configured one of them
                names = [run.id for run in same_kind]
        titles |= {run.id: About.read(run.path).name or name for run, name in zip(same_kind, names, strict=True)}
    return titles


def checkpoint_title(path: Path) -> str:
    """Return the title of the checkpoint at this path; its file name if it is gone."""
    title = next((file.title for file in cached.checkpoints() if file.path == path), None)
    return title or checkpoint_name(path)


def describe_differences(first: Config, second: Config) -> str:
    """Return the settings in which two configurations differ: "gamma 0.05 → 0.5 · steps 200 → 800"."""
    changes = [f"{label(name).lower()} {one} → {other}" for name, one, other in differences(first, second)]
    return listed(changes, MOST, " · ")


def value_in_words(value: object) -> str:
    """Return the value of a setting as the pages show it."""
    if value is None:
        return "by default"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return public.without_paths(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def edit_about(run: RunFolder, shown: str) -> None:
    """Show a button with the form for a run that this person may rename."""
    if public.is_own(run):
        with st.popover("Name and notes", icon=":material/edit:"):
            about_form(run.path, shown, run.id)


def about_form(folder: Path, shown: str, key: str) -> None:
    """Show a form for name, notes and tags of the run in ``folder``, whose present title is ``shown``."""
    if is_public():
        st.caption("Only the owner sets names, notes and tags.")
        return
    about = About.read(folder)
    with st.form(f"about_{key}", border=False):
        name = st.text_input("Name", about.name, max_chars=LONGEST["name"], placeholder=shown, key=f"name_{key}")
        notes = st.text_area("Notes", about.notes, max_chars=LONGEST["notes"], height=90, key=f"notes_{key}")
        tags = st.text_input(
            "Tags", ", ".join(about.tags), max_chars=LONGEST["tags"], placeholder="paper, to compare", key=f"tags_{key}"
        )
        if st.form_submit_button("Save", icon=":material/save:", key=f"save_{key}"):
            entered = tuple(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip()))
            attempt(lambda: About(name.strip(), notes.strip(), entered).write(folder))
            st.rerun()


def show_about(about: About) -> None:
    """Show notes and tags, if there are any."""
    if about.tags:
        with st.container(horizontal=True, gap="small"):
            for tag in about.tags:
                st.badge(plain(tag), color="gray")
    if about.notes:
        st.caption(plain(about.notes))


def network(settings: Mapping[str, Any]) -> str:
    """Return a run's classifier, and whether it started from pretrained weights."""
    return str(settings["classifier"]) + (", pretrained" if settings.get("pretrained") else "")


def _classifier_title(run: RunFolder) -> str:
    settings = run.settings
    return f"{settings['augmentation']} · {network(settings)} · seed {settings['seed']}"
