"""Decisions on single images: another class, left out, or fine as it is. They change a data set, never its files.

A decision names its image by the file's path in the data set, or by its index in the published split if the data set
has no files. The table has the columns ``path,label,split,decision,note``.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from glico.config.limits import check
from glico.data.dataset import Dataset, Published
from glico.data.text import plain_text, reason, shown_path, text_lines
from glico.errors import GlicoError
from glico.files import open_regular
from glico.formats import FORMULA, csv_text
from glico.types import Labels, Split
from glico.words import counted

Verdict = Literal["relabel", "leave-out", "fine"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
COLUMNS = ("path", "label", "split", "decision", "note")
SPLITS: tuple[Split, ...] = get_args(Split)
ImageKey = tuple[str, str]
"""The split and the path of an image."""


@dataclass(frozen=True)
class Decision:
    """A person's decision on the image at ``path`` in a ``split`` of the data set.

    ``label`` is its class by that decision. ``where`` is the line in a file, for error messages.
    """

    path: str
    label: str
    split: Split
    decision: Verdict
    note: str = ""
    where: str = ""

    @property
    def key(self) -> ImageKey:
        """The image that the decision is about."""
        return self.split, self.path


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """Return the decisions in a file. Raises GlicoError if it cannot be read or has a wrong line."""
    shown = shown_path(path)
    try:
        with open_regular(path, "text_mib") as file:
            return parse_decisions(file, shown)
    except OSError as error:
        raise GlicoError(f"Cannot read the decisions in {shown}: {reason(error)}.") from error


def parse_decisions(file: BinaryIO, shown: str) -> tuple[Decision, ...]:
    """Return the decisions in an open file; errors name it ``shown``. Raises GlicoError for the first wrong line."""
    reader = csv.reader(text_lines(file, shown), strict=True)
    decisions: dict[ImageKey, Decision] = {}
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in COLUMNS[:4] if name not in header]:
            raise GlicoError(
                f"{shown} is not a table of decisions: the column {missing[0]!r} is missing. Its first line must be "
                f"{','.join(COLUMNS)}."
            )
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            where = f"{shown}, line {reader.line_num}"
            decision = _decision(dict(zip(header, map(_unescaped, values), strict=False)), where)
            if decision.key in decisions:
                raise GlicoError(f"{where}: {plain_text(decision.path)!r} is there again. Keep one of its lines.")
            decisions[decision.key] = decision
            check("entries", len(decisions), shown)
    except csv.Error as error:
        raise GlicoError(f"{shown}, line {reader.line_num} cannot be read as CSV: {reason(error)}.") from error
    return tuple(decisions.values())


def write_decisions(decisions: Iterable[Decision]) -> bytes:
    """Return the table of ``decisions`` as a file's content."""
    return csv_text([COLUMNS, *(_escaped(each) for each in decisions)]).encode()


def with_decisions(dataset: Dataset, decisions: Sequence[Decision], shown: str = "the decisions") -> Dataset:
    """Return the data set as ``decisions`` change it, with notes on how many do. ``shown`` names their file.

    Small samples keep their other images: see :func:`glico.data.sample.small_sample`. Raises GlicoError if a class is
    unknown or loses its last training image, or if no decision is about an image of this data set.
    """
    if not decisions:
        return dataset
    places = {(split, name): row for split in SPLITS for row, name in enumerate(image_names(dataset, split))}
    matched = [(places[each.key], each) for each in decisions if each.key in places]
    if not matched:
        raise GlicoError(
            f"Cannot apply {shown}: {dataset.name} has no image {plain_text(decisions[0].path)!r}, nor any other that "
            "is named there. Choose the decisions on this data set."
        )
    labels: dict[Split, Labels] = {"train": dataset.train_labels.copy(), "test": dataset.test_labels.copy()}
    kept: dict[Split, NDArray[np.bool_]] = {split: np.ones(len(own), dtype=bool) for split, own in labels.items()}
    classes = {name: label for label, name in enumerate(dataset.class_names)}
    for row, each in matched:
        if each.decision == "leave-out":
            kept[each.split][row] = False
        elif each.decision == "relabel":
            if each.label not in classes:
                raise GlicoError(
                    f"{each.where or shown}: there is no class {plain_text(each.label)!r} in {dataset.name}. Name one "
                    f"of its classes, such as {dataset.class_names[0]!r}."
                )
            labels[each.split][row] = classes[each.label]
    left = np.bincount(labels["train"][kept["train"]], minlength=len(classes))
    if not left.all():
        empty = dataset.class_names[int(np.flatnonzero(left == 0)[0])]
        raise GlicoError(
            f"Cannot apply {shown}: they leave the class {empty!r} of {dataset.name} without a training image. Undo "
            "one of them."
        )
    return _changed(dataset, labels, kept, _notes(decisions, matched, dataset.name))


