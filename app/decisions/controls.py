"""Decide on images where they are shown: another class, left out, or fine."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.decisions.ledger import Ledger
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.text import plain
from glico.data.decisions import Decision, ImageKey, Verdict
from glico.errors import GlicoError
from glico.types import Split
from glico.words import counted

CLASS, NOTE = "is really …", "Note (optional)"
LOOKED_AT = (
    "This is a test image. If you correct only those that a classifier gets wrong, its accuracy becomes too high: "
    "check the others as well."
)
IN_WORDS = {"leave-out": "left out", "fine": "fine"}


@dataclass(frozen=True)
class Subject:
    """An image to decide on: its split and path in the data set, and the class ``label`` that it has now."""

    split: Split
    path: str
    label: str

    @property
    def key(self) -> ImageKey:
        """The key of its decision."""
        return self.split, self.path


def decide_on(ledger: Ledger, subjects: Sequence[Subject], classes: Sequence[str], title: str, key: str) -> None:
    """Show ``title`` and the controls that decide on all of the ``subjects``; ``classes`` are those of the data set."""
    try:
        decided = ledger.read()
    except GlicoError as error:
        show_error(error)
        return
    class_key, note_key = f"{key}_class", f"{key}_note"

    def decide(verdict: Verdict) -> None:
        label = st.session_state[class_key] if verdict == "relabel" else None
        note = str(st.session_state.get(note_key) or "").strip()
        if verdict == "relabel" and label is None:
            return
        new = [Decision(each.path, label or each.label, each.split, verdict, note) for each in subjects]
        attempt(lambda: ledger.decide(new))
        st.session_state[class_key], st.session_state[note_key] = None, ""

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=key):
        st.markdown(title)
        st.selectbox(
            CLASS, classes, index=None, placeholder="another class", key=class_key, width=190,
            on_change=decide, args=("relabel",),
        )  # fmt: skip
        st.button(
            "Leave out", icon=":material/block:", key=f"{key}_out", on_click=decide, args=("leave-out",),
            help="Training with these decisions skips it. Its file stays.",
        )  # fmt: skip
        st.button(
            "Fine", icon=":material/check:", key=f"{key}_fine", on_click=decide, args=("fine",),
            help="You have checked it: its label is right.",
        )  # fmt: skip
        st.text_input(NOTE, key=note_key, width=190, max_chars=200)
    if any(each.split == "test" for each in subjects):
        st.caption(LOOKED_AT)
    known = [decision for each in subjects if (decision := decided.on(each.key)) is not None]
    if known:
        st.caption(plain(f"Decided: {_in_words(known, len(subjects))}."))
    show_problem()


def in_words(decision: Decision) -> str:
    """Return a decision in a few words."""
    words = IN_WORDS.get(decision.decision) or f"is really {decision.label}"
    return f"{words} ({decision.note})" if decision.note else words


def _in_words(known: Sequence[Decision], count: int) -> str:
    if count == 1:
        return in_words(known[0])
    each: dict[str, int] = {}
    for decision in known:
        each[in_words(decision)] = each.get(in_words(decision), 0) + 1
    return ", ".join(f"{words}: {number}" for words, number in each.items()) + f" (of {counted(count, 'image')})"
