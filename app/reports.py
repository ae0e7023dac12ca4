"""A table of series as CSV, Markdown and LaTeX: mean ± standard error, and the paired difference."""

import csv
import io
from collections.abc import Sequence

from app.series import Row
from app.text import plain
from glico.evaluation.statistics import COMPARED, in_words, with_error
from glico.experiments.grid import Grid

HEADER = ("method", "seeds", "accuracy", "difference to the baseline", *COMPARED)


def cells(row: Row) -> list[str]:
    """A row's cells in words, in per cent: the mean ± its standard error, the difference, its interval and what it
    shows, agreement."""
    method = [row.series.name, "0", *[""] * (len(HEADER) - 2)]
    if row.estimate:
        method[1:3] = [str(row.estimate.count), with_error(100 * row.estimate.mean, 100 * row.estimate.standard_error)]
    if row.difference:
        method[3:] = in_words(row.difference, 100)
    return method


def to_csv(rows: Sequence[Row]) -> str:
    """Numbers as they are, in [0, 1], one column each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["method", "seeds", "accuracy", "standard_error", "difference", "difference_standard_error", "low", "high",
         "shown", "seeds_agreeing", "seeds_shared"]
    )  # fmt: skip
    for row in rows:
        e, d = row.estimate, row.difference
        own = [e.count, e.mean, e.standard_error] if e else [0, "", ""]
        paired = [d.mean, d.standard_error, d.low, d.high, d.verdict, d.agreeing, d.count] if d else [""] * 7
        writer.writerow([row.series.name, *own, *paired])
    return out.getvalue()


def to_markdown(rows: Sequence[Row]) -> str:
    """A table for a README, in per cent."""
    return Grid(HEADER, [[plain(name), *rest] for name, *rest in map(cells, rows)]).markdown() + "\n"


def to_latex(rows: Sequence[Row]) -> str:
    """A table for a paper (booktabs), in per cent."""
    return Grid(HEADER, [cells(row) for row in rows]).latex() + "\n"
