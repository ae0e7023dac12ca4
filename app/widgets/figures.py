"""Plotly figures as pure functions of data. The page's theme sets background and text colours."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from glico.evaluation.accuracy import Reliability
from glico.rows import evenly_spaced
from glico.web.palette import PALETTE

Numbers = NDArray[np.float64]
Settings = dict[str, Any]

NAMED = 20  # classes; with more, neither their names nor the numbers of a matrix fit
LINE = 44  # letters in a line of a legend
POINTS = 600  # of a curve; with more it is thinned, because no screen shows more


@dataclass(frozen=True)
class Curve:
    """A line: ``x`` and ``y`` (n,), optionally ``error`` (n,) drawn as a band and ``raw`` (n,) drawn behind."""

    name: str
    x: Numbers
    y: Numbers
    colour: str
    error: Numbers | None = None
    raw: Numbers | None = None
    dash: str = field(default="solid")


def mean_over_seeds(runs: Sequence[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers, Numbers]:
    """Return steps, mean and standard error of several seeds' curves (x, y); the error of a single seed is 0."""
    steps = np.unique(np.concatenate([x for x, _ in runs])) if runs else np.empty(0)
    table = np.full((len(runs), len(steps)), np.nan)
    for row, (x, y) in zip(table, runs, strict=True):
        row[np.searchsorted(steps, x)] = y
    complete = ~np.isnan(table).all(axis=0)
    steps, table = steps[complete], table[:, complete]
    count = (~np.isnan(table)).sum(axis=0)
    mean = np.nansum(table, axis=0) / count
    variance = np.nansum((table - mean) ** 2, axis=0) / np.maximum(count - 1, 1)
    return steps, mean, np.sqrt(variance / count)


def smooth(y: Numbers, weight: float) -> Numbers:
    """Return the exponential moving average of ``y``, corrected for its start; ``weight`` 0 changes nothing."""
    if weight == 0:
        return y
    average, norm, out = 0.0, 0.0, np.empty_like(y)
    for i, value in enumerate(y):
        if np.isfinite(value):
            average, norm = weight * average + (1 - weight) * value, weight * norm + (1 - weight)
        out[i] = average / norm if norm else np.nan
    return out


def lines(
    curves: Sequence[Curve],
    x_title: str,
    y_title: str,
    *,
    log_x: bool = False,
    log_y: bool = False,
    percent: bool = False,
    until: int | None = None,
) -> go.Figure:
    """Return curves over steps, each with its band and its raw line behind it.

    The legend names curves without points too. The x axis ends at the step ``until`` or, without it, at the last point.
    """
    form = ".1%" if percent else ".4g"
    traces = [trace for curve in curves for trace in _traces(_thinned(curve), form)]
    xaxis: Settings = {"type": "log" if log_x else "linear"}
    yaxis: Settings = {"type": "log" if log_y else "linear", "tickformat": "~%" if percent else "~g"}
    if percent and not log_y:
        yaxis["autorangeoptions"] = {"clipmin": -0.02, "clipmax": 1.02}
    more: Settings = {"hovermode": "x unified", "showlegend": len(curves) > 1}
    empty = not any(len(curve.x) for curve in curves)
    if empty or until is not None:
        end = until or 1
        xaxis["range"] = [0, math.log10(max(end, 10))] if log_x else [-0.02 * end, 1.02 * end]
    if empty:
        yaxis |= {"range": [-2, 0] if log_y else [0, 1], "showticklabels": percent}
        more["annotations"] = [{"text": "nothing measured yet", "xref": "paper", "yref": "paper", "showarrow": False}]
    return go.Figure(traces, _layout(x_title, y_title, xaxis, yaxis, **more))


