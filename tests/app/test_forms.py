"""Law: a form is the schema. Untouched it gives the defaults; what is entered comes back; what is wrong is named
beside itself."""

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from app.widgets import forms
    from glico.config import TrainConfig

    values = forms.widgets(TrainConfig, "form")
    if not forms.faults(TrainConfig, values):
        st.json(forms.validated(TrainConfig, values).model_dump_json())


def opened() -> AppTest:
    return AppTest.from_function(page, default_timeout=120).run()


def test_an_untouched_form_gives_the_defaults_of_the_schema() -> None:
    from glico.config import TrainConfig

    app = opened()
    assert not app.exception
    assert TrainConfig.model_validate_json(app.json[0].value) == TrainConfig()


def test_every_field_has_a_widget_with_its_help_and_bounds() -> None:
    from glico.config import TrainConfig

    app = opened()
    drawn = {w.key for kind in ("selectbox", "number_input", "text_input", "toggle") for w in app.get(kind)}
    assert drawn == {f"form_{name}" for name in TrainConfig.model_fields}
    assert "ptimisation steps; 1 to 10000000" in app.number_input(key="form_steps").help


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("gamma", -1.0, "Must be at least 0."),
        ("samples_per_class", 1, "Must be at least 2."),
        ("steps", 10**8, "Must be at most 10000000."),
        ("learning_rate_codes", 0.0, "Must be more than 0."),
    ],
)
def test_value_out_of_bounds_is_rejected_next_to_its_field(field: str, value, words: str) -> None:
    """A value out of bounds is explained next to its field, and is not used."""
    app = opened()
    app.number_input(key=f"form_{field}").set_value(value).run()
    assert not app.exception
    assert words in [caption.value.removeprefix(":red[").removesuffix("]").replace("\\", "") for caption in app.caption]
    assert not app.json, "the last valid value must not stay in force"


def ranked_page() -> None:
    from app.widgets import forms
    from glico.config import TrainConfig

    forms.widgets(TrainConfig, "form", first=("steps",), automatic={"resolution": "16 by default"})


def test_advanced_fields_are_ranked_and_grouped() -> None:
    """In the expander, the fields that the schema does not mark advanced come first; the others have a tab a group."""
    from glico.config import TrainConfig

    app = AppTest.from_function(ranked_page, default_timeout=120).run()
    assert not app.exception
    (advanced,) = app.expander
    fields = {name: TrainConfig.describe(name) for name in TrainConfig.names()}
    rest = [field for field in fields.values() if field.advanced]
    assert [tab.label for tab in advanced.tabs] == list(dict.fromkeys(field.group for field in rest))
    in_tabs = {
        w.key
        for tab in advanced.tabs
        for kind in ("selectbox", "number_input", "text_input", "toggle")
        for w in tab.get(kind)
    }
    assert in_tabs == {f"form_{field.name}" for field in rest}
    assert app.selectbox(key="form_resolution").placeholder == "16 by default"
    assert app.number_input(key="form_gamma").placeholder == "balanced at every step"


def test_fault_in_the_expander_is_named_outside() -> None:
    app = AppTest.from_function(ranked_page, default_timeout=120).run()
    app.number_input(key="form_pull").set_value(-1.0).run()
    assert any("Pull \\(in Advanced\\)" in caption.value for caption in app.main.caption)


@pytest.mark.parametrize(
    ("dataset", "words"),
    [("digits", "16 by default"), ("/birds.zip", "64 by default"), ("/a.npz", "its own, at most 64"), (None, "")],
)
def test_empty_resolution_says_its_size(dataset: str | None, words: str) -> None:
    from app.training.form import own_size

    assert own_size(dataset).get("resolution", "") == words


def test_what_is_entered_comes_back() -> None:
    from glico.config import TrainConfig

    app = opened()
    app.selectbox(key="form_objective").select("glo")
    app.selectbox(key="form_resolution").select(32)
    app.number_input(key="form_learning_rate_codes").set_value(0.005)
    app.text_input(key="form_layer_weights").set_value("1, 2, 3, 4, 5")
    app.run()
    config = TrainConfig.model_validate_json(app.json[0].value)
    assert (config.objective, config.resolution, config.learning_rate_codes) == ("glo", 32, 0.005)
    assert config.layer_weights == (1, 2, 3, 4, 5)


def test_a_wrong_value_is_named_in_one_sentence() -> None:
    from app.widgets import forms
    from glico.config import TrainConfig
    from glico.errors import GlicoError

    with pytest.raises(GlicoError, match=r"^Layer weights: .*, not 'x'\.$"):
        forms.validated(TrainConfig, {"layer_weights": ["1", "x", "3", "4", "5"]})
    with pytest.raises(GlicoError, match=r"^Steps: "):
        forms.validated(TrainConfig, {"steps": 0})
