"""Fill the measured tables of README and docs: ``python -m glico.experiments.document_tables``.

A comment in a Markdown file declares a table, which follows it up to the comment ``<!-- end -->``:

    <!-- measured wrn-16-1 gains --steps 3000 -->

``gains`` has a line per method: accuracy, gain over standard training, interval. ``lengths`` has a column per number of
training steps. ``differences`` has a line per pair of methods without standard. The numbers are those of the report
that the project ships (``glico/experiments/measured/``).
"""

import argparse
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from glico.evaluation.statistics import in_words, with_error
from glico.experiments.grid import Grid
from glico.experiments.report import Comparison, Report, Row
from glico.experiments.report_file import shipped

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- measured ", "<!-- end -->"
TABLE = re.compile(rf"({BEGIN}(?P<order>[^\n]+?) -->\n)(?:(?!<!--).)*({END})", re.DOTALL)  # crosses no other comment
BASELINE = "standard"
EMPTY = ""


def files() -> list[Path]:
    """Return the documents that may hold measured tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def filled(text: str) -> str:
    """Return the text of a document with its measured tables written anew.

    Raises ValueError if a comment names no report or nothing that was measured, or is not closed.
    """
    if len(TABLE.findall(text)) != text.count(BEGIN) or text.count(BEGIN) != text.count(END):
        raise ValueError(f"Every {BEGIN}… --> needs its own {END} before the next comment.")
    return TABLE.sub(lambda match: f"{match[1]}{table(match['order'])}\n{match[3]}", text)


def table(order: str) -> str:
    """Return the Markdown table that a comment orders, such as "wrn-16-1 gains --steps 3000"."""
    parser = argparse.ArgumentParser(prog="measured", exit_on_error=False)
    parser.add_argument("report")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--samples-per-class", type=int)
    parser.add_argument("--methods", nargs="+")
    options = parser.parse_args(shlex.split(order))
    report = shipped(options.report)
    if report is None:
        raise ValueError(f"There is no measured report {options.report!r}.")

    def is_shown(row: Row | Comparison) -> bool:
        return (
            options.steps in (None, row.steps)
            and options.samples_per_class in (None, row.samples_per_class)
            and (options.methods is None or row.method in options.methods)
        )

    rows, comparisons = [*filter(is_shown, report.rows)], [*filter(is_shown, report.comparisons)]
    if not rows:
        raise ValueError(f"The report {options.report!r} has no line for {order!r}.")
    return KINDS[options.kind](report, rows, comparisons).markdown()


def _gains(report: Report, rows: Sequence[Row], comparisons: Sequence[Comparison]) -> Grid:
    gains = {(row.samples_per_class, row.method): row for row in comparisons if row.baseline == BASELINE}
    counts = len({row.samples_per_class for row in rows}) > 1
    lines = []
    for row in rows:
        gain = gains.get((row.samples_per_class, row.method))
        difference, interval = in_words(gain.difference)[:2] if gain else (EMPTY, EMPTY)
        words = [row.method, _accuracy(report, row), difference, interval, str(row.finished)]
        lines.append([str(row.samples_per_class), *words] if counts else words)
    header = ["method", "accuracy, %", "gain over standard", "95 % interval", "seeds"]
    return Grid(["per class", *header] if counts else header, lines)


def _lengths(report: Report, rows: Sequence[Row], comparisons: Sequence[Comparison]) -> Grid:
    lengths = sorted({row.steps for row in rows if row.steps is not None})
    accuracy = {row.steps: _accuracy(report, row) for row in rows if row.method == BASELINE}
    gain = {(row.method, row.steps): row for row in comparisons if row.baseline == BASELINE}
    lines = [[f"{BASELINE}, %", *(accuracy.get(steps, EMPTY) for steps in lengths)]]
    for method in dict.fromkeys(row.method for row in rows if row.method != BASELINE):
        row_gains = [gain.get((method, steps)) for steps in lengths]
        if any(row_gains):
            lines.append([method, *(in_words(each.difference)[0] if each else EMPTY for each in row_gains)])
    return Grid(["gain over standard", *(f"{steps:,} steps" for steps in lengths)], lines)


def _differences(report: Report, rows: Sequence[Row], comparisons: Sequence[Comparison]) -> Grid:
    shown = [row for row in comparisons if row.baseline != BASELINE]
    lines = [[f"{row.method} − {row.baseline}", *in_words(row.difference)[:3]] for row in shown]
    header = ["difference", "points", "95 % interval", "verdict"]
    if len({row.steps for row in rows}) == 1:
        return Grid(header, lines)
    return Grid(["steps", *header], [[f"{row.steps:,}", *line] for row, line in zip(shown, lines, strict=True)])


def _accuracy(report: Report, row: Row) -> str:
    estimate = row.estimates[report.measures[0].name]
    return EMPTY if estimate is None else with_error(estimate.mean, estimate.standard_error)


KINDS: dict[str, Callable[[Report, Sequence[Row], Sequence[Comparison]], Grid]] = {
    "gains": _gains,
    "lengths": _lengths,
    "differences": _differences,
}


if __name__ == "__main__":
    for path in files():
        path.write_text(filled(path.read_text("utf-8")), encoding="utf-8")
