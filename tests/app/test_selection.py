"""Law: the selection survives in the URL, over pages, and nonsense in the URL is left out."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from app import selection

    st.json(selection.current().model_dump())
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


def test_a_change_is_written_to_the_url_and_comes_back_on_another_page() -> None:
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
