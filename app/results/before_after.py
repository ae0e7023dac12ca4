"""Before and after a training with decisions: classifiers on both checkpoints, on the same images and labels."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from app import cached
from app.decisions.retrained import CHOSEN
from app.results.comparison import verdict_first
from app.results.series import differing_names
from app.runs.naming import checkpoint_title
from app.session import public
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.checkpoints.named import data_set_of, decisions_of
from glico.config import ClassifyConfig, TrainConfig
from glico.data.dataset import Dataset
from glico.data.decisions import read_decisions
from glico.errors import GlicoError
from glico.evaluation.before_after import (
    BeforeAfter,
    Predicted,
    changed,
    compare,
    labels_by_place,
    predicted_classes,
)
from glico.evaluation.statistics import INTERVALS, in_words, weight_of_one, with_error
from glico.experiments.grid import Grid
from glico.runs.folder import RunFolder, list_runs
from glico.runs.retraining import Key, Pairs, Retraining, classifier_pairs, retrainings
from glico.types import Labels
from glico.words import counted

EVERY_SECONDS = 2.0  # while runs are alive
AS_DECIDED, AS_PUBLISHED = "as you decided", "as published"
HEADER = (
    "method",
    "labels",
    "seeds",
    "before",
    "after",
    "after − before",
    "95 % interval",
    "shown",
    "seeds that agree",
)
LOOKED_AT = (
    "None of the decisions is on an image that is scored here. If you have looked at these images while you decided, "
    "for example in the confusion matrix, the accuracy after the decisions is still too high."
)
Datasets = tuple[Dataset, Dataset, Dataset]
"""The data set of the checkpoint before, of the one after, and without any decisions."""
Compared = tuple[str, str, BeforeAfter]
"""A method, the labels, and the comparison."""


def show() -> None:
    """Show the comparison of a retraining that a person chooses, live while its classifiers are alive."""
    known = retrainings(list_runs())
    if not known:
        st.info(
            "No checkpoint has been trained again with decisions yet. Decide on images on the Latent map or in the "
            "confusion matrix, then choose Train again with them.",
            icon=":material/info:",
        )
        return
    by_id = {each.after.id: each for each in known}
    if st.session_state.get(CHOSEN) not in by_id:
        st.session_state[CHOSEN] = next(iter(by_id))
    chosen = st.selectbox(
        "Trained again with decisions",
        list(by_id),
        key=CHOSEN,
        persist_state="session",
        width=520,
        format_func=lambda name: checkpoint_title(by_id[name].checkpoint),
    )
    retraining = by_id[chosen]
    alive = _is_alive(_pairs(retraining))

    @st.fragment(run_every=EVERY_SECONDS if alive else None)
    def live() -> None:
        pairs = _pairs(retraining)
        if _is_alive(pairs) != alive:
            st.rerun()
        try:
            _show(retraining, pairs)
        except GlicoError as error:
            show_error(error)

    live()


def _show(retraining: Retraining, pairs: Pairs) -> None:
    decisions = _decisions(retraining)
    st.write(plain(f"Before: {checkpoint_title(retraining.before)}. After: {decisions}, trained from it."))
    if not retraining.before.exists():
        st.info("The checkpoint before the decisions is gone, so it cannot be classified.", icon=":material/info:")
        return
    if finished := pairs.finished():
        _show_comparison(retraining, pairs, finished)
    else:
        st.info("No classifier has finished on both checkpoints yet.", icon=":material/hourglass_empty:")
    _offer_missing(retraining, pairs)


def _show_comparison(retraining: Retraining, pairs: Pairs, keys: Sequence[Key]) -> None:
    datasets = _datasets(retraining, pairs)
    by_method: dict[str, list[Key]] = {}
    for key in keys:
        by_method.setdefault(key[0], []).append(key)
    names = differing_names([_settings(pairs.before[own[0]]) for own in by_method.values()])
    rows: list[Compared] = []
    touched = 0
    for name, own in zip(names, by_method.values(), strict=True):
        before = _predictions(pairs.before, own, datasets[0])
        after = _predictions(pairs.after, own, datasets[1])
        if not before or not after:
            continue
        split = next(iter(before.values())).split
        decided, published = (labels_by_place(datasets[i], split) for i in (1, 2))
        here = changed([each.places for each in [*before.values(), *after.values()]], published, decided)
        touched = max(touched, here)
        rows += _rows(name, before, after, {AS_DECIDED: decided} | ({AS_PUBLISHED: published} if here else {}), decided)
    if not rows:
        st.info("The predictions of these runs are missing.", icon=":material/info:")
        return
    columns = Grid(HEADER, [_cells(row) for row in rows]).columns()
    if not touched:
        del columns["labels"]
    counts = {count for _, _, each in rows for count in each.images}
    st.caption(plain(f"In per cent of the images that both have ({weight_of_one(counts)}). {INTERVALS}"))
    data_table(columns, height="content", column_order=verdict_first(columns))
    st.warning(_caution(touched), icon=":material/warning:")


def _caution(touched: int) -> str:
    if not touched:
        return LOOKED_AT
    images, them = counted(touched, "image"), "it" if touched == 1 else "them"
    return (
        f"You have looked at {images} of those that are scored, and relabelled {them} or left {them} out. Images that "
        "were left out count neither before nor after, and both are compared with the same labels. Still, if you have "
        "corrected only images that a classifier gets wrong, both accuracies are too high: only images that nobody has "
        "looked at can tell."
    )


def _rows(
    name: str,
    before: Mapping[int, Predicted],
    after: Mapping[int, Predicted],
    truths: Mapping[str, Labels],
    decided: Labels,
) -> list[Compared]:
    compared = [(words, compare(before, after, labels, decided)) for words, labels in truths.items()]
    return [(name, words, each) for words, each in compared if each is not None]


def _cells(row: Compared) -> list[str]:
    name, words, each = row
    scores = [with_error(100 * own.mean, 100 * own.standard_error) for own in (each.before, each.after)]
    return [name, words, str(each.before.count), *scores, *in_words(each.difference, 100)]


def _predictions(runs: Mapping[Key, RunFolder], keys: Sequence[Key], dataset: Dataset) -> dict[int, Predicted]:
    """Return the predictions of runs by their seeds. Raises GlicoError."""
    read = {key: cached.run_predictions(runs[key].file("predictions.npz")) for key in keys}
    return {key[1]: predicted_classes(arrays, dataset) for key, arrays in read.items() if arrays is not None}


def _datasets(retraining: Retraining, pairs: Pairs) -> Datasets:
    """Return the data sets of a comparison. Raises GlicoError if they are not on this machine or may not be read."""
    moved = next((path for run in pairs.after.values() if (path := run.settings["dataset"])), None)
    before = cached.trained_with(retraining.before)
    if before is None:
        raise GlicoError(f"Cannot read the checkpoint before the decisions, {retraining.before.name}.")

    def loaded(config: TrainConfig, decisions: str | None) -> Dataset:
        public.allow_data(config)
        changes = {"dataset": data_set_of(config, moved), "decisions": decisions}
        return cached.dataset(config.model_copy(update=changes))

    after = cached.trained_with(retraining.checkpoint) or retraining.config
    return loaded(before, decisions_of(before)), loaded(after, decisions_of(after)), loaded(after, None)


def _decisions(retraining: Retraining) -> str:
    """Return the decisions of a retraining in a few words. Raises GlicoError if their table is gone or damaged."""
    path = decisions_of(retraining.config)
    if path is None:
        return "0 decisions"
    kinds = [each.decision for each in read_decisions(Path(path))]
    relabelled, left_out = kinds.count("relabel"), kinds.count("leave-out")
    return f"{counted(len(kinds), 'decision')} ({relabelled} relabelled, {left_out} left out)"


def _offer_missing(retraining: Retraining, pairs: Pairs) -> None:
    """Show the button that starts the classifiers that are missing on one of the checkpoints."""
    missing = pairs.missing(retraining)
    if not missing:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Start {counted(len(missing), 'classifier')}",
            icon=":material/play_arrow:",
            type="primary",
            key="before_after_start",
            on_click=attempt,
            args=[partial(public.launch, config) for config in missing],
        )
        first = not pairs.before and not pairs.after
        methods = ", ".join(dict.fromkeys(config.augmentation for config in missing))
        words = "The same settings on both checkpoints" if first else "Those that one of the checkpoints lacks"
        st.caption(plain(f"{words}: {methods}. Other settings and seeds can be started on Classify, on both of them."))
    show_problem()


def _settings(run: RunFolder) -> dict[str, object]:
    own = ClassifyConfig.computing(run.settings)
    del own["checkpoint"], own["seed"]
    return own


def _pairs(retraining: Retraining) -> Pairs:
    return classifier_pairs(retraining, list_runs())


def _is_alive(pairs: Pairs) -> bool:
    return any(run.state.alive for runs in (pairs.before, pairs.after) for run in runs.values())
