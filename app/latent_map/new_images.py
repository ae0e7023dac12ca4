"""New images on the maps: photographs that a person brings, whose codes are seen forming on each checkpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from app import cached
from app.components.image_table import image_table
from app.components.paste import paste
from app.latent_map.predictions import Judged
from app.latent_map.requests import ask
from app.session import photographs, public, selection
from app.session.photographs import LARGEST, MOST, Photograph
from app.widgets import forms
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.config import ProjectConfig
from glico.data.images import SUFFIXES
from glico.errors import GlicoError
from glico.latent.projection_cache import Projection
from glico.pixels import to_uint8
from glico.runs import held_out as held_out_runs
from glico.runs import projecting
from glico.runs.held_out import HeldOutCodes
from glico.web.latent_map import Photographs
from glico.web.latent_map.content import Side, packed

if TYPE_CHECKING:
    from torch import Tensor

MOST_HELD_OUT = 200
STAGES = (0, 5, 15, 30, 60)  # steps of the search whose images are shown, and the last
LOOKS = 12  # at how a code forms, while it does
FORMED = 720  # CSS pixels that the table of how it formed is wide
PIXELS = 112  # a side of what is seen forming
PLACED = {
    "pca": "A new code lies where the principal axes of the training images' codes put it.",
    "other": "A new code lies between its 5 nearest training images, weighted by the inverse square of the distance.",
}


def bring() -> None:
    """Where photographs come in: dropped, chosen, pasted, or from the camera."""
    serial = st.session_state.setdefault("photographs_serial", 0)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen, camera = f"photograph_files_{serial}", f"photograph_camera_{serial}"
        st.file_uploader(
            f"Photographs, up to {MOST}: drop them here, or choose them", sorted(suffix[1:] for suffix in SUFFIXES),
            accept_multiple_files=True, key=chosen, max_upload_size=LARGEST // 2**20, width=520,
            on_change=lambda: _take([(file.name, file.getvalue()) for file in st.session_state[chosen]]),
        )  # fmt: skip
        with st.container(width="content"):
            with st.popover("Camera", icon=":material/photo_camera:"):
                if st.toggle("Use the camera", key="photograph_camera_on"):
                    st.camera_input(
                        "Photograph", key=camera, label_visibility="collapsed", width=360,
                        on_change=lambda: _take([("photograph.jpg", st.session_state[camera].getvalue())]),
                    )  # fmt: skip
            paste("photograph_pasted", LARGEST, lambda name, content: _take([(name, content)]))
    if refused := st.session_state.pop("photographs_refused", None):
        show_error(GlicoError(refused))


def held_out(sides: Sequence[Side]) -> tuple[str, HeldOutCodes] | None:
    """Images that the checkpoints have not seen, where a person asks for them: their key, and what was found.

    They are looked for in a process of its own. Raises GlicoError.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        count = forms.number("Held-out images", 10, MOST_HELD_OUT, 100, "held_out_count", width=160)
        asked = st.toggle(
            "Find them on the maps", key="held_out_on",
            help="Images of the data set that were not trained on. Whether the codes that reproduce them best lie "
            "among those of their class says whether the latent space generalises.",
        )  # fmt: skip
    if not asked or count is None:
        return None
    if any(side.snapshot is not None for side in sides):
        raise GlicoError("Held-out images are found on last codes: choose another left map.")
    spaces = [cached.latent_space(side.path) for side in sides]
    public.allow_data(spaces[0].config)
    name = held_out_runs.key(spaces, count)
    found = held_out_runs.find(name)
    if found is not None:
        _say_held_out(sides, found)
        return name, found
    if projecting.status(name) is None:
        projecting.start_held_out(name, [side.path for side in sides], count)
    _watch_held_out(name)
    return None


def brought_to(sides: Sequence[Side]) -> tuple[Photograph, ...]:
    """The photographs on these maps: none beside a snapshot, whose generator is not kept."""
    return () if any(side.snapshot is not None for side in sides) else photographs.current()


