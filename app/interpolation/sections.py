"""The other views of the Interpolate page: noise samples, class mean, path grid, reconstructions."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import streamlit as st

from app import cached
from app.components.image_table import image_table
from app.interpolation.choice import Model, ends, random_images
from app.session import selection
from app.widgets import forms
from app.widgets.data_set import named_data_set, offer_data_set
from app.widgets.glossary import tip
from app.widgets.text import plain
from glico.config import FRAME_PATHS, FramePathName, PathName
from glico.latent.distances import nearest_in_angle, nearest_in_pixels, pixel_distance
from glico.latent.double_exposure import double_exposure, local_double_exposure
from glico.latent.halfway import off_cross_dissolve, sharpness
from glico.latent.measured import PathRequest, PathSource, path_frames
from glico.latent.path_analysis import PathAnalysis, path_noise
from glico.latent.paths import draw_around, path_through, spherical_mean
from glico.pixels import to_array, to_uint8
from glico.runs.naming import dataset_name
from glico.types import Codes, Floats, Images
from glico.words import percent

NOISE_SAMPLES = 10
GRID_ROWS, GRID_COLUMNS = 8, 7
CLASSES = 20  # shown at most
PER_ROW = 12  # images


def noise_samples(model: Model, rows: tuple[int, ...], t: float) -> None:
    """Show images of the same code with different noise: a strip for each path at ``t``."""
    e = path_noise(model.space.config, NOISE_SAMPLES, "resampled", selection.current().path.noise_seed)
    if e is None:
        st.caption("This generator takes no noise.")
        return
    at = np.full(NOISE_SAMPLES, t)
    codes = model.space.codes[list(rows)]
    strips = [
        (name, to_uint8(model.checkpoint.decode(path_through(codes, at, name), e))) for name in get_args(PathName)
    ]
    heads = [f"sample {i + 1}" for i in range(NOISE_SAMPLES)]
    image_table(strips, "noise_samples", f"samples of the noise at t = {t:g}", heads)
    st.caption(f"Samples of the noise e at t = {t:g}, the same for both paths.")


def halfway(paths: Mapping[FramePathName, PathAnalysis]) -> None:
    """Say how far the images halfway are from a cross-dissolve of A and B, and how sharp they are."""
    parts = []
    for name, path in paths.items():
        images = np.split(to_array(path.images[[0, len(path.t) // 2, -1]]), 3)
        distance, detail = off_cross_dissolve(*images).item(), sharpness(*images).item()
        whole, local = double_exposure(*images).item(), local_double_exposure(*images).item()
        if np.isfinite([distance, detail, whole]).all():
            exposed = f"double exposure {whole:.2f} (local {local:.2f})"
            parts.append(f"{name} {distance:.2f}, with {percent(detail)} of their fine detail, {exposed}")
    if parts:
        words = "At t = 0.5, distance from a 50/50 cross-dissolve of A and B (A and B themselves are at 0.5)"
        st.caption(plain(f"{words}: {'; '.join(parts)}."))


def morph_score(model: Model, rows: tuple[int, ...]) -> None:
    """Show how well the images are expected to morph, and explain a morph."""
    score = cached.morph_score(model.path, model.photographs, rows)
    is_guess = cached.morphs(model.path, model.photographs).of.is_guess(rows)
    guess = " The images are not all of one class, so the morph is a guess." if is_guess else ""
    words = f"Morph score {score:.2f} of 1: how well these images are expected to morph."
    st.caption(f"{words}{guess}", help=tip("morph", "morph score", "double exposure"))


def class_mean(model: Model) -> None:
    """Show the mean of a class on the sphere, and images generated around it."""
    label, spread = _choose_class(model)
    chosen, labels = selection.current().path, model.training.labels
    rows = np.flatnonzero(labels == label)
    codes = model.space.codes[rows]
    mean = spherical_mean(codes)
    samples = draw_around(codes, PER_ROW * 2, spread, np.random.default_rng(chosen.noise_seed))
    z = np.concatenate([mean[None], samples])
    generated = model.checkpoint.decode(z)
    images, captions = to_uint8(generated), _captions(model, generated, z, label)
    _, angles = nearest_in_angle(codes, mean[None])
    name = model.name(label)
    left, right = st.columns([1, 4], gap="large")
    with left:
        image_table([("", images[:1])], "mean_image", f"mean of {name}", ["mean"], [captions[:1]], 180)
    with right:
        st.markdown(f"**Generated around the mean of {plain(name)}**")
        starts = range(1, 1 + PER_ROW * 2, PER_ROW)
        image_table(
            [("", images[start : start + PER_ROW]) for start in starts],
            "mean_samples",
            "images generated around the mean",
            side=44,
            captions=[captions[start : start + PER_ROW] for start in starts],
        )
    predicts = model.space.has_classifier and label not in cached.collapsed_classes(model.path)
    st.caption(
        f"The Fréchet mean on the sphere is {angles.min():.0f}° to {angles.max():.0f}° from the {len(codes)} codes of "
        "its class. New codes follow the covariance of the class in the tangent space at the mean. Below each image: "
        + ("the classifier's prediction, and " if predicts else "")
        + "the training image that is nearest in pixels, with its distance in grey levels."
    )
    _show_class(model, label, rows[:PER_ROW])


def _choose_class(model: Model) -> tuple[int, float]:
    """Return the class whose mean is shown, and the spread around it."""
    labels, chosen = model.training.labels, selection.current().path
    classes = [int(c) for c in np.unique(labels[labels >= 0])]
    label = chosen.mean_class if chosen.mean_class in classes else classes[0]
    st.session_state.update(mean_class=label)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            "Class",
            classes,
            format_func=model.name,
            key="mean_class",
            width=220,
            on_change=lambda: selection.update(mean_class=st.session_state["mean_class"]),
        )
        spread = st.slider(
            "Spread",
            0.0,
            2.0,
            1.0,
            0.1,
            key="mean_spread",
            width=260,
            help="distance from the mean; at 1, as far as the class's own codes",
        )
        _seed("Seed", 120)
    return label, spread


def _show_class(model: Model, label: int, rows: np.ndarray) -> None:
    """Show training images of a class, or their reconstructions if the images are not available."""
    images = originals(model)
    kind, note = ("Originals", "") if images is not None else ("Reconstructions", " (the originals are not available)")
    st.markdown(f"**{kind} of {plain(model.name(label))}**{note}")
    shown = (model.training.images if images is None else images)[rows]
    image_table([("", shown)], "mean_originals", f"{kind.lower()} of {model.name(label)}", side=44)


def grid(model: Model) -> None:
    """Show paths as in Fig. 5a: a row for each pair, a column for each t."""
    st.session_state.update(grid_path=selection.current().path.path)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "Path",
            FRAME_PATHS,
            key="grid_path",
            required=True,
            on_change=lambda: selection.update(path=st.session_state["grid_path"]),
        )
        across = st.segmented_control(
            "Pairs", ["in a class", "across classes"], default="in a class", required=True, key="grid_across"
        )
        columns = forms.number("Columns", 3, 21, GRID_COLUMNS, "grid_columns", width=120) or GRID_COLUMNS
        _seed("Seed of the pairs", 150)
    chosen, labels = selection.current().path, model.training.labels
    rng = np.random.default_rng(chosen.noise_seed)
    pairs = [random_images(labels, 2, across != "in a class", rng) for _ in range(GRID_ROWS)]
    t = np.linspace(0, 1, columns)
    table = []
    source = PathSource(model.checkpoint, model.training, cached.morphs(model.path, ()))
    for a, b in pairs:
        request = PathRequest((a, b), columns, ends=ends(model))
        images = to_uint8(path_frames(source, request, chosen.path, t)[1])
        first, last = model.name(int(labels[a])), model.name(int(labels[b]))
        table.append((f"{first} · {a} → {b}" if first == last else f"{first} · {a} → {last} · {b}", images))
    image_table(table, "grid", "path grid", [f"t = {value:.2g}" for value in t.tolist()], side=56)
    st.caption(
        "Laid out as the paper's Fig. 5a: the first and last columns are reconstructions of two training images; those "
        f"between are new, {'moved into each other' if chosen.path == 'morph' else f'generated along {chosen.path}'}."
    )


def reconstructions(model: Model) -> None:
    """Show originals above their reconstructions and errors, as in Fig. 5b; only reconstructions if no original is
    available."""
    images = originals(model)
    if images is None:
        _reconstructions_only(model)
        return
    labels = model.training.labels
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order = st.segmented_control(
            "Order", ["by class", "worst first", "best first"], default="by class", required=True, key="errors_order"
        )
        count = forms.number("Images", 1, 240, 3 * PER_ROW, "errors_count", width=130)
    generated, errors = cached.reconstructions(model.path)
    if not model.training.original:
        errors = pixel_distance(to_array(generated), to_array(images))
        dataset = dataset_name(model.space.config.dataset)
        st.caption(plain(f"The originals come from {dataset} on this machine."))
    best_first = np.argsort(errors, kind="stable")
    orders = {"by class": _alternating_classes(labels), "worst first": best_first[::-1], "best first": best_first}
    rows = orders[order][: count or PER_ROW]
    table, heads, captions = [], [], []
    for start in range(0, len(rows), PER_ROW):
        shown = rows[start : start + PER_ROW]
        table += [("original", images[shown]), ("reconstruction", generated[shown])]
        heads += [[f"{model.name(int(labels[row]))} · {row}" for row in shown], []]
        captions += [[], [f"{errors[row]:.1f}" for row in shown]]
    image_table(table, "errors", "originals over reconstructions", captions=captions, side=72, heads=heads)
    st.caption(
        f"Error: root mean square over pixels, in grey levels of 255. Over all {len(errors)} images: "
        f"median {np.median(errors):.1f}, largest {errors.max():.1f}."
    )


def originals(model: Model) -> Images | None:
    """Return the training images: from the checkpoint, else from its data set, else None."""
    return (
        model.training.images if model.training.original else cached.originals(model.path, named_data_set(model.path))
    )


def _reconstructions_only(model: Model) -> None:
    """Show reconstructions by class, and say why there are no originals."""
    name = plain(dataset_name(model.space.config.dataset))
    st.info(
        f"This checkpoint holds no originals, and {name} is not on this machine, so only reconstructions are shown. "
        "With the data set on this machine, the originals appear above them.",
        icon=":material/info:",
    )
    offer_data_set(model.path)
    generated, _ = cached.reconstructions(model.path)
    labels = model.training.labels
    rows = [
        (model.name(int(label)), generated[np.flatnonzero(labels == label)][:PER_ROW])
        for label in np.unique(labels)[:CLASSES]
    ]
    image_table(rows, "reconstructions_only", "reconstructions, by class", side=56)


def _seed(title: str, width: int) -> None:
    """Show the seed of random images and of the noise."""
    st.session_state.update(noise_seed=selection.current().path.noise_seed)
    st.number_input(
        title,
        0,
        key="noise_seed",
        width=width,
        on_change=lambda: selection.update(noise_seed=st.session_state["noise_seed"]),
    )


def _alternating_classes(labels: np.ndarray) -> np.ndarray:
    """Return the rows in this order: the first image of every class, then the second of every class, and so on."""
    place = np.zeros(len(labels), int)
    for label in np.unique(labels):
        own = labels == label
        place[own] = np.arange(own.sum())
    return np.lexsort((labels, place))


def _captions(model: Model, images: Floats, codes: Codes, label: int) -> Sequence[str]:
    """Return each image's prediction, unless the class has collapsed, and its nearest training image."""
    collapsed = label in cached.collapsed_classes(model.path)
    probabilities = None if collapsed else model.checkpoint.probabilities(images, codes)
    rows, distances = nearest_in_pixels(images, model.training.images)
    nearest = [f"{row}: {d:.0f}" for row, d in zip(rows.tolist(), distances.tolist(), strict=True)]
    if probabilities is None:
        return nearest
    likeliest = zip(probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist(), strict=True)
    predictions = [f"{model.name(c)} {percent(p)}" for c, p in likeliest]
    return [f"{prediction}\n{near}" for prediction, near in zip(predictions, nearest, strict=True)]
