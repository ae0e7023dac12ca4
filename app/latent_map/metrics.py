"""Cluster metrics of the latent space, as a table."""

from collections.abc import Sequence

import numpy as np

from app.widgets.text import plain
from glico.latent.structure import MEASURES, NEIGHBOURS, BootstrapEstimate

ROWS = {  # measure -> name, format, and whether higher or lower is better grouped
    "silhouette": ("Silhouette", ".3f", "higher"),
    "purity": (f"{NEIGHBOURS}-nearest-neighbour purity", ".3f", "higher"),
    "within": ("Mean angle within a class", ".1f", "lower"),
    "between": ("Mean angle between classes", ".1f", "higher"),
}
HELP = (
    "Computed in the latent space, by true label. Brackets: 95 % bootstrap interval over images, with neighbourhoods "
    "fixed; differences are paired by image. "
    + " · ".join(f"{ROWS[name][0]}: {meaning}" for name, meaning in MEASURES.items())
    + ". Trustworthiness: share of neighbourhoods in the projection that are true (Venna and Kaski 2001)."
)


def table(
    titles: Sequence[str],
    estimates: Sequence[dict[str, BootstrapEstimate]],
    difference: dict[str, BootstrapEstimate] | None,
    trustworthiness: Sequence[float],
) -> str:
    """Return a Markdown table: one measure per row; the maps, and right − left, as columns."""
    names = [plain(title) for title in titles]
    head = ["", *names] + (["right − left"] if difference else [])
    lines = [head, [":--", *["--:"] * (len(head) - 1)]]
    for name, (words, form, better) in ROWS.items():
        unit = "°" if form == ".1f" else ""
        arrow = "↑" if better == "higher" else "↓"
        cells = [_cell(each[name], form, unit) for each in estimates]
        signed = [_cell(difference[name], "+" + form, unit)] if difference else []
        lines.append([f"{words} {arrow}", *cells, *signed])
    if trustworthiness:
        cells = [f"{value:.3f}" for value in trustworthiness]
        change = [f"{trustworthiness[-1] - trustworthiness[0]:+.3f}".replace("-", "−")] if difference else []
        lines.append(["Trustworthiness of the projection ↑", *cells, *change])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(estimate: BootstrapEstimate, form: str, unit: str) -> str:
    if np.isnan(estimate.value):
        return "–"
    low, high = f"{estimate.low:{form}}", f"{estimate.high:{form}}"
    return f"**{estimate.value:{form}}{unit}**  :gray[\\[{low}, {high}\\]]".replace("-", "−")
