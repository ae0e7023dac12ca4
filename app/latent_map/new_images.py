"""New images on the maps: photographs, whose encoding is shown as it happens, and unseen images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached, pages
from app.components.image_table import image_table
from app.components.paste import paste
from app.latent_map import requests
from app.latent_map.predictions import Predictions
from app.session import photographs, public, selection
from app.session.photographs import LARGEST, MOST, Photograph
from app.widgets import forms
from app.widgets.data_set import named_data_set, offer_data_set
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.checkpoints.named import data_set_of
from glico.data.images import SUFFIXES
from glico.errors import GlicoError
from glico.latent.encoded import vote
from glico.pixels import to_uint8
from glico.runs import projecting, unseen
from glico.runs.unseen import UnseenCodes
from glico.types import Codes, Floats
from glico.web.latent_map import PartialChoice, Photographs
from glico.web.latent_map.content import packed
from glico.web.latent_map.scene import Scene, Side
from glico.words import percent

Report = Callable[[float, Codes], None]

MOST_UNSEEN = 200
UNSEEN_SECONDS = 0.7  # between looks at the progress of the search
STAGES = (0, 5, 15, 30, 60)  # steps of the search whose images are shown, before the last
PREVIEWS = 12  # images shown while a photograph is encoded
TABLE_WIDTH = 720  # CSS pixels of the table of stages
PREVIEW_SIDE = 112  # pixels of an image that is shown while a photograph is encoded
PLACEMENT = {
    "pca": "A new code is placed by the principal axes of the training images' codes.",
    "other": "A new code is placed between its 5 nearest training images, weighted by the inverse square of the "
    "distance.",
}
SHOWN, SERIAL, REFUSED = "photograph_shown", "photographs_serial", "photographs_refused"  # in the session


@dataclass(frozen=True)
class UnseenImages:
    """Encoded unseen images, and their ``key`` in the cache."""

    key: str
    codes: UnseenCodes


def upload() -> None:
    """Show the ways to add photographs: drop, choose, paste, or take one with the camera."""
    serial = st.session_state.setdefault(SERIAL, 0)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        files, camera = f"photograph_files_{serial}", f"photograph_camera_{serial}"
        st.file_uploader(
            f"Photographs, up to {MOST}: drop them here, or choose them",
            sorted(suffix[1:] for suffix in SUFFIXES),
            accept_multiple_files=True,
            key=files,
            max_upload_size=LARGEST // 2**20,
            width=520,
            on_change=lambda: _add([(file.name, file.getvalue()) for file in st.session_state[files]]),
        )
        with st.container(width="content"):
            with st.popover("Camera", icon=":material/photo_camera:"):
                if st.toggle("Use the camera", key="photograph_camera_on"):
                    st.camera_input(
                        "Photograph",
                        key=camera,
                        label_visibility="collapsed",
                        width=360,
                        on_change=lambda: _add([("photograph.jpg", st.session_state[camera].getvalue())]),
                    )
            paste("photograph_pasted", LARGEST, lambda name, content: _add([(name, content)]))
    if refused := st.session_state.pop(REFUSED, None):
        show_error(GlicoError(refused))


def select(photograph: Photograph) -> None:
    """Show this photograph below the maps."""
    st.session_state[SHOWN] = photograph.digest


def refuse(reason: str) -> None:
    """Show in the next run why a photograph was not added."""
    st.session_state[REFUSED] = reason


def unseen_images(scene: Scene) -> UnseenImages | None:
    """Let a person place unseen images on the maps, which a process of its own encodes; None until they are ready.

    Raises GlicoError.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        count = forms.number("Unseen images", 10, MOST_UNSEEN, 100, "unseen_count", width=160)
        requested = st.toggle(
            "Find them on the maps",
            key="unseen_on",
            help="Images of the data set that were not trained on. If they land among their own class, the latent "
            "space generalises.",
        )
    if not requested or count is None:
        return None
    if scene.has_snapshot:
        raise GlicoError("Unseen images can only be placed on final codes. Choose a different left map.")
    config, file = scene.spaces[0].config, scene.sides[0].path
    public.allow_data(config)
    dataset = named_data_set(file)
    try:
        data_set_of(config, dataset)
    except GlicoError:
        offer_data_set(file)
        raise
    key = unseen.key(scene.spaces, count, dataset)
    codes = unseen.find(key)
    if codes is not None:
        _show_scores(scene.sides, codes)
        return UnseenImages(key, codes)
    if projecting.status(key) is None:
        projecting.start_unseen(key, [side.path for side in scene.sides], count, dataset)
    _watch(key)
    return None


