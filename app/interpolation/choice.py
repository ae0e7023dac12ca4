"""Which images a path or a surface joins: by looking, by index, or at random; and how the frames are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import streamlit as st

from app import cached
from app.components.image_picker import image_picker
from app.session import photographs, selection
from app.session.photographs import Photograph
from glico.checkpoints.checkpoint import Checkpoint
from glico.data.dataset import class_name
from glico.errors import GlicoError
from glico.latent.path_analysis import TrainingImages

LONGEST_LIST = 24  # images that a path joins
MOST_FRAMES = 401  # of a path in all
MANY = 1500  # images; beyond, the thumbnails of one class are shown at a time
NOISE_HELP = (
    "off: e = 0, the image of the code alone; fixed: one sample for the whole path; resampled: a new sample for "
    "every frame, and a strip of samples at the chosen t"
)


@dataclass(frozen=True)
class Model:
    """An opened checkpoint: its name, its file, what is in it, and the images that its paths are compared with.

    The last rows may be photographs that a person ``brought``.
    """

    key: str
    path: Path
    checkpoint: Checkpoint
    training: TrainingImages
    brought: tuple[Photograph, ...] = ()

    @property
    def images(self) -> int:
        """How many rows are training images."""
        return len(self.training.labels) - len(self.brought)

    def name(self, label: int) -> str:
        return class_name(label, self.checkpoint.class_names)


def opened(file: "cached.CheckpointFile", with_photographs: bool) -> Model:
    """The checkpoint of this file; with the session's photographs as its last rows, if asked. Raises GlicoError."""
    brought = photographs.current() if with_photographs else ()
    with st.spinner("Looking for the codes of the photographs …", show_time=True):
        checkpoint, training = cached.with_photographs(file.path, brought)
    return Model(file.key, file.path, checkpoint, training, brought)


def choose_pair(model: Model) -> tuple[int, int]:
    """The rows of A and B."""
    last = len(model.training.labels) - 1
    selection.fit(last + 1, len(model.checkpoint.class_names))
    a, b = pair_rows(model)
    st.session_state["row_a"], st.session_state["row_b"] = a, b
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input("A, image", 0, last, key="row_a", on_change=_rows_typed, width=110)
        st.button("Swap", icon=":material/swap_horiz:", key="swap", on_click=selection.update, kwargs={"a": b, "b": a})
        st.number_input("B, image", 0, last, key="row_b", on_change=_rows_typed, width=110)
        for label, across, key in (("Random in a class", False, "random_in"), ("Random across", True, "random_across")):
            st.button(label, icon=":material/casino:", key=key, on_click=_random_pair, args=(model, across))
        choose_frames()
        looking = _looking(True)
    if looking:
        thumbnails(model, (a, b), "AB", "pick_pair", lambda rows: selection.update(a=rows[0], b=rows[1]))
    return a, b


def choose_list(model: Model) -> tuple[int, ...]:
    """The rows of a path through a list of images, in order."""
    written = selection.current().rows
    rows = _written_rows(model, written)[:LONGEST_LIST]

    def keep(chosen: Sequence[int]) -> None:
        selection.update(rows=".".join(map(str, chosen)))

    if (left_out := (written.count(".") + 1 if written else 0) - len(rows)) > 0:
        keep(rows)
        st.toast(
            f"A path joins up to {LONGEST_LIST} images of this checkpoint; {left_out} were left out.", duration="long"
        )

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "One of each class", icon=":material/casino:", key="list_classes",
            on_click=lambda: keep(one_of_each(model, np.random.default_rng())),
        )  # fmt: skip
        st.button("Reverse", icon=":material/swap_horiz:", key="list_reverse", on_click=keep, args=(rows[::-1],))
        st.button("Clear", icon=":material/clear:", key="list_clear", on_click=keep, args=([],))
        choose_frames()
        looking = _looking(len(rows) >= 2)
    if looking:
        thumbnails(model, rows, "", "pick_list", keep)
    return rows


def choose_corners(model: Model) -> tuple[int, ...]:
    """The rows of A, B, C and D, which a surface spans; without D a triangle. Raises GlicoError for too few images."""
    last = len(model.training.labels) - 1
    rows = _written_rows(model, selection.current().corners)[:4]
    if len(rows) < 3:
        rows = four_like(model.training.labels, pair_rows(model)[0])
    letters = "ABCD"

    def keep(chosen: Sequence[int | None]) -> None:
        selection.update(corners=".".join(str(row) for row in chosen if row is not None))

    def typed() -> None:
        keep([st.session_state[f"corner_{letter}"] for letter in letters])

    for i, letter in enumerate(letters):
        st.session_state[f"corner_{letter}"] = rows[i] if i < len(rows) else None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for letter in letters:
            st.number_input(
                f"{letter}, image", 0, last, None if letter == "D" else "min", width=110,
                key=f"corner_{letter}", on_change=typed,
                help="empty: a triangle, whose lower edge is C alone" if letter == "D" else None,
            )  # fmt: skip
        for label, across, key in (
            ("Random in a class", False, "corners_in"),
            ("Random across", True, "corners_across"),
        ):
            st.button(
                label, icon=":material/casino:", key=key,
                on_click=lambda across=across: keep(
                    random_images(model.training.labels, 4, across, np.random.default_rng())
                ),
            )  # fmt: skip
        looking = _looking(True)
    if looking:
        thumbnails(model, rows, letters, "pick_corners", keep)
    return rows


