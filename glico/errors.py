"""The one error that a user sees: a sentence that says what is wrong, where, and what would be right."""


class GlicoError(Exception):
    """What went wrong, in one sentence for the person at the keyboard.

    The command line prints it and exits with 1; the app shows it in place. Any other exception is an
    internal error.
    """


class MendableError(GlicoError):
    """What other settings would mend: ``mend`` says how, in the words of a button ("Use 6 per class"), and
    ``settings`` are these, by the configuration's field names."""

    def __init__(self, sentence: str, mend: str, settings: dict[str, object]) -> None:
        super().__init__(sentence)
        self.mend, self.settings = mend, settings


def how_to_get(extra: str) -> str:
    """Return how to install one of pyproject.toml's extras; no package index has the project, so from a checkout."""
    return f"run pip install '.[{extra}]' in a checkout of this project"