def photographs_on(scene: Scene) -> tuple[Photograph, ...]:
    """Return the photographs on these maps: none if a map shows a snapshot, whose generator was not saved."""
    return () if scene.has_snapshot else photographs.current()


def markers(
    scene: Scene, placed: UnseenImages | None, predictions: Predictions | None, slot: DeltaGenerator
) -> Photographs | None:
    """Return the markers of the photographs and the unseen images, with the ``predictions`` of a run in their notes.

    Photographs that are new are encoded first, which ``slot`` shows. Raises GlicoError.
    """
    new = photographs_on(scene)
    if not new and placed is None:
        return None
    for photograph in new:
        if not all(cached.is_encoded(side.path, photograph) for side in scene.sides):
            _encode(photograph, scene.sides, slot)
    near, angles = [], []
    for index, side in enumerate(scene.sides):
        encodings = [cached.encoding(side.path, photograph) for photograph in new]
        rows = [each.neighbours for each in encodings]
        degrees = [each.angles for each in encodings]
        if placed is not None:
            rows.append(placed.codes.spheres[index].neighbours)
            degrees.append(placed.codes.spheres[index].angles)
        near.append(packed(np.concatenate(rows), "<i4"))
        angles.append(packed(np.concatenate(degrees), "<f4"))
    names, labels = [each.name for each in new], [-1] * len(new)
    notes = ["\n".join(_short(side, photograph) for side in scene.sides) for photograph in new]
    if placed is not None:
        names += placed.codes.names
        labels += placed.codes.labels.tolist()
        notes += _unseen_notes(scene, placed.codes, predictions)
    return {
        "names": names,
        "notes": notes,
        "labels": labels,
        "choosable": len(new),
        "maps": cached.map_new_images(scene, new, placed.key if placed else ""),
        "near": near,
        "angles": angles,
    }


def show(scene: Scene) -> None:
    """Show one of the photographs: the stages of its encoding on each checkpoint, and its neighbours."""
    if not photographs.current():
        return
    if scene.has_snapshot:
        st.caption("Photographs appear only on final maps, because earlier generators are not saved.")
        return
    photograph = _choose(scene)
    _show_stages(scene.sides, photograph)
    if warning := " ".join(filter(None, (out_of_range(side, photograph) for side in scene.sides))):
        st.warning(plain(warning), icon=":material/visibility_off:")
    st.markdown("\n".join(f"- **{plain(side.title)}**: {plain(describe(side, photograph))}" for side in scene.sides))
    st.caption(PLACEMENT.get(scene.config.method, PLACEMENT["other"]))


def _choose(scene: Scene) -> Photograph:
    """Show the photographs to choose from, and what can be done with the one that is chosen; return it."""
    all_photographs = photographs.current()
    names = {photograph.digest: photograph.name for photograph in all_photographs}
    if st.session_state.get(SHOWN) not in names:
        st.session_state[SHOWN] = all_photographs[-1].digest
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        digest = st.selectbox("Photograph", list(names), format_func=names.__getitem__, key=SHOWN, width=260)
        position = list(names).index(digest)
        photograph, row = all_photographs[position], len(scene.labels) + position
        st.button("Use as A", key="photograph_a", on_click=requests.send, args=(PartialChoice(a=row),))
        st.button("Use as B", key="photograph_b", on_click=requests.send, args=(PartialChoice(b=row),))
        if st.button("Interpolate", icon=pages.INTERPOLATE.icon, key="photograph_interpolate"):
            chosen = selection.current()
            ends = {} if row in (chosen.a, chosen.b) else {"a": row}
            selection.update(checkpoint=scene.sides[-1].key, view="pair", **ends)
            pages.INTERPOLATE.open()
        st.button("Remove", icon=":material/delete:", key="photograph_remove", on_click=_remove, args=(photograph, row))
    return photograph


