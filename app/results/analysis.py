"""The predictions of finished classifier runs: accuracy by class, confusion, calibration."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.components.live_chart import live_chart
from app.components.strips import Strip, strips
from app.decisions import bar
from app.decisions.controls import Subject
from app.decisions.ledger import ledger_of
from app.decisions.pictures import decide_on_pictures
from app.results.comparison import scored_images_of, training_of
from app.results.series import Series
from app.widgets import figures
from app.widgets.feedback import show_error
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.checkpoints.named import data_set_of
from glico.data.dataset import name_in_split
from glico.data.decisions import image_names
from glico.errors import GlicoError
from glico.evaluation.accuracy import BINS, confusion_matrix, expected_calibration_error, reliability, softmax
from glico.evaluation.statistics import estimate, with_error
from glico.runs.folder import RunFolder
from glico.types import Split
from glico.words import counted, percent

IMAGES_SHOWN = 60  # of a cell
Predictions = Sequence[tuple[RunFolder, dict[str, NDArray[Any]]]]
"""Runs with their arrays of predictions."""


def finished(series: Sequence[Series]) -> list[Series]:
    """Return the series that have a result."""
    return [one for one in series if one.scores()]


def class_names(series: Sequence[Series]) -> list[str]:
    """Return the class names of the data set that these runs were tested on."""
    results = (run.result for one in series for run in one.runs.values() if run.state.status == "done")
    return next((list(result["class_names"]) for result in results if result and "class_names" in result), [])


def show_by_class(series: Sequence[Series]) -> None:
    """Show the mean accuracy of every class over seeds, with its standard error."""
    names = class_names(series)
    accuracies, errors = {}, {}
    for one in series:
        results = [run.result["per_class"] for run in one.runs.values() if run.result and "per_class" in run.result]
        same_classes = [np.array(values, dtype=float) for values in results if len(values) == len(names)]
        if same_classes:
            accuracies[one.name] = np.mean(same_classes, axis=0)
            errors[one.name] = np.array(
                [estimate(list(seeds)).standard_error for seeds in np.stack(same_classes, axis=1)]
            )
    if not accuracies:
        st.info("No finished run has per-class accuracies.", icon=":material/info:")
        return
    title = f"accuracy on {scored_images_of(series)}"
    figure = figures.per_class(names, accuracies, {one.name: one.colour for one in series}, title, errors)
    live_chart(figure, "results_by_class", "accuracy of every class, by method", height=380)
    percent = {name: st.column_config.NumberColumn(format="percent") for name in accuracies}
    if others := [one.name for one in series if one.name not in accuracies]:
        st.caption(plain(f"Not shown, because their classes differ or their results are missing: {'; '.join(others)}."))
    data_table({"class": names} | accuracies, key="by_class_table", column_config=percent)


def show_confusion(series: Sequence[Series]) -> None:
    """Show the confusion matrix of one method, for a seed or summed over all, and the images of a cell."""
    names = class_names(series)
    predictions = [
        (run, arrays) for run, arrays in _choose_predictions(series) if arrays["logits"].shape[1] == len(names)
    ]
    if not predictions or not names:
        st.info("The predictions of these runs are missing.", icon=":material/info:")
        return
    matrix = sum(
        (confusion_matrix(p["logits"].argmax(axis=1), p["labels"], len(names)) for _, p in predictions),
        start=np.zeros((len(names), len(names)), dtype=np.int64),
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = figures.confusion(matrix, names, st.context.theme.type or "light")
        clicked = live_chart(figure, "results_confusion", "confusion matrix; true classes down", height=520)
        shown = figures.shown_names(names)
        if clicked and clicked["x"] in shown and clicked["y"] in shown:
            st.session_state["confusion_true"] = shown.index(clicked["y"])
            st.session_state["confusion_predicted"] = shown.index(clicked["x"])
    with right:
        true, predicted = _choose_cell(matrix, names)
        _cell_images(predictions, true, predicted)


def _choose_predictions(series: Sequence[Series]) -> Predictions:
    """Let a person choose a method and a seed, or all; return the runs with their predictions."""
    by_name = {one.name: one for one in series}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = by_name[st.selectbox("Method", list(by_name), key="confusion_method", width=320)]
        runs = {f"seed {seed}": run for (_, seed), run in chosen.runs.items() if _predictions(run) is not None}
        seeds = st.selectbox("Seeds", ["all seeds", *runs], key="confusion_seed", width=160)
    members = list(runs.values()) if seeds == "all seeds" else [runs[seeds]]
    return [(run, arrays) for run in members if (arrays := _predictions(run)) is not None]


def _choose_cell(matrix: NDArray[np.int64], names: Sequence[str]) -> tuple[int, int]:
    """Let a person choose a true and a predicted class, at first those that are confused most."""
    off_diagonal = matrix.copy()
    np.fill_diagonal(off_diagonal, -1)
    row, column = np.unravel_index(off_diagonal.argmax(), off_diagonal.shape)
    for key, start in (("confusion_true", int(row)), ("confusion_predicted", int(column))):
        if st.session_state.get(key, len(names)) >= len(names):
            st.session_state[key] = start
    labels = list(range(len(names)))
    true = st.selectbox("True class", labels, format_func=lambda i: names[i], key="confusion_true")
    predicted = st.selectbox("Predicted class", labels, format_func=lambda i: names[i], key="confusion_predicted")
    st.caption("Or click a cell of the matrix.")
    return true, predicted


def _cell_images(predictions: Predictions, true: int, predicted: int) -> None:
    """Show the test images of one class that were predicted as another, the most confident first."""
    confidences: dict[int, float] = {}
    for _, arrays in predictions:
        probabilities = softmax(arrays["logits"])
        rows = np.flatnonzero((arrays["labels"] == true) & (probabilities.argmax(axis=1) == predicted))
        pairs = zip(arrays["indices"][rows].tolist(), probabilities[rows, predicted].tolist(), strict=True)
        for index, confidence in pairs:
            confidences[index] = max(confidence, confidences.get(index, 0.0))
    if not confidences:
        st.write("No image.")
        return
    run, arrays = predictions[0]
    training = training_of(run)
    if training is None:
        st.info("The checkpoint of these runs is missing, so their images cannot be shown.", icon=":material/info:")
        return
    try:
        named = data_set_of(training, run.settings.get("dataset"))
        data = cached.dataset(training.model_copy(update={"dataset": named}))
    except GlicoError as error:
        show_error(error)
        return
    split = str(arrays["part"])
    images = data.test_images if split == "test" else data.train_images
    there = (index for index in confidences if index < len(images))
    shown = sorted(there, key=lambda index: -confidences[index])[:IMAGES_SHOWN]
    some = f", the {IMAGES_SHOWN} most confident shown" if len(confidences) > IMAGES_SHOWN else ""
    over = " in at least one seed" if len(predictions) > 1 else ""
    verb = "classified correctly" if true == predicted else "misclassified this way"
    st.write(plain(f"{counted(len(confidences), 'image')} {verb}{over}{some}."))
    ledger = ledger_of(training, run.settings.get("dataset"))
    captions = [f"{name_in_split(split, index)} · confidence {percent(confidences[index])}" for index in shown]
    if ledger is None:
        strips([Strip("", images[shown], captions)], "confusion_images", tile=48, title="misclassified")
        return
    side: Split = "test" if split == "test" else "train"
    paths = image_names(data, side)
    subjects = [Subject(side, paths[index], data.class_names[true]) for index in shown]
    title = f"{data.class_names[true]}, predicted {data.class_names[predicted]}"
    decide_on_pictures(ledger, images[shown], captions, subjects, data.class_names, title, "confusion")
    bar.show(ledger, [path for path in [Path(run.settings["checkpoint"])] if path.exists()], "confusion")


def show_calibration(series: Sequence[Series]) -> None:
    """Show reliability diagrams over all seeds, and the calibration error of each method."""
    diagrams, lines = {}, []
    for one in series:
        arrays = [p for run in one.runs.values() if (p := _predictions(run)) is not None]
        if not arrays:
            continue
        probabilities = [softmax(p["logits"]) for p in arrays]
        labels = [p["labels"] for p in arrays]
        pooled = reliability(np.concatenate(probabilities), np.concatenate(labels))
        diagrams[one.name] = pooled
        errors = [expected_calibration_error(p, y) for p, y in zip(probabilities, labels, strict=True)]
        error = estimate(errors)
        text = with_error(100 * error.mean, 100 * error.standard_error)
        lines.append({"method": one.name, "expected calibration error (%)": text})
    if not diagrams:
        st.info("The predictions of these runs are missing.", icon=":material/info:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = figures.calibration(diagrams, {one.name: one.colour for one in series})
        live_chart(figure, "results_calibration", "reliability diagram, by method", height=440)
    with right:
        data_table(lines, key="calibration_table")
        st.caption(
            "Above the dotted line a classifier is underconfident, below it overconfident. "
            f"{BINS} bins of equal width, over the images of all seeds; a larger marker stands for more images."
        )


def _predictions(run: RunFolder) -> dict[str, NDArray[Any]] | None:
    return cached.run_predictions(run.file("predictions.npz"))
