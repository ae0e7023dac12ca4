"""The selected images: a table, CSV, a ZIP with a folder for each class, and the way to Classify."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import streamlit as st

from app import cached, pages
from app.classification.source_images import paired_classes
from app.session import selection
from app.widgets.table import data_table
from glico.config.limits import check
from glico.data.class_folders import class_folders
from glico.formats import csv_text
from glico.pictures import to_pil
from glico.types import Images, Labels
from glico.web.latent_map.scene import Side
from glico.web.sprite import data_url

TABLE_ROWS = 300  # the files have all rows
COLUMNS = ("image", "index in the data set", "class")


def show(side: Side, runs: str) -> None:
    """Show the selected images of a map, ``runs`` of rows, with their exports and the way to Classify."""
    space = cached.latent_space(side.path)
    rows = selection.rows_of(runs, len(space.labels))
    if not rows:
        return
    images, labels = cached.map_images(side.path), space.labels
    selected = records(rows, space.indices, labels, space.class_names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(rows)} selected**")
        st.download_button(
            "CSV", lambda: as_csv(selected), "selected.csv", "text/csv", on_click="ignore", icon=":material/download:"
        )
        st.download_button(
            "ZIP of images",
            lambda: as_zip(images[rows], [name for *_, name in selected], [f"image-{row}" for row in rows]),
            "selected.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
            help="One folder per class: a data set to train on.",
        )
        if st.button(
            "Use as the augmentation set",
            icon=pages.CLASSIFY.icon,
            key="use_selected",
            disabled=not len(paired_classes(labels[rows])),
            help="Generate only from these images when training a classifier. Needs at least two from one class.",
        ):
            selection.update(checkpoint=side.key, drawn_from=runs, drawn_of=side.key)
            pages.CLASSIFY.open()
    _groups(side, runs, len(rows))
    data_table(
        table(rows, selected, images),
        height=260,
        column_config={"picture": st.column_config.ImageColumn("", width="small")},
    )


def _groups(side: Side, runs: str, count: int) -> None:
    """Let a person keep the selection as one of two groups, between which Directions shows a direction."""
    chosen = selection.current().path
    kept = {"first_group": chosen.first_group, "second_group": chosen.second_group}
    if chosen.groups_of != side.key:
        kept = dict.fromkeys(kept, "")
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, name in enumerate(kept, start=1):
            st.button(
                f"Keep as group {number}",
                icon=":material/check:" if kept[name] else None,
                key=f"keep_{name}",
                disabled=count < 2,
                on_click=lambda name=name: _keep(side, kept | {name: runs}),
                help="Select a group, keep it, select another and keep it as the other group: Directions shows the "
                "direction from the mean of group 1 to that of group 2. A group needs at least two images.",
            )
        if all(kept.values()) and st.button("Direction between them", icon=pages.INTERPOLATE.icon, key="groups_go"):
            selection.update(checkpoint=side.key, view="directions", direction="")
            pages.INTERPOLATE.open()


def _keep(side: Side, groups: Mapping[str, str]) -> None:
    selection.update(groups_of=side.key, **groups)


def records(rows: Sequence[int], indices: Labels, labels: Labels, names: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return (row of the codes, index in the data set, class name) of every selected image."""
    return [(row, int(indices[row]), names[labels[row]] if labels[row] >= 0 else "unlabelled") for row in rows]


def table(rows: Sequence[int], selected: Sequence[tuple[int, int, str]], images: Images) -> list[dict[str, object]]:
    """Return the first TABLE_ROWS records, each with its picture as a data URL."""
    pairs = zip(rows[:TABLE_ROWS], selected, strict=False)
    return [{"picture": data_url(images[row]), **dict(zip(COLUMNS, record, strict=True))} for row, record in pairs]


def as_csv(selected: Sequence[tuple[int, int, str]]) -> bytes:
    """Return the records with a header."""
    return csv_text([COLUMNS, *selected]).encode()


def as_zip(images: Images, names: Sequence[str], stems: Sequence[str]) -> bytes:
    """Return an archive of images (m, H, W, C) as PNG files in class folders, ``names[i]/stems[i].png``. Raises
    GlicoError beyond the limit of an export."""
    check("export_mib", images.nbytes // 2**20, "The selection")
    classes = list(dict.fromkeys(names))
    folders = dict(zip(classes, class_folders(classes), strict=True))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for image, name, stem in zip(images, names, stems, strict=True):
            picture = io.BytesIO()
            to_pil(image).save(picture, "png")
            archive.writestr(str(PurePosixPath(folders[name]) / f"{stem}.png"), picture.getvalue())
    return buffer.getvalue()