def image_names(dataset: Dataset, split: Split) -> Sequence[str]:
    """Return what decisions call each image of a split: its file, or its index in the published split."""
    names, labels = (
        (dataset.train_names, dataset.train_labels) if split == "train" else (dataset.test_names, dataset.test_labels)
    )
    if names or not len(labels):
        return names
    published = dataset.published
    rows = np.arange(len(labels)) if published is None else published.rows(split)
    return [str(row) for row in rows.tolist()]


def corrected_table(dataset: Dataset, decisions: Sequence[Decision]) -> bytes:
    """Return a table of labels of all images that were read: those of ``dataset``, to which ``decisions`` were
    applied, and the images that they leave out."""
    by_key = {each.key: each for each in decisions}
    rows: list[tuple[str, ...]] = []
    for split in SPLITS:
        labels = dataset.train_labels if split == "train" else dataset.test_labels
        for name, label in zip(image_names(dataset, split), labels.tolist(), strict=True):
            known = by_key.get((split, name))
            verdict, note = (known.decision, known.note) if known else ("", "")
            rows.append((name, dataset.class_names[label], split, verdict, note))
    rows += [_escaped(each) for each in decisions if each.decision == "leave-out"]
    return csv_text([COLUMNS, *rows]).encode()


def _decision(cells: Mapping[str, str], where: str) -> Decision:
    path, label, note = (cells.get(name, "").strip() for name in ("path", "label", "note"))
    split, verdict = (cells.get(name, "").strip().lower() for name in ("split", "decision"))
    if not path:
        raise GlicoError(f"{where}: the path of the image is missing.")
    if split not in SPLITS:
        raise GlicoError(f"{where}: the split is {plain_text(split)!r}, but it must be train or test.")
    if verdict not in VERDICTS:
        raise GlicoError(
            f"{where}: the decision is {plain_text(verdict)!r}, but it must be relabel, leave-out or fine."
        )
    if verdict == "relabel" and not label:
        raise GlicoError(f"{where}: the label is missing, and relabel needs one.")
    return Decision(path, label, split, verdict, note, where)


def _escaped(decision: Decision) -> tuple[str, ...]:
    """Return the cells of a decision; those that :func:`_unescaped` would shorten have one more apostrophe."""
    cells = (decision.path, decision.label, decision.split, decision.decision, decision.note)
    return tuple(f"'{cell}" if _unescaped(cell) != cell else cell for cell in cells)


def _unescaped(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it as a formula."""
    rest = cell[1:]
    return rest if cell.startswith("'") and (FORMULA.match(rest) or rest.startswith("'")) else cell


def _notes(decisions: Sequence[Decision], matched: Sequence[tuple[int, Decision]], name: str) -> list[str]:
    kinds = [each.decision for _, each in matched]
    notes = [
        f"Your decisions: {counted(kinds.count('relabel'), 'image')} relabelled, {kinds.count('leave-out')} left out."
    ]
    if missing := len(decisions) - len(matched):
        keys = {each.key for _, each in matched}
        first = next(each.path for each in decisions if each.key not in keys)
        notes.append(
            f"{counted(missing, 'decision')} not applied, because {name} has no such image (the first: "
            f"{plain_text(first)!r})."
        )
    return notes


def _changed(
    dataset: Dataset, labels: Mapping[Split, Labels], kept: Mapping[Split, NDArray[np.bool_]], notes: Sequence[str]
) -> Dataset:
    train, test = kept["train"], kept["test"]
    before = dataset.published or Published(
        dataset.train_labels, np.arange(len(dataset.train_labels)), np.arange(len(dataset.test_labels))
    )
    return replace(
        dataset,
        train_images=dataset.train_images if train.all() else dataset.train_images[train],
        train_labels=labels["train"][train],
        test_images=dataset.test_images if test.all() else dataset.test_images[test],
        test_labels=labels["test"][test],
        train_names=_only(dataset.train_names, train),
        test_names=_only(dataset.test_names, test),
        train_groups=_only(dataset.train_groups, train),
        train_ids=None if dataset.train_ids is None else dataset.train_ids[train],
        published=before.only(train, test),
        contents=replace(dataset.contents, notes=(*dataset.contents.notes, *notes)),
    )


def _only(values: tuple[str, ...], mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(value for value, is_kept in zip(values, mask, strict=True) if is_kept) if values else ()
