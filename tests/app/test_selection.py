"""Law: the URL keeps the selection across pages, and nonsense in the URL is ignored."""

import random

import pytest
from streamlit.testing.v1 import AppTest

from app.interpolation import choice
from app.session import selection
from glico.places import HOME

NUMBERS = ["-3", "0", "3", "99999", "10000000", "9" * 1400, "nan", "inf", "-0.0", "1e3", "0x10", "٣", "", " 7", "0.5"]
WORDS = ["pair", "list", "lerp", "film", "true", "umap'", "../..", "<script>", "\x00", "🐦" * 400, "digits-glo"]


def page() -> None:
    import streamlit as st

    from app.session import selection

    st.json(selection.fields(selection.current()))
    st.button("move", on_click=lambda: selection.update(t=0.25, a=3, path="lerp"))


def shown(app: AppTest) -> dict:
    import json

    return json.loads(app.json[0].value)


def test_the_url_is_read_and_nonsense_in_it_is_left_out() -> None:
    app = AppTest.from_function(page, default_timeout=120)
    app.query_params.update({"t": "0.3", "a": "7", "b": "-1", "path": "by boat", "checkpoint": "mine"})
    app.run()
    selection = shown(app)
    assert (selection["t"], selection["a"], selection["checkpoint"]) == (0.3, 7, "mine")
    assert (selection["b"], selection["path"]) == (None, "slerp")
    assert "b" not in app.query_params


def test_change_is_written_to_the_url_and_kept_across_pages() -> None:
    app = AppTest.from_function(page, default_timeout=120).run()
    app.button[0].click().run()
    assert (app.query_params["t"], app.query_params["a"], app.query_params["path"]) == ("0.25", "3", "lerp")
    app.query_params.clear()  # what opening another page does
    app.session_state["page"] = "another"
    app.run()
    assert shown(app)["t"] == 0.25
    assert app.query_params["t"] == "0.25"


def test_a_step_back_undoes_one_change_and_nothing_stays_of_it() -> None:
    app = AppTest.from_function(page, default_timeout=120).run()
    app.button[0].click().run()
    app.query_params.clear()  # what Back does on the same page
    app.run()
    assert (shown(app)["t"], shown(app)["a"], shown(app)["path"]) == (0.5, None, "slerp")
    assert "t" not in app.query_params


def test_no_two_parts_have_a_field_of_the_same_name() -> None:
    """The URL is flat, so a name must be unique over all parts, both as a field and in the URL."""
    names = [name for name in selection.Selection.model_fields if name not in selection.PARTS]
    names += [name for part in selection.PARTS.values() for name in part.model_fields]
    assert len(names) == len(set(names)) == len(selection.FIELD)


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        ("show=grid", "view", "grid"),
        ("of=3", "mean_class", 3),
        ("draw=5", "noise_seed", 5),
        ("play=film", "mode", "film"),
        ("nearest=10", "links", "10"),
        ("at=0.25", "position", 0.25),
        ("play=morph", "mode", "transition"),
        ("neighbours=7", "neighbours", 7),
    ],
)
def test_old_addresses_keep_working(address: str, field: str, value: object) -> None:
    """A link that was made before the fields were renamed opens the same state, and is written the same way."""
    name, text = address.split("=")
    result, ignored = selection.parse({name: text}, {})
    assert selection.fields(result, exclude_defaults=True) == {field: value}
    assert ignored == []
    assert selection.IN_URL.get(field, field) == name


def odd_address(generator: random.Random) -> dict[str, str]:
    """Some of the names of a selection, each with a number, a word, or runs of rows without an end."""

    def run() -> str:
        return "-".join(generator.choices(NUMBERS, k=generator.randint(1, 3)))

    def value() -> str:
        runs = [generator.choice(["0-9999999", "5", run()]) for _ in range(generator.randint(1, 180))]
        return generator.choice([generator.choice(NUMBERS), generator.choice(WORDS), run(), ".".join(runs)])

    names = generator.sample(sorted(selection.FIELD), generator.randint(1, 12))
    return {name: value() for name in names}


def test_any_address_parses_and_reports_ignored_values() -> None:
    """Any address is a valid selection, and names what was ignored."""
    generator, count = random.Random(0), 1_000
    for _ in range(500):
        request = odd_address(generator)
        result, ignored = selection.parse(request, {})
        values, default = selection.fields(result), selection.fields(selection.DEFAULT)
        kept = {name: values[selection.FIELD[name]] for name in request}
        assert all(kept[name] == default[selection.FIELD[name]] for name in ignored)
        assert selection.parse({name: str(kept[name]) for name in kept if name not in ignored}, {}) == (result, [])
        for runs in (result.map.hidden, result.map.selected, result.runs.drawn_from):
            rows = selection.rows_of(runs, count)
            assert rows == sorted(set(rows) & set(range(count)))


@pytest.mark.parametrize(
    ("address", "noted"),
    [
        ({"hidden": "0-9999999." * 100 + "3", "neighbours": "1e9", "checkpoint": "x" * 1400}, "hidden"),
        ({"page": "interpolate", "drawn_from": ".".join(["0-9999999"] * 140), "a": "99", "b": "100", "t": "nan"}, "b"),
        ({"page": "interpolate", "show": "list", "rows": ".".join(map(str, range(300)))}, "A path visits up to"),
    ],
)
def test_an_odd_address_shows_the_page_with_a_note(address: dict[str, str], noted: str) -> None:
    app = AppTest.from_file(str(HOME / "streamlit_app.py"), default_timeout=120)
    if page := address.pop("page", ""):
        app.switch_page(f"app/views/{page}.py")
    app.query_params.update({"method": "pca"} | address)
    app.run()
    assert not app.exception
    assert not app.error
    notes = [note.value for note in app.toast if "were dropped" in note.value or "Ignored" in note.value]
    assert any(noted in words for words in notes)


def test_frames_of_a_long_path_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "current", lambda: selection.build({"frames": "201"}))
    for images in range(2, choice.LONGEST_LIST + 1):
        frames = choice.frames_between(images)
        assert frames >= 3
        assert (images - 1) * (frames - 1) + 1 <= choice.MOST_FRAMES
