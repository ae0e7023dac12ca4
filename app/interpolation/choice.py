"""Choose the images of a path or a surface, by thumbnail, by index or at random, and how frames are generated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import streamlit as st

from app import cached
from app.components.generator import generator_at
from app.components.image_picker import image_picker
from app.session import photographs, selection
from app.session.photographs import Photograph
from glico.checkpoints.latent_space import LatentSpace
from glico.checkpoints.opened import OpenCheckpoint
from glico.data.dataset import class_name
from glico.errors import GlicoError
from glico.latent.path_analysis import TrainingImages
from glico.latent.registrations import EndsName
from glico.rows import evenly_spaced
from glico.web.generator import GeneratorData

LONGEST_LIST = 24  # images that a path visits
MOST_FRAMES = 401  # of a whole path
MANY = 1500  # images; if there are more, the thumbnails of one class are shown at a time
NOISE_HELP = (
    "off: e = 0, the image of the code alone; fixed: one sample for the whole path; resampled: a new sample for "
    "every frame, and a strip of samples at the chosen t"
)


@dataclass(frozen=True)
class Model:
    """An opened checkpoint: its key, its file, its content, and the images that its paths are compared with.

    The session's ``photographs`` are the last rows.
    """

    key: str
    path: Path
    checkpoint: OpenCheckpoint
    training: TrainingImages
    photographs: tuple[Photograph, ...] = ()

    @property
    def images(self) -> int:
        """The number of training images."""
        return len(self.training.labels) - len(self.photographs)

    @property
    def space(self) -> LatentSpace:
        """The latent space, with the photographs' codes."""
        return self.checkpoint.space

    def name(self, label: int) -> str:
        """Return the name of a class."""
        return class_name(label, self.space.class_names)


def open_model(file: cached.CheckpointFile, with_photographs: bool) -> Model:
    """Open this checkpoint, with the session's photographs as its last rows if requested. Raises GlicoError."""
    last = photographs.current() if with_photographs else ()
    with st.spinner("Encoding the photographs …", show_time=True):
        checkpoint, training = cached.with_photographs(file.path, last)
    return Model(file.key, file.path, checkpoint, training, last)


def generator(model: Model) -> GeneratorData:
    """Return the generator for the browser."""
    return generator_at(model.space, model.checkpoint.graph)


def choose_pair(model: Model) -> tuple[int, int]:
    """Return the rows of A and B."""
    last = len(model.training.labels) - 1
    selection.fit(last + 1, len(model.space.class_names))
    a, b = pair_rows(model)
    st.session_state["row_a"], st.session_state["row_b"] = a, b
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input("A, image", 0, last, key="row_a", on_change=_rows_typed, width=110)
        st.button("Swap", icon=":material/swap_horiz:", key="swap", on_click=selection.update, kwargs={"a": b, "b": a})
        st.number_input("B, image", 0, last, key="row_b", on_change=_rows_typed, width=110)
        for label, across, key in (("Random in a class", False, "random_in"), ("Random across", True, "random_across")):
            st.button(label, icon=":material/casino:", key=key, on_click=_random_pair, args=(model, across))
        _choose_best(model, (a, b))
        choose_frames(model)
        open_grid = _thumbnails_button(True)
    if open_grid:
        thumbnails(model, (a, b), "AB", "pick_pair", lambda rows: selection.update(a=rows[0], b=rows[1]))
    return a, b


def choose_list(model: Model) -> tuple[int, ...]:
    """Return the rows of a path through a list of images, in order."""
    text = selection.current().path.rows
    rows = _rows_of(model, text)[:LONGEST_LIST]

    def keep(chosen: Sequence[int]) -> None:
        selection.update(rows=".".join(map(str, chosen)))

    if (dropped := (text.count(".") + 1 if text else 0) - len(rows)) > 0:
        keep(rows)
        st.toast(
            f"A path visits up to {LONGEST_LIST} images of this checkpoint; {dropped} were dropped.", duration="long"
        )

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "One of each class",
            icon=":material/casino:",
            key="list_classes",
            on_click=lambda: keep(one_of_each(model, np.random.default_rng())),
        )
        st.button("Reverse", icon=":material/swap_horiz:", key="list_reverse", on_click=keep, args=(rows[::-1],))
        st.button("Clear", icon=":material/clear:", key="list_clear", on_click=keep, args=([],))
        choose_frames(model)
        open_grid = _thumbnails_button(len(rows) >= 2)
    if open_grid:
        thumbnails(model, rows, "", "pick_list", keep)
    return rows


