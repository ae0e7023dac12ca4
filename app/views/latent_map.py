"""Latent map: two projections of the same codes that answer to each other, and numbers that keep them honest."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import cached
from app.components.latent_map import latent_map
from app.latent_map import metrics
from app.latent_map.requests import asked, done
from app.runs.naming import what_differs
from app.session import photographs, selection
from app.session.throttle import turn
from app.widgets import forms, glossary
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.config import ProjectConfig, TrainConfig
from glico.data.dataset import Labels
from glico.errors import GlicoError
from glico.latent import projection_cache
from glico.latent.projection import PARAMETERS, Codes, suited
from glico.latent.projection_cache import Projection
from glico.runs import projecting
from glico.web.latent_map import Extras, offline_page
from glico.web.latent_map.content import Side

KEY = "latent_map"
DRAWN = "latent_map_drawn"  # in the session, once the browser has drawn the maps: the rest of the page waits for that
METHODS = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}
FIRST_STEPS = (
    ("interpolate", "Drag from one image to another", ":material/linear_scale:"),
    ("train", "Train a pair on your own images", ":material/model_training:"),
    ("classify", "See whether it helps a classifier", ":material/category:"),
)
TELEPHONE = """
.st-key-introduction { padding: 0.5rem 0.8rem; gap: 0.3rem }
.st-key-introduction :is([data-testid=stHorizontalBlock], [data-testid=stVerticalBlock]) { gap: 0.3rem }
.st-key-introduction p { font-size: 0.87rem; line-height: 1.3 }
.st-key-introduction_steps { gap: 0 1rem !important }
.st-key-introduction_steps button { min-height: 1.8rem }
.st-key-introduction_purity { min-height: 1.6rem }
.st-key-introduction_purity [data-testid=stMetric] > div { display: flex; gap: 0.4rem; align-items: center }
.st-key-introduction_purity [data-testid=stMetricValue] { font-size: 1rem }
"""  # what the introduction is there: the maps are to be seen below it
QUICK = 5000  # images: up to so many, a PCA and what is measured on it are computed in the page


def page() -> None:
    """The page: what to compare and how, the maps, the numbers."""
    first = st.container()
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    head.title("Latent map", anchor=False, width=230)
    left, right = head.container(), head.container()
    method, more = head.container(width="content"), head.container(width=150)
    with right:
        file = choose_checkpoint("Right map")
    with left:
        sides, configs = choose_sides(file)
    with method:
        config = choose_method(more, cached.latent_space(file.path).labels)
    codes = [cached.latent_space(side.path).codes_at(side.snapshot) for side in sides]
    if len({len(z) for z in codes}) > 1:
        raise GlicoError("The two maps hold different numbers of images: choose checkpoints of one small sample.")
    with first:
        purities = introduce(sides)
    warned = st.container()
    name = projection_cache.key(codes, config)
    quick = config.method == "pca" and len(codes[0]) <= QUICK
    projection = cached.quick_projection(sides, config) if quick else projection_cache.find(name)
    alone = come_first()
    note = st.container()  # always there, and as high: what stands before the maps must not move them
    if projection is None:
        with note:
            watch(name, codes, config)
        maps(sides, cached.preview(sides, config.components), f"preview of {name}", config, alone)
    else:
        trust = " and ".join(f"{value:.3f}" for value in projection.trustworthiness)
        note.caption(f"{METHODS[config.method]} · trustworthiness {trust}")
        maps(sides, projection, name, config, alone)
    if alone:
        return
    estimates, difference = cached.structure(sides)
    merged = [cached.collapsed(side.path) for side in sides]
    for words in filter(None, dict.fromkeys(merged)):
        warned.warning(plain(words), icon=":material/warning:")
    for place, side, each, words in zip(purities, sides, estimates, merged, strict=False):
        name = side.title.split(" · ")[1] if " · " in side.title else side.title
        value = "–" if words else f"{each['purity'].value:.2f}"  # of merged images, well grouped codes say nothing
        place.metric(plain(f"purity, {name}"), value, help=glossary.tip("purity"))
    if len(configs) > 1 and (words := what_differs(*configs)):
        st.caption(plain(f"Left and right differ in: {words}"))
    trusted = () if projection is None else projection.trustworthiness
    st.subheader("How far apart the classes are", anchor=False, help=plain(metrics.HELP))
    st.markdown(metrics.table([side.title for side in sides], estimates, difference, trusted))


def introduce(sides: Sequence[Side]) -> list[st.delta_generator.DeltaGenerator]:
    """What this is, the figure that it is about, and three things to do; until a person has closed it.

    Gives the places of the figure, one for each side; none once it is closed.
    """
    if st.session_state.get("introduced"):
        return []
    st.html(
        f"<style>.st-key-introduction_purity {{ min-height: 4rem }} @media (max-width: 640px) {{ {TELEPHONE} }}</style>"
    )
    with st.container(border=True, key="introduction"):
        words, figures_ = st.columns([8, 3], gap="small", vertical_alignment="center")
        with words:
            st.markdown(
                "**GLICO explorer** shows what a generator learns from a handful of labelled images. GLO learns one "
                "code per image by reconstruction alone; GLICO also pulls the codes of a class together, so that new "
                "images of a class can be generated between two of its own.",
                help=glossary.tip("small sample", "code", "latent space", "GLO", "GLICO"),
            )
        with figures_, st.container(horizontal=True, gap="medium", key="introduction_purity"):
            purities = [st.container(width="content") for _ in sides]
        with words, st.container(horizontal=True, gap="small", key="introduction_steps"):
            for view, what, icon in FIRST_STEPS:
                if st.button(what, key=f"first_{view}", type="tertiary", icon=icon):
                    st.switch_page(f"app/views/{view}.py")
            if sides[-1].key != selection.DIGITS["checkpoint"]:
                st.button(
                    "See the same on digits", key="on_digits", type="tertiary", icon=":material/looks_one:",
                    on_click=selection.update, kwargs=selection.DIGITS,
                )  # fmt: skip
            st.button("Close", key="introduced_close", type="tertiary", icon=":material/close:", on_click=introduced)
    return purities


def introduced() -> None:
    """Closed for this session."""
    st.session_state["introduced"] = True


def choose_sides(right: cached.CheckpointFile) -> tuple[list[Side], list[TrainConfig]]:
    """The left map: another checkpoint of the same sample, or the same one at a snapshot of its training.

    Beside the maps, the configurations that were compared; one where there is nothing to compare.
    """
    steps = snapshot_steps(right)
    others = {file.key: file for file in cached.checkpoints() if file.same_sample(right) and file.key != right.key}
    options = [*others, *([right.key] if steps else [])]
    if not options:
        st.selectbox("Left map", ["none of the same sample"], disabled=True)
        return [Side(right.key, right.title, right.path)], [right.config]
    beside = selection.current().beside
    if beside not in options:
        beside = options[0]
    names = {key: file.title for key, file in others.items()} | {right.key: "the same, earlier"}
    st.session_state["choose_beside"] = beside
    st.selectbox(
        "Left map", options, format_func=names.__getitem__, key="choose_beside",
        on_change=lambda: selection.update(beside=st.session_state["choose_beside"]),
    )  # fmt: skip
    if beside != right.key:
        left = others[beside]
        sides = [Side(beside, left.title, left.path), Side(right.key, right.title, right.path)]
        return sides, [left.config, right.config]
    snapshot = min(selection.current().step or 0, len(steps) - 1)
    st.session_state["choose_step"] = steps[snapshot]
    st.select_slider(
        "Step of the left map", steps, key="choose_step",
        on_change=lambda: selection.update(step=steps.index(st.session_state["choose_step"])),
    )  # fmt: skip
    earlier = Side(right.key, f"{right.title} · step {steps[snapshot]}", right.path, snapshot)
    return [earlier, Side(right.key, right.title, right.path)], [right.config]


def snapshot_steps(file: cached.CheckpointFile) -> list[int]:
    steps = cached.latent_space(file.path).snapshot_steps
    return [] if steps is None else steps.tolist()


def choose_method(more: st.delta_generator.DeltaGenerator, labels: Labels) -> ProjectConfig:
    """Method, dimensions and the method's parameters, as they suit a sample with these labels; all in the URL."""
    chosen = selection.current()
    st.session_state["choose_method"] = chosen.method
    st.segmented_control(
        "Projection", list(METHODS), format_func=METHODS.__getitem__, required=True, key="choose_method",
        on_change=lambda: selection.update(method=st.session_state["choose_method"]),
    )  # fmt: skip
    names = ["components", *PARAMETERS[chosen.method]]
    initial = {name: getattr(chosen, name) for name in names} | {"components": int(chosen.components)}
    with more.popover("Parameters", width="stretch"):
        values = forms.widgets(ProjectConfig, f"project_{chosen.method}", only=names, initial=initial)
        wrong = forms.faults(ProjectConfig, values)  # said beside the field: the last valid one stays on the map
        values = {name: initial[name] if name in wrong else value for name, value in values.items()}
        config = suited(forms.validated(ProjectConfig, {"method": chosen.method, **values}), labels)
        open_ones = [name for name in names if values[name] is None]
        for name in open_ones:
            st.caption(f"{forms.label(name)} by default: {getattr(config, name):g} for this sample.")
    selection.update(**values | {"components": str(values["components"])})
    return config