def marks(
    sides: Sequence[Side],
    projection: Projection,
    name: str,
    config: ProjectConfig,
    unseen: tuple[str, HeldOutCodes] | None,
    judged: Judged | None,
    slot: Any,
) -> Photographs | None:
    """The session's photographs and the held-out images on the maps of the projection of this ``name``.

    What a classifier run has ``judged`` is said of the held-out ones. In ``slot`` is seen how the codes of new
    photographs form. Raises GlicoError.
    """
    brought = brought_to(sides)
    if not brought and unseen is None:
        return None
    for photograph in brought:
        if not all(cached.is_encoded(side.path, photograph) for side in sides):
            _watch_forming(photograph, sides, slot)
    names, notes, labels = [each.name for each in brought], [], [-1] * len(brought)
    near, angles = [], []
    for index, side in enumerate(sides):
        found = [cached.encoding(side.path, photograph) for photograph in brought]
        rows = [each.neighbours.numpy() for each in found]
        degrees = [each.angles.numpy() for each in found]
        if unseen is not None:
            rows.append(unseen[1].spheres[index].neighbours)
            degrees.append(unseen[1].spheres[index].angles)
        near.append(packed(np.concatenate(rows), "<i4"))
        angles.append(packed(np.concatenate(degrees), "<f4"))
    notes = ["\n".join(_short(side, photograph) for side in sides) for photograph in brought]
    if unseen is not None:
        names += unseen[1].names
        labels += unseen[1].labels.tolist()
        notes += _held_out_notes(sides, unseen[1], judged)
    return {
        "names": names,
        "notes": notes,
        "labels": labels,
        "choosable": len(brought),
        "maps": cached.map_newcomers(sides, projection, name, config, brought, unseen[0] if unseen else ""),
        "near": near,
        "angles": angles,
    }


def show(sides: Sequence[Side], config: ProjectConfig) -> None:
    """One of the photographs: how its code formed on each checkpoint, and what lies around it there."""
    brought = photographs.current()
    if not brought:
        return
    if any(side.snapshot is not None for side in sides):
        st.caption("Photographs are on the maps of last codes: the generators of earlier steps are not kept.")
        return
    names = {photograph.digest: photograph.name for photograph in brought}
    if st.session_state.get("photograph_shown") not in names:
        st.session_state["photograph_shown"] = brought[-1].digest
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        digest = st.selectbox(
            "Photograph", list(names), format_func=names.__getitem__, key="photograph_shown", width=260
        )
        position = list(names).index(digest)
        row = len(cached.latent_space(sides[0].path).labels) + position
        photograph = brought[position]
        for end in ("a", "b"):
            st.button(f"Make it {end.upper()}", key=f"photograph_{end}", on_click=ask, kwargs={end: row})
        if st.button("Interpolate", icon=":material/linear_scale:", key="photograph_interpolate"):
            chosen = selection.current()
            ends = {} if row in (chosen.a, chosen.b) else {"a": row}
            selection.update(checkpoint=sides[-1].key, show="pair", **ends)
            st.switch_page("app/views/interpolate.py")
        st.button("Remove", icon=":material/delete:", key="photograph_remove", on_click=_forget, args=(photograph, row))
    rows, captions = [], []
    for side in sides:
        model, found = cached.checkpoint(side.path), cached.encoding(side.path, photograph)
        steps = [min(step, len(found.trace) - 1) for step in STAGES]
        stages = to_uint8(cached.decoder(side.path)(found.trace[[*steps, -1], 0]))
        rows.append((side.title, np.concatenate([cached.training_image(photograph, model), stages])))
        captions.append(["", *[""] * len(STAGES), f"error {found.errors.item():.4f}"])
    heads = ["image", *(f"step {step}" for step in STAGES), "found"]
    with st.container(width=FORMED):
        image_table(rows, "photograph_forming", f"how the code of {photograph.name} formed", heads, captions, side=72)
    if unlike := " ".join(filter(None, (outside(side, photograph) for side in sides))):
        st.warning(plain(unlike), icon=":material/visibility_off:")
    st.markdown("\n".join(f"- **{plain(side.title)}**: {plain(described(side, photograph))}" for side in sides))
    st.caption(PLACED.get(config.method, PLACED["other"]))


def described(side: Side, photograph: Photograph) -> str:
    """The photograph's error beside the training images', the vote of its neighbours, what the classifier sees."""
    from glico.latent.encode import vote

    model, found = cached.checkpoint(side.path), cached.encoding(side.path, photograph)
    share = found.percentiles.item()
    error = f"reconstruction error {found.errors.item():.4f}"
    parts = [
        f"{error}, larger than that of {share:.0%} of the training images" if share == share
        else f"{error} (no training images are at hand to compare it with)",
        f"{max(0, 1 - found.unexplained.item()):.0%} of the image is explained",
    ]  # fmt: skip
    near = found.neighbours
    voted = int(vote(near, model.labels)[0])
    if voted >= 0:
        count = int((model.labels[near[0]] == voted).sum())
        parts.append(f"{count} of the {near.shape[1]} nearest codes are {model.class_names[voted]}")
    parts.append(f"the nearest at {found.angles[0, 0].item():.0f}°")
    if found.probabilities is not None:
        sure, label = found.probabilities[0].max(dim=0)
        how_sure = "" if int(label) in cached.merged(side.path) else f" ({sure.item():.0%})"
        parts.append(f"the weak classifier predicts {model.class_names[int(label)]}{how_sure}")
    return " · ".join(parts)