def choose_corners(model: Model) -> tuple[int, ...]:
    """Return the rows of the surface's corners A, B, C and, unless it is a triangle, D. Raises GlicoError if there are
    too few images."""
    last = len(model.training.labels) - 1
    rows = _rows_of(model, selection.current().path.corners)[:4]
    if len(rows) < 3:
        rows = default_corners(model.training.labels, pair_rows(model)[0])
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
                f"{letter}, image",
                0,
                last,
                None if letter == "D" else "min",
                width=110,
                key=f"corner_{letter}",
                on_change=typed,
                help="leave empty for a triangle" if letter == "D" else None,
            )
        for label, across, key in (
            ("Random in a class", False, "corners_in"),
            ("Random across", True, "corners_across"),
        ):
            st.button(
                label,
                icon=":material/casino:",
                key=key,
                on_click=lambda across=across: keep(
                    random_images(model.training.labels, 4, across, np.random.default_rng())
                ),
            )
        _choose_ends(model)
        open_grid = _thumbnails_button(True)
    if open_grid:
        thumbnails(model, rows, letters, "pick_corners", keep)
    return rows


def _choose_best(model: Model, pair: tuple[int, int]) -> None:
    """Show the pairs that morph best, among the classes that are registered, and select the one that is chosen."""
    best = {(a, b): score for a, b, score in cached.best_pairs(model.path)}
    if not best:
        return

    def name(rows: tuple[int, int]) -> str:
        return f"{model.name(int(model.training.labels[rows[0]]))}, {rows[0]} and {rows[1]}: {best[rows]:.2f}"

    def keep() -> None:
        if (rows := st.session_state["best_pair"]) is not None:
            selection.update(a=rows[0], b=rows[1])

    st.session_state["best_pair"] = pair if pair in best else None
    st.selectbox(
        "Pairs that morph best",
        list(best),
        format_func=name,
        key="best_pair",
        on_change=keep,
        width=240,
        placeholder="choose",
        help="by the morph score, among the classes that were registered",
    )


def ends(model: Model) -> EndsName:
    """Return the images that a morph joins: as chosen, but the generated ones if there are no originals."""
    return selection.current().path.ends if model.training.original else "generated"


def choose_frames(model: Model) -> None:
    """Show the number of frames, the noise, its seed, and the images that a morph joins."""
    chosen = selection.current().path
    frames, noises = (get_args(type(chosen).model_fields[name].annotation) for name in ("frames", "noise"))
    st.session_state.update(frames=chosen.frames, noise=chosen.noise, noise_seed=chosen.noise_seed)
    with st.popover("Frames and noise", icon=":material/tune:"):
        st.segmented_control(
            "Frames from image to image",
            frames,
            key="frames",
            required=True,
            on_change=_update_from_widget,
            args=("frames",),
        )
        st.segmented_control(
            "Noise e",
            noises,
            key="noise",
            required=True,
            on_change=_update_from_widget,
            args=("noise",),
            help=NOISE_HELP,
        )
        st.number_input("Seed of the noise", 0, key="noise_seed", on_change=_update_from_widget, args=("noise_seed",))
        _choose_ends(model)


def _choose_ends(model: Model) -> None:
    """Show the choice of the images that a morph joins, if there are originals."""
    if not model.training.original:
        return
    st.session_state["ends"] = selection.current().path.ends
    st.segmented_control(
        "A morph joins the images",
        get_args(EndsName),
        key="ends",
        required=True,
        on_change=_update_from_widget,
        args=("ends",),
        help="generated: the generator's images; original: the sample's own, with all their detail",
    )