def _show_stages(sides: Sequence[Side], photograph: Photograph) -> None:
    rows, captions = [], []
    for side in sides:
        space, encoding = cached.latent_space(side.path), cached.encoding(side.path, photograph)
        steps = [min(step, len(encoding.trace) - 1) for step in STAGES]
        stages = to_uint8(cached.opened(side.path).decode(encoding.trace[[*steps, -1], 0]))
        rows.append((side.title, np.concatenate([cached.training_image(photograph, space), stages])))
        captions.append(["", *[""] * len(STAGES), f"error {encoding.errors.item():.4f}"])
    heads = ["image", *(f"step {step}" for step in STAGES), "result"]
    with st.container(width=TABLE_WIDTH):
        image_table(rows, "photograph_stages", f"the encoding of {photograph.name}", heads, captions, side=72)


def describe(side: Side, photograph: Photograph) -> str:
    """Return the photograph's error compared with the training images', the classes of its neighbours, and the weak
    classifier's prediction."""
    space, encoding = cached.latent_space(side.path), cached.encoding(side.path, photograph)
    share = encoding.percentiles.item()
    comparison = (
        " (no training images are available for comparison)"
        if np.isnan(share)
        else f", larger than that of {percent(share)} of the training images"
    )
    parts = [
        f"reconstruction error {encoding.errors.item():.4f}{comparison}",
        f"{percent(max(0, 1 - encoding.residuals.item()))} of the image is explained",
    ]
    near = encoding.neighbours
    majority = int(vote(near, space.labels)[0])
    if majority >= 0:
        count = int((space.labels[near[0]] == majority).sum())
        parts.append(f"{count} of the {near.shape[1]} nearest codes are {space.class_names[majority]}")
    parts.append(f"the nearest at {encoding.angles[0, 0].item():.0f}°")
    if encoding.probabilities is not None:
        label, confidence = int(encoding.probabilities[0].argmax()), float(encoding.probabilities[0].max())
        note = "" if label in cached.collapsed_classes(side.path) else f" ({percent(confidence)})"
        parts.append(f"the weak classifier predicts {space.class_names[label]}{note}")
    return " · ".join(parts)


def out_of_range(side: Side, photograph: Photograph) -> str:
    """Return a warning if the generator cannot reproduce the photograph; else an empty text."""
    encoding = cached.encoding(side.path, photograph)
    if not encoding.out_of_range.item():
        return ""
    return (
        f"{side.title}: the generator cannot reproduce this image: {percent(min(encoding.residuals.item(), 1))} is "
        "unexplained, far more than for its training images."
    )


def _unseen_notes(scene: Scene, codes: UnseenCodes, predictions: Predictions | None) -> list[str]:
    names = scene.class_names
    notes = [f"unseen, class {names[label]}" for label in codes.labels.tolist()]
    for side, sphere in zip(scene.sides, codes.spheres, strict=True):
        own = (scene.labels[sphere.neighbours] == codes.labels[:, None]).sum(axis=1)
        notes = [
            f"{note}\n{side.title}: {count} of its {sphere.neighbours.shape[1]} nearest share its class"
            for note, count in zip(notes, own.tolist(), strict=True)
        ]
    more = predictions.notes(names) if predictions else [""] * len(notes)
    return ["\n".join(filter(None, lines)) for lines in zip(notes, more, strict=True)]