def outside(side: Side, photograph: Photograph) -> str:
    """That the generator cannot reproduce the photograph, where it cannot."""
    found = cached.encoding(side.path, photograph)
    if not found.outside.item():
        return ""
    return (
        f"{side.title}: the generator cannot reproduce this image: it leaves {min(found.unexplained.item(), 1):.0%} of "
        "it unexplained, far more than of what it was trained on."
    )


def _held_out_notes(sides: Sequence[Side], found: HeldOutCodes, judged: Judged | None) -> list[str]:
    space = cached.latent_space(sides[0].path)
    labels, names = space.labels, space.class_names
    notes = [f"held out, class {names[label]}" for label in found.labels.tolist()]
    for side, sphere in zip(sides, found.spheres, strict=True):
        own = (labels[sphere.neighbours] == found.labels[:, None]).sum(axis=1)
        notes = [
            f"{note}\n{side.title}: {count} of its {sphere.neighbours.shape[1]} nearest share its class"
            for note, count in zip(notes, own.tolist(), strict=True)
        ]
    said = judged.notes(names) if judged else [""] * len(notes)
    return ["\n".join(filter(None, lines)) for lines in zip(notes, said, strict=True)]


def _say_held_out(sides: Sequence[Side], found: HeldOutCodes) -> None:
    """Whether the latent spaces generalise, as a table."""
    scores = [sphere.scores for sphere in found.spheres]
    measures = (
        ("Right by the 5 nearest codes ↑", "code_accuracy", ".1%"),
        ("Right by the 5 nearest in pixels", "pixel_accuracy", ".1%"),
        ("Median reconstruction error ↓", "median_error", ".4f"),
        ("The same of the training images", "median_training_error", ".4f"),
    )
    lines = [[f"Of {len(found.labels)} held-out images", *(plain(side.title) for side in sides)]]
    lines.append([":--", *["--:"] * len(sides)])
    for words, field, form in measures:
        values = [getattr(each, field) for each in scores]
        lines.append([words, *("–" if np.isnan(value) else f"{value:{form}}" for value in values)])
    st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines))


def _watch_held_out(name: str) -> None:
    """How far the search is, until it is done or has failed."""
    failed = bool((told := projecting.status(name)) and told.error)

    @st.fragment(run_every=None if failed else 0.7)
    def show() -> None:
        status = projecting.status(name)
        if status is None:
            st.rerun()
        if status.error:
            st.error(plain(status.error), icon=":material/error:")
        else:
            st.progress(status.fraction, plain(f"Held-out images: {status.stage}"))

    show()


def _watch_forming(photograph: Photograph, sides: Sequence[Side], slot: Any) -> None:
    """Search on every side; ``slot`` shows the photograph, and beside it the best image so far of each."""
    pictures = [_enlarged(cached.training_image(photograph, cached.checkpoint(sides[0].path))[0])]
    for side in sides:
        decode, last = cached.decoder(side.path), -1
        pictures.append(pictures[0] * 0)

        def forming(share: float, best: "Tensor", decode: Any = decode) -> None:
            nonlocal last
            if int(share * LOOKS) > last:
                last = int(share * LOOKS)
                pictures[-1] = _enlarged(to_uint8(decode(best[:1]))[0])
                titles = ", ".join(each.title for each in sides[: len(pictures) - 1])
                slot.image(
                    np.concatenate(pictures, axis=1), plain(f"Looking for the code of {photograph.name}: {titles}"),
                    width=PIXELS * (len(sides) + 1),
                )  # fmt: skip

        cached.encoding(side.path, photograph, forming)
    slot.empty()


def _enlarged(image: np.ndarray) -> np.ndarray:
    """(H, W, C) as (P, P, 3), its pixels as squares, P being nearly PIXELS or the image's own side."""
    times = max(1, PIXELS // image.shape[0])
    return np.broadcast_to(image.repeat(times, 0).repeat(times, 1), (*(np.array(image.shape[:2]) * times), 3)).copy()


def _short(side: Side, photograph: Photograph) -> str:
    return f"{side.title}: {described(side, photograph).split(' · ')[0].removeprefix('reconstruction ')}"


def _take(files: Sequence[tuple[str, bytes]]) -> None:
    """Keep what came, say what could not be kept, and empty the field."""
    refused = []
    for name, content in files:
        try:
            st.session_state["photograph_shown"] = photographs.add(name, content).digest
        except GlicoError as error:
            refused.append(str(error))
    if refused:
        st.session_state["photographs_refused"] = " ".join(refused)
    st.session_state["photographs_serial"] += 1


def _forget(photograph: Photograph, row: int) -> None:
    """Remove it; the rows of those that came later are one less."""
    photographs.remove(photograph)
    chosen = selection.current()
    ends = {"a": chosen.a, "b": chosen.b}
    ask(**{name: None if end == row else end - (end > row) for name, end in ends.items() if end is not None})