def _traces(curve: Curve, form: str) -> Iterator[dict[str, Any]]:
    """Yield the traces of a curve, the last one in front; ``form`` is the number format of its values."""
    name = _in_lines(curve.name)
    behind = {
        "type": "scatter",
        "legendgroup": curve.name,
        "showlegend": False,
        "hoverinfo": "skip",
        "mode": "lines",
    }
    if curve.error is not None:
        band = np.concatenate([curve.y + curve.error, (curve.y - curve.error)[::-1]])
        outline = np.concatenate([curve.x, curve.x[::-1]])
        shade = {"fill": "toself", "fillcolor": _faint(curve.colour, 0.18), "line": {"width": 0}}
        yield behind | {"x": outline, "y": band} | shade
    if curve.raw is not None:
        thin = {"width": 1, "color": _faint(curve.colour, 0.35)}
        yield behind | {"x": curve.x, "y": curve.raw, "line": thin}
    x, y = (curve.x, curve.y) if len(curve.x) else ([None], [None])
    with_error = f" ± %{{customdata:{form}}}" if curve.error is not None else ""
    yield {
        "type": "scatter",
        "x": x,
        "y": y,
        "customdata": np.zeros_like(curve.y) if curve.error is None else curve.error,
        "name": name,
        "legendgroup": curve.name,
        "mode": "lines+markers" if len(curve.x) < 40 else "lines",
        "marker": {"size": 5},
        "line": {"color": curve.colour, "width": 2, "dash": curve.dash},
        "hovertemplate": f"%{{y:{form}}}{with_error}<extra>{name}</extra>",
    }


def per_class(
    class_names: Sequence[str],
    accuracies: dict[str, Numbers],
    colours: dict[str, str],
    title: str,
    errors: dict[str, Numbers] | None = None,
) -> go.Figure:
    """Return grouped bars of the accuracy (K,) of every class for every method; ``title`` names the images.

    ``errors`` (K,) are drawn on the bars, unless they are nan.
    """
    names = shown_names(class_names)
    few = len(names) <= NAMED
    xaxis = {"type": "category", "showticklabels": few, "showgrid": few}
    yaxis = {"tickformat": ".0%", "range": [0, 1]}
    more: Settings = {"barmode": "group", "bargap": 0.25, "showlegend": len(accuracies) > 1}
    figure = go.Figure(layout=_layout("" if few else "class", title, xaxis, yaxis, **more))
    for method, values in accuracies.items():
        name = _in_lines(method)
        figure.add_bar(
            x=names,
            y=values,
            name=name,
            marker_color=colours[method],
            error_y=_bars((errors or {}).get(method)),
            hovertemplate=f"%{{x}}: %{{y:.1%}}<extra>{name}</extra>",
        )
    return figure


def _bars(errors: Numbers | None) -> Settings | None:
    if errors is None or np.isnan(errors).all():
        return None
    return {"type": "data", "array": np.nan_to_num(errors), "thickness": 1, "width": 2}


BACKGROUNDS = {"light": (252, 251, 248), "dark": (18, 23, 26)}  # of the pages, as in .streamlit/config.toml
INKS = ((0, 0, 0), (255, 255, 255))
SHADE = (18, 152, 140)  # of a cell with all images of its class


def confusion(matrix: NDArray[np.int64], class_names: Sequence[str], theme: str = "light") -> go.Figure:
    """Return a matrix of counts (K, K), a row for each true class; the shade is the share of the row.

    Shades start at the ``theme``'s background; each number is black or white, whichever has more contrast.
    """
    names = shown_names(class_names)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    few = len(names) <= NAMED
    both = {"type": "category", "showgrid": False, "showticklabels": few, "constrain": "domain"}
    ends = [cell_colour(value, theme) for value in (0.0, 1.0)]
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=names,
            y=names,
            customdata=matrix,
            zmin=0,
            zmax=1,
            xgap=int(few),
            ygap=int(few),
            showscale=False,
            colorscale=[[place, _rgb(colour)] for place, colour in zip((0, 1), ends, strict=True)],
            hovertemplate="true %{y}, predicted %{x}: %{customdata} images (%{z:.0%})<extra></extra>",
        ),
        _layout(
            "predicted class",
            "true class",
            both,
            both | {"autorange": "reversed", "scaleanchor": "x"},
            hovermode="closest",
        ),
    )
    if few:
        figure.layout.annotations = [
            {
                "x": names[column],
                "y": names[row],
                "text": str(matrix[row, column]),
                "showarrow": False,
                "font": {"color": _rgb(ink(cell_colour(float(share[row, column]), theme)))},
                "captureevents": False,
            }
            for row in range(len(names))
            for column in range(len(names))
        ]
    return figure


