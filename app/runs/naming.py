"""The names that runs have on the pages, and a person's own: renamed, described and tagged in place."""

from collections.abc import Sequence
from pathlib import Path

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

MOST = 6  # differences that one line names


def run_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """A name for every run, by its id: the person's own, else one made from what differs."""
    made: dict[str, str] = {}
    for kind in {run.kind for run in runs}:
        alike = [run for run in runs if run.kind == kind]
        if kind == "classify":
            names = numbered([_classifier_title(run) for run in alike])
        else:
            try:
                names = telling_names([run.config for run in alike])
            except GlicoError:  # one of them was configured by another version
                names = [run.id for run in alike]
        made |= {run.id: About.read(run.path).name or name for run, name in zip(alike, names, strict=True)}
    return made


def checkpoint_title(path: Path) -> str:
    """What the checkpoint at this path is called on the pages; its file's name where it is gone."""
    found = next((file.title for file in cached.checkpoints() if file.path == path), None)
    return found or checkpoint_name(path)


def what_differs(first: Config, second: Config) -> str:
    """In what two configurations differ, in a line: "gamma 0.05 → 0.5 · steps 200 → 800"."""
    found = [f"{label(name).lower()} {one} → {other}" for name, one, other in differences(first, second)]
    more = [f"and {len(found) - MOST} more"] * (len(found) > MOST)
    return " · ".join([*found[:MOST], *more])


def edit_about(run: RunFolder, shown: str) -> None:
    """Behind a button, the form for a run that this person may rename."""
    if public.is_own(run):
        with st.popover("Name and notes", icon=":material/edit:"):
            about_form(run.path, shown, run.id)


def about_form(folder: Path, shown: str, key: str) -> None:
    """A form for name, notes and tags of the run in ``folder``, which is ``shown`` under its present name."""
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
            said = tuple(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip()))
            attempt(lambda: About(name.strip(), notes.strip(), said).write(folder))
            st.rerun()


def show_about(about: About) -> None:
    """Notes and tags, where there are any."""
    if about.tags:
        with st.container(horizontal=True, gap="small"):
            for tag in about.tags:
                st.badge(plain(tag), color="gray")
    if about.notes:
        st.caption(plain(about.notes))


def _classifier_title(run: RunFolder) -> str:
    settings = run.settings
    network = settings["classifier"] + (", pretrained" if settings.get("pretrained") else "")
    return f"{settings['augmentation']} · {network} · seed {settings['seed']}"