def choose_frames() -> None:
    """How the frames are drawn: their number, the noise, and its seed."""
    chosen = selection.current()
    frames, noises = (get_args(selection.Selection.model_fields[name].annotation) for name in ("frames", "noise"))
    st.session_state.update(frames=chosen.frames, noise=chosen.noise, draw=chosen.draw)
    with st.popover("Frames and noise", icon=":material/tune:"):
        st.segmented_control(
            "Frames from image to image", frames, key="frames", required=True, on_change=_kept, args=("frames",)
        )
        st.segmented_control(
            "Noise e", noises, key="noise", required=True, on_change=_kept, args=("noise",), help=NOISE_HELP
        )
        st.number_input("Seed of the noise", 0, key="draw", on_change=_kept, args=("draw",))


def frames_between(images: int) -> int:
    """Frames from image to image of a path through so many: as many as are chosen, MOST_FRAMES in all."""
    return min(int(selection.current().frames), (MOST_FRAMES - 1) // (images - 1) + 1)


def thumbnails(
    model: Model, chosen: tuple[int, ...], places: str, key: str, keep: Callable[[Sequence[int]], object]
) -> None:
    """The grid of training images; ``keep`` is called with the new rows: one for each of ``places``, or any number."""
    names = (*model.checkpoint.class_names, "photographs")
    labels = model.training.labels.copy()
    labels[model.images :] = len(names) - 1
    rows, label = np.arange(len(labels)), None
    if len(rows) > MANY:
        classes = np.unique(labels).tolist()
        label = st.selectbox("Class", classes, format_func=lambda c: class_name(c, names), key=f"{key}_class")
        rows = np.flatnonzero(labels == label)[:MANY]
    if label == len(names) - 1:
        sheet = cached.thumbnails(model.path, model.brought, model.images, len(labels), None)
    else:
        of = model.brought if label is None else ()
        sheet = cached.thumbnails(model.path, of, 0, model.images + len(of), label)

    def chosen_now() -> None:
        keep(st.session_state[key].chosen)

    image_picker(sheet, rows, labels[rows], names, chosen, places, key, chosen_now)


def pair_rows(model: Model) -> tuple[int, int]:
    """The selected rows; where nothing, or something that is not there, is selected, two images of one class."""
    chosen, labels = selection.current(), model.training.labels
    count = len(labels)
    if chosen.a is not None and chosen.b is not None and max(chosen.a, chosen.b) < count:
        return chosen.a, chosen.b
    classes = np.unique(labels)
    of = np.flatnonzero(labels == classes[len(classes) // 2])
    a = chosen.a if chosen.a is not None and chosen.a < count else int(of[0])
    b = chosen.b if chosen.b is not None and chosen.b < count else int(of[-1])
    return a, b


def random_images(labels: np.ndarray, count: int, across: bool, rng: np.random.Generator) -> tuple[int, ...]:
    """Different images: of one class, or (``across``) of as many classes. Any where no class allows it."""
    classes = [c for c in np.unique(labels[labels >= 0]) if across or (labels == c).sum() >= count]
    if len(classes) < (count if across else 1):
        rows = rng.choice(len(labels), min(count, len(labels)), replace=False)
    elif across:
        rows = np.array([rng.choice(np.flatnonzero(labels == c)) for c in rng.choice(classes, count, replace=False)])
    else:
        rows = rng.choice(np.flatnonzero(labels == rng.choice(classes)), count, replace=False)
    return tuple(rows.tolist())


def four_like(labels: np.ndarray, row: int) -> tuple[int, ...]:
    """Four images of the class of ``row``, between which images are generated; where it has fewer than three, of all;
    three where there are no more."""
    if len(labels) < 3:
        raise GlicoError(f"A surface needs three or four images, and this checkpoint has {len(labels)}.")
    own = np.flatnonzero(labels == labels[row])
    rows = own if len(own) > 2 else np.arange(len(labels))
    return tuple(rows[np.linspace(0, len(rows) - 1, min(4, len(rows))).astype(int)].tolist())


def one_of_each(model: Model, rng: np.random.Generator) -> list[int]:
    """A random image of each class, of ten classes at most."""
    labels = model.training.labels
    classes = np.unique(labels[labels >= 0])[:10]
    return [int(rng.choice(np.flatnonzero(labels == c))) for c in classes]


def _written_rows(model: Model, written: str) -> tuple[int, ...]:
    """``3.7`` -> (3, 7): rows in the order of the address, without what the checkpoint does not have."""
    return tuple(row for row in map(int, written.split(".") if written else []) if row < len(model.training.labels))


def _looking(can_close: bool) -> bool:
    """A button that opens and closes the grid of thumbnails; whether it is open."""
    looking = st.session_state.get("looking", False) or not can_close

    def turn() -> None:
        st.session_state["looking"] = not looking

    label = "Close the thumbnails" if looking else "Choose by looking"
    st.button(label, icon=":material/apps:", key="look", on_click=turn, disabled=not can_close)
    return looking


def _rows_typed() -> None:
    selection.update(a=st.session_state["row_a"], b=st.session_state["row_b"])


def _random_pair(model: Model, across: bool) -> None:
    a, b = random_images(model.training.labels, 2, across, np.random.default_rng())
    selection.update(a=a, b=b)


def _kept(name: str) -> None:
    selection.update(**{name: st.session_state[name]})