def _show_scores(sides: Sequence[Side], codes: UnseenCodes) -> None:
    """Show a table of how well the latent spaces generalise."""
    scores = [sphere.scores for sphere in codes.spheres]
    measures = (
        ("5-NN accuracy (codes) ↑", "code_accuracy", ".1%"),
        ("5-NN accuracy (pixels)", "pixel_accuracy", ".1%"),
        ("Median reconstruction error ↓", "median_error", ".4f"),
        ("Median error, training images", "median_training_error", ".4f"),
    )
    lines = [[f"{len(codes.labels)} unseen images", *(plain(side.title) for side in sides)]]
    lines.append([":--", *["--:"] * len(sides)])
    for words, field, form in measures:
        values = [getattr(each, field) for each in scores]
        lines.append([words, *("–" if np.isnan(value) else f"{value:{form}}" for value in values)])
    st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines))


def _watch(key: str) -> None:
    """Show the progress of the search until it is done or has failed."""
    status = projecting.status(key)
    failed = status is not None and bool(status.error)

    @st.fragment(run_every=None if failed else UNSEEN_SECONDS)
    def live() -> None:
        status = projecting.status(key)
        if status is None:
            st.rerun()
        if status.error:
            st.error(plain(status.error), icon=":material/error:")
        else:
            st.progress(status.fraction, plain(f"Unseen images: {status.stage}"))

    live()


def _encode(photograph: Photograph, sides: Sequence[Side], slot: DeltaGenerator) -> None:
    """Encode the photograph on every side; ``slot`` shows it with the best image of each so far."""
    pictures = [_enlarge(cached.training_image(photograph, cached.latent_space(sides[0].path))[0])]
    for count, side in enumerate(sides, start=1):
        pictures.append(pictures[0] * 0)
        titles = ", ".join(each.title for each in sides[:count])
        caption = plain(f"Encoding {photograph.name}: {titles}")
        report = _preview(cached.opened(side.path).decode, pictures, slot, caption, PREVIEW_SIDE * (len(sides) + 1))
        cached.encoding(side.path, photograph, report)
    slot.empty()


def _preview(
    decode: Callable[[Codes], Floats], pictures: list[np.ndarray], slot: DeltaGenerator, caption: str, width: int
) -> Report:
    """Return a callback that shows the best image so far as the last of ``pictures``, PREVIEWS times in all."""
    last = -1

    def report(share: float, best: Codes) -> None:
        nonlocal last
        if int(share * PREVIEWS) > last:
            last = int(share * PREVIEWS)
            pictures[-1] = _enlarge(to_uint8(decode(best[:1]))[0])
            slot.image(np.concatenate(pictures, axis=1), caption, width=width)

    return report


def _enlarge(image: np.ndarray) -> np.ndarray:
    """Return (H, W, C) as (P, P, 3), each pixel as a square; P is about PREVIEW_SIDE or the image's own side."""
    times = max(1, PREVIEW_SIDE // image.shape[0])
    return np.broadcast_to(image.repeat(times, 0).repeat(times, 1), (*(np.array(image.shape[:2]) * times), 3)).copy()


def _short(side: Side, photograph: Photograph) -> str:
    return f"{side.title}: {describe(side, photograph).split(' · ')[0].removeprefix('reconstruction ')}"


def _add(files: Sequence[tuple[str, bytes]]) -> None:
    """Add the photographs, note those that are refused, and empty the widget."""
    refused = []
    for name, content in files:
        try:
            select(photographs.add(name, content))
        except GlicoError as error:
            refused.append(str(error))
    if refused:
        refuse(" ".join(refused))
    st.session_state[SERIAL] += 1


def _remove(photograph: Photograph, row: int) -> None:
    """Remove the photograph; the rows of later ones become one less."""
    photographs.remove(photograph)
    chosen = selection.current()
    ends = {"a": chosen.a, "b": chosen.b}
    moved = {name: None if end == row else end - (end > row) for name, end in ends.items() if end is not None}
    requests.send(PartialChoice(**moved))  # type: ignore[typeddict-item]
