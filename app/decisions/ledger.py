"""The decisions of whoever is here: in the workspace, or on a public server in the visitor's session alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import cached
from app.session import public
from glico.checkpoints.named import data_set_of
from glico.config import DataConfig
from glico.data.decision_file import WRITING, Decided, freeze, load_decided, store_decided
from glico.data.decisions import Decision
from glico.errors import GlicoError

SESSION = "decided"  # in the session of a visitor: the decisions by the key of the data set


@dataclass(frozen=True)
class Ledger:
    """The decisions on the data set at ``dataset``, whose content has the ``key``."""

    dataset: str
    key: str

    def read(self) -> Decided:
        """Return the decisions. Raises GlicoError if their table is damaged."""
        if public.is_public():
            decided: Decided = st.session_state.setdefault(SESSION, {}).get(self.key, Decided())
            return decided
        return load_decided(self.key, self.dataset)

    def decide(self, new: Sequence[Decision]) -> None:
        """Add a step with these decisions. Raises GlicoError if they cannot be written."""
        with WRITING:
            self._write(self.read().decide(new))

    def undo(self) -> None:
        """Undo the last step, if there is one. Raises GlicoError if that cannot be written."""
        with WRITING:
            decided = self.read()
            if decided.steps:
                self._write(decided.undo())

    def frozen(self) -> Path:
        """Return the path of a table with the present decisions, for a run. Raises GlicoError."""
        return freeze(self.key, self.read().decisions)

    def _write(self, decided: Decided) -> None:
        if public.is_public():
            st.session_state.setdefault(SESSION, {})[self.key] = decided
        else:
            store_decided(self.key, self.dataset, decided)


def ledger_of(config: DataConfig, dataset: str | None = None) -> Ledger | None:
    """Return the ledger of the data set that a configuration names, or that a person has named instead; None if the
    data set is not on this machine or may not be read."""
    try:
        public.allow_data(config)
        own = data_set_of(config, dataset)
        return Ledger(own, cached.decision_key(own))
    except GlicoError:
        return None