def cell_colour(share: float, theme: str) -> tuple[int, ...]:
    """Return the colour of a cell with this share of its class, in sRGB."""
    weight = 0.04 + 0.96 * share
    return tuple(
        round(weight * full + (1 - weight) * bare) for full, bare in zip(SHADE, BACKGROUNDS[theme], strict=True)
    )


def ink(background: Sequence[int]) -> tuple[int, ...]:
    """Return the ink with the greater contrast on this background."""
    return max(INKS, key=lambda colour: contrast(colour, background))


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the contrast of two sRGB colours, from 1 to 21 (WCAG 2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    shares = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: Sequence[int]) -> str:
    return f"rgb({','.join(map(str, colour))})"


def scatter(layout: Numbers, labels: NDArray[np.int64]) -> go.Figure:
    """Return points (n, 2) coloured by class, without axes."""
    bare = {"showticklabels": False, "showgrid": False}
    figure = go.Figure(layout=_layout("", "", bare, bare | {"scaleanchor": "x"}, hovermode=False, showlegend=False))
    for label in np.unique(labels):
        own = layout[labels == label]
        colour = PALETTE[label % len(PALETTE)] if label >= 0 else "#94a4a2"
        figure.add_scatter(x=own[:, 0], y=own[:, 1], mode="markers", marker={"size": 7, "color": colour})
    return figure


def calibration(diagrams: dict[str, Reliability], colours: dict[str, str]) -> go.Figure:
    """Return reliability diagrams by method, with the diagonal of perfect calibration; a marker's area is its share of
    images."""
    shares = {"range": [0, 1], "tickformat": ".0%"}
    figure = go.Figure(layout=_layout("confidence", "accuracy", shares, shares, hovermode="closest"))
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="calibrated",
        line={"dash": "dot", "width": 1, "color": "#94a4a2"},
        hoverinfo="skip",
    )
    for method, diagram in diagrams.items():
        filled = diagram.count > 0
        count = diagram.count[filled]
        name = _in_lines(method)
        figure.add_scatter(
            x=diagram.confidence[filled],
            y=diagram.accuracy[filled],
            customdata=count,
            name=name,
            mode="lines+markers",
            line={"color": colours[method], "width": 1.5},
            cliponaxis=False,
            marker={"size": 3 + 22 * np.sqrt(count / count.sum()), "line": {"width": 0}},
            hovertemplate=f"confidence %{{x:.0%}}, right %{{y:.0%}}, %{{customdata}} images<extra>{name}</extra>",
        )
    return figure


def _layout(x_title: str, y_title: str, xaxis: Settings, yaxis: Settings, **more: Any) -> Settings:
    """Return the layout of every figure: thin grid, no frame, no background, the legend above.

    It is passed to the figure as a whole: each later change would cost as much time as the figure.
    """
    grid = {"gridcolor": "rgba(128,128,128,0.18)", "zeroline": False, "automargin": True}
    titles = [{"title": {"text": text, "standoff": 8, "font": {"size": 13}}} for text in (x_title, y_title)]
    return {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "font": {"size": 13},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
        "xaxis": grid | titles[0] | xaxis,
        "yaxis": grid | titles[1] | yaxis,
    } | more


def _thinned(curve: Curve) -> Curve:
    if len(curve.x) <= POINTS:
        return curve
    rows = evenly_spaced(len(curve.x), POINTS)
    error = None if curve.error is None else curve.error[rows]
    raw = None if curve.raw is None else curve.raw[rows]
    return Curve(curve.name, curve.x[rows], curve.y[rows], curve.colour, error, raw, curve.dash)


def _in_lines(name: str) -> str:
    """Return a method's name as text for Plotly; a long one is broken between its parts to fit a phone."""
    lines = [""]
    for part in name.split(" · "):
        joined = f"{lines[-1]} · {part}" if lines[-1] else part
        lines[-1:] = [joined] if len(joined) <= LINE or not lines[-1] else [lines[-1], part]
    return "<br>".join(map(escape, lines))


def shown_names(class_names: Sequence[str]) -> list[str]:
    """Return class names as text for Plotly, never markup, and all different: equal names would share a position."""
    shown = [escape(name if len(name) <= 24 else name[:23] + "…") for name in class_names]
    return [f"{name} ({i})" if shown.count(name) > 1 else name for i, name in enumerate(shown)]


def _faint(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