def frames_between(images: int) -> int:
    """Return the number of frames from image to image of a path through this many ``images``: the number chosen, but at
    most MOST_FRAMES in all."""
    return min(int(selection.current().path.frames), (MOST_FRAMES - 1) // (images - 1) + 1)


def thumbnails(
    model: Model, chosen: tuple[int, ...], places: str, key: str, keep: Callable[[Sequence[int]], None]
) -> None:
    """Show the grid of training images. A click calls ``keep`` with the new rows: one for each of ``places``, or any
    number if it is empty."""
    names = (*model.space.class_names, "photographs")
    labels = model.training.labels.copy()
    labels[model.images :] = len(names) - 1
    rows, label = np.arange(len(labels)), None
    if len(rows) > MANY:
        classes = np.unique(labels).tolist()
        label = st.selectbox("Class", classes, format_func=lambda c: class_name(c, names), key=f"{key}_class")
        rows = np.flatnonzero(labels == label)[:MANY]
    if label == len(names) - 1:
        sheet = cached.thumbnails(model.path, model.photographs, model.images, len(labels), None)
    else:
        last = model.photographs if label is None else ()
        sheet = cached.thumbnails(model.path, last, 0, model.images + len(last), label)

    image_picker(sheet, rows, labels[rows], names, chosen, places, key, lambda: keep(st.session_state[key].chosen))


def pair_rows(model: Model) -> tuple[int, int]:
    """Return the selected rows. Without any, the pair that morphs best, or two images of one class if no class is
    registered or a selected row does not exist."""
    chosen, labels = selection.current(), model.training.labels
    count = len(labels)
    if chosen.a is not None and chosen.b is not None and max(chosen.a, chosen.b) < count:
        return chosen.a, chosen.b
    if chosen.a is None and chosen.b is None and (best := cached.best_pairs(model.path)):
        return best[0][:2]
    classes = np.unique(labels)
    of = np.flatnonzero(labels == classes[len(classes) // 2])
    a = chosen.a if chosen.a is not None and chosen.a < count else int(of[0])
    b = chosen.b if chosen.b is not None and chosen.b < count else int(of[-1])
    return a, b


def random_images(labels: np.ndarray, count: int, across: bool, rng: np.random.Generator) -> tuple[int, ...]:
    """Return the rows of ``count`` different images: of one class, or (``across``) one each of as many classes; of any
    class if that is impossible."""
    classes = [c for c in np.unique(labels[labels >= 0]) if across or (labels == c).sum() >= count]
    if len(classes) < (count if across else 1):
        rows = rng.choice(len(labels), min(count, len(labels)), replace=False)
    elif across:
        rows = np.array([rng.choice(np.flatnonzero(labels == c)) for c in rng.choice(classes, count, replace=False)])
    else:
        rows = rng.choice(np.flatnonzero(labels == rng.choice(classes)), count, replace=False)
    return tuple(rows.tolist())


def default_corners(labels: np.ndarray, row: int) -> tuple[int, ...]:
    """Return the rows of up to four images of the class of ``row``, or of any class if it has fewer than three.

    Raises GlicoError if there are fewer than three images.
    """
    if len(labels) < 3:
        raise GlicoError(f"A surface needs three or four images, and this checkpoint has {len(labels)}.")
    own = np.flatnonzero(labels == labels[row])
    rows = own if len(own) > 2 else np.arange(len(labels))
    return tuple(rows[evenly_spaced(len(rows), 4)].tolist())


def one_of_each(model: Model, rng: np.random.Generator) -> list[int]:
    """Return the row of a random image of each class, for ten classes at most."""
    labels = model.training.labels
    classes = np.unique(labels[labels >= 0])[:10]
    return [int(rng.choice(np.flatnonzero(labels == c))) for c in classes]


def _rows_of(model: Model, text: str) -> tuple[int, ...]:
    """``3.7`` -> (3, 7): rows in the order of the URL, without those that the checkpoint does not have."""
    return tuple(row for row in map(int, text.split(".") if text else []) if row < len(model.training.labels))


def _thumbnails_button(can_close: bool) -> bool:
    """Show the button that opens and closes the grid of thumbnails; return whether the grid is open."""
    is_open = st.session_state.get("thumbnails_open", False) or not can_close

    def toggle() -> None:
        st.session_state["thumbnails_open"] = not is_open

    label = "Close the thumbnails" if is_open else "Choose by thumbnail"
    st.button(label, icon=":material/apps:", key="thumbnails_toggle", on_click=toggle, disabled=not can_close)
    return is_open


def _rows_typed() -> None:
    selection.update(a=st.session_state["row_a"], b=st.session_state["row_b"])


def _random_pair(model: Model, across: bool) -> None:
    a, b = random_images(model.training.labels, 2, across, np.random.default_rng())
    selection.update(a=a, b=b)


def _update_from_widget(name: str) -> None:
    selection.update(**{name: st.session_state[name]})
