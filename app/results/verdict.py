"""The verdict on a comparison in words: which methods help, what the seeds can show, and how many more it takes."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.results.series import Row, Seeds, Series, differ_in_method_only
from app.session import public
from app.widgets.feedback import attempt
from app.widgets.text import plain
from glico.evaluation.statistics import LEAST_SEEDS, VERDICTS, PairedDifference, seeds_needed, with_error
from glico.runs.folder import RunFolder
from glico.words import counted

MARGIN = 0.005  # the difference in accuracy that is worth seeing: half a point
MOST = 100  # seeds that the button starts, as many as the form does
COLOURS = {"higher": "green", "lower": "red", "cannot tell": "gray"}
ORDER = list(COLOURS)


@dataclass(frozen=True)
class MissingRun:
    """A run that a series lacks: its seeds, and a run that differs from it only in the classifier's seed."""

    series: str
    seeds: Seeds
    like: RunFolder

    def start(self) -> None:
        """Start it. Raises GlicoError."""
        public.launch(self.like.config.model_copy(update={"seed": self.seeds[1]}))


def show_verdict(rows: Sequence[Row], baseline: Series, key: str) -> None:
    """Show a sentence or two for each method, and the button that starts the seeds that are missing.

    Only series that differ from the baseline in nothing but the method are judged.
    """
    comparable = [row for row in rows if row.series is not baseline and differ_in_method_only(row.series, baseline)]
    if not comparable:
        return
    with st.container(border=True, key=f"{key}_verdict"):
        differences = [(row, row.difference) for row in comparable if row.difference is not None]
        differences.sort(key=lambda pair: ORDER.index(pair[1].verdict))
        if not differences:
            st.write(plain(f"No verdict yet: no seed has finished with both {baseline.name} and another method."))
        for row, difference in differences:
            st.markdown(_paragraph(row.series.name, baseline.name, difference))
        _offer_seeds(differences, baseline, key)


def target_seeds(difference: PairedDifference) -> int | None:
    """Return how many seeds are needed to see MARGIN, or, without an interval yet, for the first interval. None if no
    number of seeds is enough."""
    return LEAST_SEEDS if difference.count < LEAST_SEEDS else seeds_needed(difference, MARGIN)


def missing_runs(one: Series, baseline: Series, count: int) -> list[MissingRun]:
    """Return the runs that both series lack to have ``count`` seeds in common, finished or alive.

    They are of the small sample that most of the common seeds are of.
    """
    samples = Counter(sample for sample, _ in one.runs.keys() & baseline.runs.keys())
    if not samples:
        return []
    sample = samples.most_common(1)[0][0]
    present = [{seeds for seeds, run in each.runs.items() if _counts(run)} for each in (one, baseline)]
    lacking = count - len(present[0] & present[1])
    missing: list[MissingRun] = []
    seed = 0
    while lacking > 0:
        seeds = (sample, seed)
        absent = [each for each, there in zip((one, baseline), present, strict=True) if seeds not in there]
        missing += [MissingRun(each.name, seeds, _newest(each, sample)) for each in absent]
        lacking -= bool(absent)
        seed += 1
    return missing


def _paragraph(name: str, baseline: str, difference: PairedDifference) -> str:
    """Return the verdict on one method, and what more seeds would show, as Markdown."""
    verdict = dict(zip(("higher", "lower"), VERDICTS, strict=True)).get(difference.verdict, difference.verdict)
    words = f":{COLOURS[difference.verdict]}[**{plain(f'{name}: {verdict}')}**] · "
    mean, low, high = (_points(value) for value in (difference.mean, difference.low, difference.high))
    text = f"{mean} points against {baseline}"
    if math.isnan(difference.margin):
        seeds = counted(difference.count, "seed")
        return words + plain(f"{text} over {seeds}. An interval takes {LEAST_SEEDS} seeds.")
    text += f" (95 % interval {low} to {high}). {counted(difference.count, 'seed')} could show a difference of "
    text += f"{100 * difference.margin:.2f} points or more"
    needed = seeds_needed(difference, MARGIN)
    half = f"{100 * MARGIN:g} points"
    if needed is None:
        text += f"; no number of seeds shows {half} on these test images, which are too few."
    elif needed > difference.count:
        text += f"; to see {half}, it takes about {needed:,} seeds, {needed - difference.count:,} more."
    else:
        text += "."
    return words + plain(text)


def _points(accuracy: float) -> str:
    return with_error(100 * accuracy, None, signed=True)


def _offer_seeds(differences: Sequence[tuple[Row, PairedDifference]], baseline: Series, key: str) -> None:
    """Show the button that starts the seeds that are missing, if there are not too many."""
    missing: dict[tuple[str, Seeds], MissingRun] = {}
    for row, difference in differences:
        target = target_seeds(difference)
        if target is not None and difference.count < target <= MOST:
            lacking = missing_runs(row.series, baseline, target)
            missing |= {(each.series, each.seeds): each for each in lacking}
    if not missing:
        return
    seeds = len({each.seeds for each in missing.values()})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Run {counted(seeds, 'more seed')}",
            icon=":material/add:",
            key=f"{key}_more_seeds",
            on_click=attempt,
            args=[each.start for each in missing.values()],
        )
        st.caption(plain(f"{counted(len(missing), 'run')}, with the settings of those above."))


def _counts(run: RunFolder) -> bool:
    """Return whether a run has its result, or will have it."""
    state = run.state
    return state.alive or state.status == "done"


def _newest(series: Series, sample: int) -> RunFolder:
    return max((run for seeds, run in series.runs.items() if seeds[0] == sample), key=lambda run: run.created)
