"""The interpolate page's other views: draws of the noise, a class mean, path grids, reconstructions."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import streamlit as st
import torch

from app import cached
from app.components.image_table import image_table
from app.interpolation.choice import Model, random_images
from app.session import selection
from app.widgets import forms
from app.widgets.text import plain
from glico.config import PathName
from glico.data.dataset import Images
from glico.latent.path_analysis import (
    PathAnalysis,
    nearest_in_angle,
    nearest_in_pixels,
    off_cross_dissolve,
    path_noise,
    pixel_distance,
    sharpness,
)
from glico.latent.paths import draw_around, path_through, spherical_mean
from glico.pixels import to_float, to_uint8
from glico.runs.naming import dataset_name

DRAWS = 10
ROWS = 8
COLUMNS = 7
CLASSES = 20  # at most so many are shown
A_TABLE = 12


def draws(model: Model, rows: tuple[int, ...], t: float) -> None:
    """The same code under other noise: a strip of draws for each path at ``t``."""
    checkpoint, decode = model.checkpoint, cached.decoder(model.path)
    e = path_noise(checkpoint.config, DRAWS, "resampled", selection.current().draw)
    if e is None:
        st.caption("This generator takes no noise.")
        return
    at = torch.full((DRAWS,), t, dtype=torch.float64)
    strips = [
        (name, to_uint8(decode(path_through(checkpoint.codes[list(rows)], at, name), e))) for name in get_args(PathName)
    ]
    image_table(strips, "noise_draws", f"samples of the noise at t = {t:g}", [f"draw {i + 1}" for i in range(DRAWS)])
    st.caption(f"Samples of the noise e at t = {t:g}, the same for both paths.")


def halfway(paths: Mapping[PathName, PathAnalysis]) -> None:
    """What the images halfway between two are: a cross-dissolve of them, or one of their own; and how sharp."""
    said = []
    for name, path in paths.items():
        start, middle, end = to_float(path.images[[0, len(path.t) // 2, -1]]).unbind()
        ends = start[None], middle[None], end[None]
        away, detail = off_cross_dissolve(*ends).item(), sharpness(*ends).item()
        if np.isfinite([away, detail]).all():
            said.append(f"{name} {away:.2f} away, with {detail:.0%} of their fine detail")
    if said:
        words = "At t = 0.5, measured from a double exposure of A and B, from which they themselves are 0.5 away"
        st.caption(plain(f"{words}: {'; '.join(said)}."))


def class_mean(model: Model) -> None:
    """The mean of a class on the sphere, and images generated around it."""
    checkpoint, decode = model.checkpoint, cached.decoder(model.path)
    labels = model.training.labels
    classes = [int(c) for c in np.unique(labels[labels >= 0])]
    of = selection.current().of
    label = of if of in classes else classes[0]
    st.session_state.update(mean_class=label, draw=selection.current().draw)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            "Class", classes, format_func=model.name, key="mean_class", width=220,
            on_change=lambda: selection.update(of=st.session_state["mean_class"]),
        )  # fmt: skip
        spread = st.slider(
            "Spread", 0.0, 2.0, 1.0, 0.1, key="mean_spread", width=260,
            help="how far from the mean: 1 is as far as the codes of the class themselves",
        )  # fmt: skip
        st.number_input(
            "Seed", 0, key="draw", width=120, on_change=lambda: selection.update(draw=st.session_state["draw"])
        )
    own = checkpoint.codes[np.flatnonzero(labels == label)]
    mean = spherical_mean(own)
    rng = torch.Generator().manual_seed(selection.current().draw)
    drawn = torch.cat([mean[None], draw_around(own, A_TABLE * 2, spread, rng)])
    images = decode(drawn)
    captions = _captions(model, images, drawn, label)
    everyone = to_uint8(images)
    _, angles = nearest_in_angle(own, mean[None])
    left, right = st.columns([1, 4], gap="large")
    with left:
        image_table([("", everyone[:1])], "mean_image", f"mean of {model.name(label)}", ["mean"], [captions[:1]], 180)
    with right:
        st.markdown(f"**Generated around the mean of {plain(model.name(label))}**")
        image_table(
            [("", everyone[1 + i : 1 + i + A_TABLE]) for i in range(0, A_TABLE * 2, A_TABLE)],
            "mean_draws", "images generated around the mean", side=44,
            captions=[captions[1 + i : 1 + i + A_TABLE] for i in range(0, A_TABLE * 2, A_TABLE)],
        )  # fmt: skip
    st.caption(
        f"The mean (Fréchet, on the sphere) lies {angles.min():.0f}° to {angles.max():.0f}° from the {len(own)} codes "
        f"of its class. New codes follow the covariance of the class in the tangent space there. Below each image: "
        + (
            "what the classifier predicts, and "
            if checkpoint.classifier and label not in cached.merged(model.path)
            else ""
        )
        + "which training image is nearest in pixels, and how near, in grey levels."
    )
    compared = originals(model)
    what, why = ("Originals", "") if compared is not None else ("Reconstructions", " (the originals are not available)")
    st.markdown(f"**{what} of {plain(model.name(label))}**{why}")
    true = (model.training.images if compared is None else compared)[np.flatnonzero(labels == label)][:A_TABLE]
    image_table([("", true)], "mean_true", f"{what.lower()} of {model.name(label)}", side=44)


def grid(model: Model) -> None:
    """Fig. 5a: a row per pair, a column per t."""
    checkpoint, decode = model.checkpoint, cached.decoder(model.path)
    chosen = selection.current()
    st.session_state.update(grid_path=chosen.path, draw=chosen.draw)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "Path", get_args(PathName), key="grid_path", required=True,
            on_change=lambda: selection.update(path=st.session_state["grid_path"]),
        )  # fmt: skip
        across = st.segmented_control(
            "Pairs", ["in a class", "across classes"], default="in a class", required=True, key="grid_across"
        )
        columns = forms.number("Columns", 3, 21, COLUMNS, "grid_columns", width=120) or COLUMNS
        st.number_input(
            "Seed of the pairs", 0, key="draw", width=150,
            on_change=lambda: selection.update(draw=st.session_state["draw"]),
        )  # fmt: skip
    rng = np.random.default_rng(chosen.draw)
    labels = model.training.labels
    pairs = [random_images(labels, 2, across != "in a class", rng) for _ in range(ROWS)]
    t = torch.linspace(0, 1, columns, dtype=torch.float64)
    table = []
    for a, b in pairs:
        images = to_uint8(decode(path_through(checkpoint.codes[[a, b]], t, chosen.path)))
        ends = model.name(int(labels[a])), model.name(int(labels[b]))
        table.append((f"{ends[0]} · {a} → {b}" if ends[0] == ends[1] else f"{ends[0]} · {a} → {ends[1]} · {b}", images))
    image_table(table, "grid", "path grid", [f"t = {value:.2g}" for value in t.tolist()], side=56)
    st.caption(
        f"In the manner of the paper's Fig. 5a: the left and right columns are reconstructions of two training images, "
        f"those between are new, along {chosen.path}."
    )


def reconstructions(model: Model) -> None:
    """Fig. 5b: originals over reconstructions, with their error; reconstructions alone where no original is at hand."""
    compared = originals(model)
    if compared is None:
        reconstructions_alone(model)
        return
    labels = model.training.labels
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order = st.segmented_control(
            "Order", ["by class", "worst first", "best first"], default="by class", required=True, key="errors_order"
        )
        count = forms.number("Images", 1, 240, 3 * A_TABLE, "errors_count", width=130)
    drawn, errors = cached.reconstructions(model.path)
    if not model.training.original:
        errors = pixel_distance(to_float(drawn), to_float(compared)).numpy()
        st.caption(
            plain(f"The originals are those of {dataset_name(model.checkpoint.config.dataset)} on this machine.")
        )
    ranked = np.argsort(errors, kind="stable")
    rows = {"by class": _by_turns(labels), "worst first": ranked[::-1], "best first": ranked}[order][: count or A_TABLE]
    table, heads, captions = [], [], []
    for start in range(0, len(rows), A_TABLE):
        shown = rows[start : start + A_TABLE]
        table += [("original", compared[shown]), ("reconstruction", drawn[shown])]
        heads += [[f"{model.name(int(labels[row]))} · {row}" for row in shown], []]
        captions += [[], [f"{errors[row]:.1f}" for row in shown]]
    image_table(table, "errors", "originals over reconstructions", captions=captions, side=72, heads=heads)
    st.caption(
        f"Error: root mean square over pixels, in grey levels of 255. Over all {len(errors)} images: "
        f"median {np.median(errors):.1f}, largest {errors.max():.1f}."
    )


def originals(model: Model) -> Images | None:
    """The training images themselves: those in the checkpoint, else those of its data set where it is at hand."""
    return model.training.images if model.training.original else cached.originals(model.path)


def reconstructions_alone(model: Model) -> None:
    """What the generator makes of the codes, class by class, and why there is nothing beside it."""
    name = plain(dataset_name(model.checkpoint.config.dataset))
    st.info(
        f"This checkpoint holds no originals, and {name} is not at hand on this machine: these are reconstructions "
        "alone. With the data set in place, the originals appear above them.",
        icon=":material/info:",
    )
    drawn, _ = cached.reconstructions(model.path)
    labels = model.training.labels
    rows = [
        (model.name(int(label)), drawn[np.flatnonzero(labels == label)][:A_TABLE])
        for label in np.unique(labels)[:CLASSES]
    ]
    image_table(rows, "reconstructions_alone", "reconstructions, by class", side=56)


def _by_turns(labels: np.ndarray) -> np.ndarray:
    """The first image of every class, then the second of every class, and so on."""
    turn = np.zeros(len(labels), int)
    for label in np.unique(labels):
        own = labels == label
        turn[own] = np.arange(own.sum())
    return np.lexsort((labels, turn))


def _captions(model: Model, images: torch.Tensor, codes: torch.Tensor, label: int) -> list[str]:
    """What the classifier sees, unless the images of the class have merged, and the nearest training image."""
    merged = label in cached.merged(model.path)
    probabilities = None if merged else model.checkpoint.probabilities(images, codes)
    rows, distance = nearest_in_pixels(images, model.training.images)
    near = [f"{row}: {d:.0f}" for row, d in zip(rows.tolist(), distance.tolist(), strict=True)]
    if probabilities is None:
        return near
    best = probabilities.max(dim=1)
    seen = [
        f"{model.name(c)} {100 * p:.0f} %" for c, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
    return [f"{what}\n{where}" for what, where in zip(seen, near, strict=True)]
