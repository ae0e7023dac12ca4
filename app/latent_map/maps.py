"""The maps themselves, and what follows them in the same fragment."""

import streamlit as st

from app import cached, pages
from app.components.latent_map import latent_map
from app.latent_map import deciding, requests
from app.session import photographs, selection
from app.session.throttle import throttled
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.web.latent_map import Choice, Content, Extras, offline_page
from glico.web.latent_map.scene import Scene

KEY = "latent_map"
OPENING = "latent_map_opening"  # in the session: the choice that the maps opened with
CHOSEN = ("hidden", "selected", "links", "a", "b", "mode", "position", "colour")  # on the maps, by a person
DRAWN = "latent_map_drawn"  # in the session: the browser has drawn the maps, so that the rest of the page may follow


@st.fragment
@throttled()
def show(scene: Scene, only_maps: bool) -> None:
    """Show the maps and, unless ``only_maps``, the panels below them. A fragment: a choice reruns only this."""
    if only_maps and st.session_state.get(DRAWN):
        st.rerun()
    try:
        place, decisions = st.container(), st.container()
        opening = _opening(scene)
        content, extras = _content(scene, only_maps), Extras(request=requests.latest())
        if not only_maps:
            from app.latent_map import panels  # which imports torch

            more, values = panels.controls(scene)
            extras, content["values"] = {**extras, **more}, [*content["values"], *values]
        with place:
            drawn = _mark_drawn if only_maps else None
            leaving = latent_map(content, opening, extras, KEY, _store_choice, lambda: _use_place(scene), drawn)
        if leaving is not None:
            _update_selection(leaving)
            selection.update(checkpoint=scene.sides[-1].key, view="pair")
            pages.INTERPOLATE.open()
        if only_maps:
            return
        choice: Choice = (st.session_state[KEY].choice if KEY in st.session_state else None) or opening
        st.download_button(
            "Maps (HTML)",
            lambda: offline_page(content, choice, extras, scene.title).encode(),
            "latent-map.html",
            "text/html",
            on_click="ignore",
            icon=":material/download:",
            help="Both maps in one file that needs no network.",
        )
        with decisions:
            deciding.show(scene, choice)
        panels.details(scene, choice["selected"])
    except GlicoError as error:
        show_error(error)


def come_first() -> bool:
    """Return whether to draw the maps before the rest of the page: once in a session, unless the URL selects something
    that only the rest provides."""
    chosen = selection.current()
    return not (st.session_state.get(DRAWN) or chosen.map.colour or None not in (chosen.a, chosen.b))


def _opening(scene: Scene) -> Choice:
    """Return the choice that the maps opened with: the selection when they appeared."""
    count, classes = len(scene.labels) + len(photographs.current()), len(scene.class_names)
    selection.fit(count, classes)
    if KEY not in st.session_state or OPENING not in st.session_state:  # from nothing; later the maps keep their state
        requests.clear()
        chosen = selection.current()
        st.session_state[OPENING] = Choice(
            hidden=[run - 1 for run in selection.rows_of(chosen.map.hidden, classes + 1)],
            thumbnails=chosen.map.thumbnails,
            neighbours=int(chosen.map.links),
            a=chosen.a,
            b=chosen.b,
            selected=chosen.map.selected,
            mode=chosen.map.mode,
            at=chosen.map.position,
            colour=chosen.map.colour,
        )
    opening: Choice = st.session_state[OPENING]
    return opening


def _content(scene: Scene, only_maps: bool) -> Content:
    """Return the maps' content. Thumbnails that must be generated wait until the maps are drawn: PyTorch is slow to
    import."""
    chosen = selection.current().map
    content = cached.map_content(scene, with_film=chosen.mode == "film")
    content = {**content, "values": cached.map_values(scene, chosen.colour)}
    if not only_maps or scene.spaces[-1].images is not None:
        content["sheet"] = cached.map_sheet(scene.sides[-1].path)
    return content


def start_afresh(**changes: str) -> None:
    """Change the selection, and drop the choices on the maps of other images. Usable in callbacks."""
    default = selection.fields(selection.DEFAULT)
    selection.update(**{name: default[name] for name in CHOSEN} | changes)
    st.session_state.pop(OPENING, None)


def _use_place(scene: Scene) -> None:
    """Choose the place that a person has pinned on the maps as A or B."""
    from app.latent_map import places

    if (place := st.session_state[KEY].place) is not None:
        places.use(scene, place)


def _mark_drawn() -> None:
    st.session_state[DRAWN] = True


def _store_choice() -> None:
    """Write the choice that the maps have reported into the selection."""
    _update_selection(st.session_state[KEY].choice)


def _update_selection(choice: Choice) -> None:
    selection.update(
        hidden=".".join(str(label + 1) for label in sorted(choice["hidden"])),
        selected=choice["selected"],
        thumbnails=choice["thumbnails"],
        links=str(choice["neighbours"]),
        a=choice["a"],
        b=choice["b"],
        mode=choice["mode"],
        position=choice["at"],
        colour=choice["colour"],
    )
