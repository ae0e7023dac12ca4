"""A table of strings, exported as CSV, Markdown and LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass

from glico.formats import csv_text

LATEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "·": r"$\cdot$",
        "±": r"$\pm$",
        "−": "$-$",
        "–": "--",
    }
)


@dataclass(frozen=True)
class Grid:
    """A table of strings. Every line is as long as ``header``."""

    header: Sequence[str]
    lines: Sequence[Sequence[str]]

    def columns(self) -> dict[str, list[str]]:
        """Return the strings of each column, from top to bottom."""
        return {name: [line[column] for line in self.lines] for column, name in enumerate(self.header)}

    def csv(self) -> str:
        """Return comma-separated values, the header first, with the ASCII minus that programs read."""
        return csv_text([[word.replace("−", "-") for word in line] for line in (self.header, *self.lines)])

    def markdown(self) -> str:
        """Return a table for a README. Nothing is escaped."""
        rows = [self.header, ["---"] * len(self.header), *self.lines]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def latex(self) -> str:
        """Return a table for a paper (booktabs)."""
        head, *body = [" & ".join(word.translate(LATEX) for word in row) + r" \\" for row in [self.header, *self.lines]]
        columns = "l" + "r" * (len(self.header) - 1)
        begin, end = rf"\begin{{tabular}}{{{columns}}}", r"\end{tabular}"
        return "\n".join([begin, r"\toprule", head, r"\midrule", *body, r"\bottomrule", end])
