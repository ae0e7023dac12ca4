"""Errors shown to users: one sentence that says what is wrong, where, and how to fix it."""


class GlicoError(Exception):
    """An error for the person at the keyboard, in one sentence.

    The command line prints it and exits with 1; the app shows it in place. Any other exception is an
    internal error.
    """


class FixableError(GlicoError):
    """An error that changed settings would fix.

    ``fix`` is the label of the button ("Use 6 per class"), ``settings`` are the values by field of the configuration.
    """

    def __init__(self, sentence: str, fix: str, settings: dict[str, object]) -> None:
        super().__init__(sentence)
        self.fix, self.settings = fix, settings


def how_to_get(extra: str) -> str:
    """Return how to install one of pyproject.toml's extras; no package index has the project, so from a checkout."""
    return f"run pip install '.[{extra}]' in a checkout of this project"
