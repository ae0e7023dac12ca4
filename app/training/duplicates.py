"""Duplicates in a person's own data set: pairs, their effect on the figures, and the actions on them."""

import numpy as np
import streamlit as st

from app import cached
from app.components.strips import Strip, strips
from app.widgets.text import plain
from glico.config import DataConfig
from glico.data.dataset import Dataset
from glico.data.duplicates import DatasetDuplicates
from glico.types import Images
from glico.words import counted

PAIRS_SHOWN = 12


def show(config: DataConfig) -> None:
    """Show the duplicates in the data set of a configuration, and buttons for them; nothing without duplicates."""
    duplicates = cached.duplicates(config)
    if config.groups == "duplicates":
        _button("Split duplicates like other images", ":material/call_split:", groups=None)
    if duplicates is None or not len(duplicates.duplicates.pairs):
        return
    if config.duplicates == "leave-out":
        _button("Keep duplicates", ":material/undo:", duplicates="keep")
        return
    st.warning(plain(" ".join(duplicates.sentences())), icon=":material/content_copy:")
    with st.container(horizontal=True):
        _button("Leave duplicates out", ":material/filter_none:", duplicates="leave-out")
        if config.groups is None:
            _button("Keep duplicates on one side of the split", ":material/vertical_split:", groups="duplicates")
    count = len(duplicates.duplicates.pairs)
    with st.expander(f"{counted(count, 'pair')} of duplicates", expanded=count <= PAIRS_SHOWN):
        _pairs(config, duplicates)
        if count > PAIRS_SHOWN:
            st.caption(f"and {counted(count - PAIRS_SHOWN, 'more pair')}")


def _pairs(config: DataConfig, duplicates: DatasetDuplicates) -> None:
    """Show pairs: first those in two classes, then those in both splits."""
    data = cached.dataset(config.model_copy(update={"duplicates": "keep"}))
    names = [*data.train_names, *data.test_names]
    rows = []
    for (one, other), exact in zip(
        duplicates.duplicates.pairs.tolist(), duplicates.duplicates.exact.tolist(), strict=True
    ):
        in_two_classes = duplicates.labels[one] != duplicates.labels[other]
        in_both_splits = (one < duplicates.training) != (other < duplicates.training)
        relation = "in two classes" if in_two_classes else "training and test" if in_both_splits else "in one split"
        captions = [
            f"{names[place]} · {data.class_names[duplicates.labels[place]]} · "
            + ("training" if place < duplicates.training else "test")
            for place in (one, other)
        ]
        images = np.stack([_image(data, place) for place in (one, other)])
        rank = 0 if in_two_classes else 1 if in_both_splits else 2
        rows.append((rank, Strip(f"{'same' if exact else 'alike'}, {relation}", images, captions)))
    rows.sort(key=lambda row: row[0])
    strips([strip for _, strip in rows[:PAIRS_SHOWN]], "train_duplicates_shown", tile=44)


def _image(data: Dataset, position: int) -> Images:
    """Return one image (H, W, C) by its position among the training images and then the test images."""
    trained = len(data.train_labels)
    return data.train_images[position] if position < trained else data.test_images[position - trained]


def _button(label: str, icon: str, **settings: object) -> None:
    """Show a button that changes fields of the form."""
    changed = {f"train_{name}": value for name, value in settings.items()}
    st.button(label, icon=icon, on_click=st.session_state.update, args=(changed,))
