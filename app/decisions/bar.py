"""The bar of a data set's decisions: train again with them, undo them step by step, export them."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app import cached, pages
from app.decisions import retrained
from app.decisions.controls import in_words
from app.decisions.ledger import Ledger
from app.session import public, selection
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.config import TrainConfig
from glico.data.decision_file import Decided, frozen_name
from glico.data.decisions import corrected_table, write_decisions
from glico.errors import FixableError, GlicoError
from glico.runs.folder import list_runs
from glico.runs.naming import dataset_name
from glico.runs.retraining import Retraining, retrainings
from glico.words import counted


def show(ledger: Ledger | None, checkpoints: Sequence[Path], key: str) -> None:
    """Show the bar if there are decisions; ``checkpoints`` are those to train again with them."""
    if ledger is None:
        return
    try:
        decided = ledger.read()
    except GlicoError as error:
        show_error(error)
        return
    if not decided.decisions:
        return
    count = len(decided.decisions)
    are_used = {config.decisions and Path(config.decisions).stem for config in map(_config_of, checkpoints)}
    is_new = are_used != {frozen_name(decided.decisions)}
    changes = sum(each.decision != "fine" for each in decided.decisions)
    with st.container(border=True, key=f"{key}_bar"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{counted(count, 'decision')}** on {plain(dataset_name(ledger.dataset))}")
            if checkpoints and st.button(
                "Train again with them" if count > 1 else "Train again with it",
                type="primary",
                icon=":material/model_training:",
                key=f"{key}_again",
                disabled=not (changes and is_new),
                help="Start from the existing checkpoint: it takes about a quarter of the time of the first training.",
            ):
                _train_again(ledger, checkpoints)
            st.button(
                "Undo",
                icon=":material/undo:",
                key=f"{key}_undo",
                on_click=attempt,
                args=(ledger.undo,),
                disabled=not decided.steps,
                help="Undo the last decision.",
            )
            with st.popover("Show and export", icon=":material/list:"):
                _table(ledger, key)
            if (retraining := _retraining(decided, checkpoints)) is not None:
                retrained.offer(retraining, key)
        if not changes:
            st.caption("You decided that all are fine, so there is nothing to train again.")
        elif checkpoints and not is_new:
            st.caption("The checkpoint on this page was trained with them.")
        show_problem()


def _table(ledger: Ledger, key: str) -> None:
    """Show all decisions, and their exports."""
    decisions = ledger.read().decisions
    data_table(
        {
            "image": [each.path for each in decisions],
            "split": [each.split for each in decisions],
            "decision": [in_words(each) for each in decisions],
        },
        key=f"{key}_table",
        height=260,
    )
    st.download_button(
        "Decisions (CSV)",
        write_decisions(decisions),
        "decisions.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"{key}_csv",
        help="Put it next to the images of a folder, or into its .zip: Train reads and applies it.",
    )
    st.download_button(
        "All labels, corrected (CSV)",
        lambda: _corrected(ledger),
        "labels.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"{key}_labels",
        help="A table of labels of the whole data set, for this and other programs.",
    )


def _retraining(decided: Decided, checkpoints: Sequence[Path]) -> Retraining | None:
    """Return the newest training with exactly these decisions that started from one of the checkpoints, or made it."""
    name, paths = frozen_name(decided.decisions), {path.absolute() for path in checkpoints}
    for each in retrainings(list_runs()):
        if Path(each.after.settings["decisions"]).stem == name and paths & {each.before, each.checkpoint}:
            return each
    return None


def _corrected(ledger: Ledger) -> bytes:
    config = TrainConfig(dataset=ledger.dataset, decisions=str(ledger.frozen()), unreadable="leave-out")
    return corrected_table(cached.dataset(config), ledger.read().decisions)


def _config_of(path: Path) -> TrainConfig:
    return cached.latent_space(path).config


def _train_again(ledger: Ledger, checkpoints: Sequence[Path]) -> None:
    """Start a training from each checkpoint with the decisions, and go to it."""
    try:
        decisions = str(ledger.frozen())
        configs = [_with_decisions(path, ledger.dataset, decisions) for path in dict.fromkeys(checkpoints)]
        folders = [public.launch(config) for config in configs]
    except GlicoError as error:
        show_error(error)
        return
    selection.update(run=folders[-1].id)
    pages.TRAIN.open()


def _with_decisions(checkpoint: Path, dataset: str, decisions: str) -> TrainConfig:
    """Return the configuration of a training from ``checkpoint`` with decisions. Raises GlicoError."""
    changes = {"dataset": dataset, "decisions": decisions}
    config = _config_of(checkpoint).warm_started(str(checkpoint.absolute())).model_copy(update=changes)
    try:
        cached.sample(config)
    except FixableError:
        if config.per_class != "exactly":
            raise
        config = config.model_copy(update={"per_class": "up-to"})  # a class that has lost images contributes all it has
        cached.sample(config)
    return config
