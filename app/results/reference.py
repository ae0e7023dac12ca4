"""A reference that knows more than the small sample, set apart from the methods: a pretrained network."""

from collections.abc import Sequence

import streamlit as st

from app import cached
from app.results.comparison import training_of
from app.results.series import scored_on
from app.session.public import is_public
from app.widgets.feedback import show_error
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.checkpoints.named import data_set_of, decisions_of
from glico.config import DataConfig, TrainConfig
from glico.errors import GlicoError
from glico.evaluation.reference import CAUTION
from glico.evaluation.statistics import estimate, with_error
from glico.models.pretrained_weights import NO_PRETRAINED, has_pretrained
from glico.runs.folder import RunFolder
from glico.words import counted

MOST = 1000  # test images, since each takes some hundredths of a second


def show(runs: Sequence[RunFolder], key: str) -> None:
    """Show the reference on the small samples of classifier runs that are scored on test images, if a person asks for
    it. Visitors, who share one worker, are not offered it."""
    if is_public() or any(scored_on(run.settings) != "test" for run in runs):
        return
    with st.expander("Reference: a pretrained network", key=f"{key}_reference"):
        st.caption(CAUTION)
        if not has_pretrained():
            st.caption(plain(NO_PRETRAINED))
        elif st.toggle("Score it on the same small sample", key=f"{key}_reference_on"):
            try:
                _show_scores(runs, key)
            except GlicoError as error:
                show_error(error)


def _show_scores(runs: Sequence[RunFolder], key: str) -> None:
    """Show the mean accuracy of each reference over the samples of the runs. Raises GlicoError."""
    configs = _configs(runs)
    if not configs:
        st.info("The checkpoints of these runs are gone, and with them their samples.", icon=":material/info:")
        return
    accuracies: dict[str, list[float]] = {}
    tested = 0
    for config in configs:
        for each in cached.references(config, MOST):
            accuracies.setdefault(each.method, []).append(100 * each.accuracy)
            tested = each.tested
    scores = {method: estimate(values) for method, values in accuracies.items()}
    accuracy = [with_error(score.mean, score.standard_error) for score in scores.values()]
    data_table({"reference": list(scores), "accuracy": accuracy}, key=f"{key}_reference_table")
    first = "the first " if tested == MOST else ""
    samples = counted(len(configs), "small sample")
    st.caption(plain(f"In per cent of {first}{counted(tested, 'test image')}; {samples}."))


def _configs(runs: Sequence[RunFolder]) -> list[TrainConfig]:
    """Return a configuration for each small sample that the runs learned from. Raises GlicoError if its data set is not
    on this machine."""
    configs: dict[str, TrainConfig] = {}
    for run in runs:
        if (training := training_of(run)) is not None:
            changes = {"dataset": data_set_of(training, run.settings["dataset"]), "decisions": decisions_of(training)}
            named = training.model_copy(update=changes)
            configs.setdefault(repr(DataConfig.computing(named.model_dump(mode="json"))), named)
    return list(configs.values())