def watch(name: str, codes: Sequence[Codes], config: ProjectConfig) -> None:
    """Start the projection in a process of its own, and show how far it is until it is there or has failed."""
    if projecting.status(name) is None:
        projecting.start(name, codes, config)
    begun = projecting.status(name)
    failed = begun is not None and bool(begun.error)

    @st.fragment(run_every=None if failed else 0.5)  # a page on which nothing happens asks nothing of the server
    def show() -> None:
        status = projecting.status(name)
        if status is None or bool(status.error) != failed:
            st.rerun()
        if not status.error:
            words = f"{METHODS[config.method]}: {status.stage}, {status.fraction:.0%}; until then, this is the PCA"
            st.caption(plain(words))
            return
        st.error(plain(f"{METHODS[config.method]} failed. {status.error}"), icon=":material/error:")
        if st.button("Try again"):
            projecting.start(name, codes, config)
            st.rerun()

    show()


@st.fragment
@turn()
def maps(sides: list[Side], projection: Projection, name: str, config: ProjectConfig, alone: bool) -> None:
    """The maps, and unless they are to be ``alone`` what stands below them. A fragment: a choice runs no more than
    this."""
    if alone and st.session_state.get(DRAWN):
        st.rerun()
    try:
        place = st.container()
        space = cached.latent_space(sides[-1].path)
        selection.fit(len(space.labels) + len(photographs.current()), len(space.class_names))
        chosen = selection.current()
        if KEY not in st.session_state:  # it appears anew: later it keeps its own state
            done()
            st.session_state["latent_map_opening"] = {
                "hidden": [run - 1 for run in selection.rows_of(chosen.hidden, len(space.class_names) + 1)],
                "thumbnails": chosen.thumbnails,
                "neighbours": int(chosen.nearest),
                "a": chosen.a,
                "b": chosen.b,
                "selected": chosen.selected,
                "mode": chosen.play,
                "at": chosen.at,
                "colour": chosen.colour,
            }
        opening = st.session_state["latent_map_opening"]
        content = cached.map_content(sides, projection, name, config, with_film=chosen.play == "film")
        values = cached.map_values(sides, projection, chosen.colour)
        if not alone or space.images is not None:  # else the generator draws them, and PyTorch is yet to be imported
            content = {**content, "sheet": cached.map_sheet(sides[-1].path)}
        extras: Extras = {"asked": asked()}
        if not alone:
            from app.latent_map import panels

            more, told = panels.asked_for(sides, projection, name, config)
            extras, values = {**extras, **more}, [*values, *told]
        content = {**content, "values": values}
        with place:
            leaving = latent_map(content, opening, extras, KEY, remember, drawn if alone else None)
        if leaving is not None:
            keep(leaving)
            selection.update(checkpoint=sides[-1].key, show="pair")
            st.switch_page("app/views/interpolate.py")
        if alone:
            return
        choice = (st.session_state[KEY].choice if KEY in st.session_state else None) or opening
        title = " · ".join(side.title for side in sides)
        st.download_button(
            "Maps (HTML)", lambda: offline_page(content, choice, extras, title).encode(), "latent-map.html",
            "text/html", on_click="ignore", icon=":material/download:",
            help="Both maps in one file that needs no network.",
        )  # fmt: skip
        panels.show(sides, projection, name, config, choice["selected"])
    except GlicoError as error:
        show_error(error)


def come_first() -> bool:
    """Whether the maps are drawn before the rest of the page: once in a session, unless the link asks for what only the
    rest can give them."""
    chosen = selection.current()
    return not (st.session_state.get(DRAWN) or chosen.colour or None not in (chosen.a, chosen.b))


def drawn() -> None:
    """The browser has drawn the maps."""
    st.session_state[DRAWN] = True


def remember() -> None:
    """The choice that the map told, into the URL."""
    keep(st.session_state[KEY].choice)


def keep(choice: dict[str, Any]) -> None:
    """A choice, by the map's names, into the URL."""
    selection.update(
        hidden=".".join(str(label + 1) for label in sorted(choice["hidden"])),
        selected=choice["selected"],
        thumbnails=choice["thumbnails"],
        nearest=str(choice["neighbours"]),
        a=choice["a"],
        b=choice["b"],
        play=choice["mode"],
        at=choice["at"],
        colour=choice["colour"],
    )


page()
