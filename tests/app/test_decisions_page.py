"""Decisions on pages: on the map, in the list of suspects, among confused images; on a public server."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from component_data import complete
from streamlit.testing.v1 import AppTest

from glico.config import TrainConfig
from glico.data.decision_file import Decided, load_decided, store_decided
from glico.data.decisions import Decision
from glico.places import SHIPPED, decisions_directory


def opened(**query: str) -> AppTest:
    page = AppTest.from_file(str(SHIPPED.parent / "streamlit_app.py"), default_timeout=120)
    page.query_params.update({"checkpoint": "digits-glico", "beside": "digits-glo"} | query)
    return complete(page)


def texts(page: AppTest) -> str:
    return " ".join(each.value for each in [*page.caption, *page.markdown, *page.error])


def test_image_is_relabelled_undone_and_trained_again(own_places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the map: the decision is in the workspace, and the pair is trained from its checkpoints with it."""
    page = opened(a="3", b="12")
    page.text_input(key="map_decide_note").set_value("looks odd").run()
    page.selectbox(key="map_decide_class").set_value("7").run()
    (decision,) = load_decided("digits", "digits").decisions
    assert (decision.label, decision.split, decision.decision, decision.note) == ("7", "train", "relabel", "looks odd")
    assert "is really 7" in texts(page)
    assert "1 decision" in texts(page)
    page.button(key="map_undo").click().run()
    assert load_decided("digits", "digits").decisions == ()
    page.button(key="map_decide_out").click().run()
    started: list[TrainConfig] = []

    def launch(config: TrainConfig) -> SimpleNamespace:
        started.append(config)
        return SimpleNamespace(id="the-run")

    monkeypatch.setattr("app.session.public.launch", launch)
    page.button(key="map_again").click().run()
    assert [config.objective for config in started] == ["glo", "glico"]
    for config in started:
        assert Path(str(config.decisions)).exists()
        assert str(config.warm_start).endswith(f"digits-{config.objective}.safetensors")
    assert not page.exception


def test_train_uses_the_decisions_unless_they_are_switched_off() -> None:
    store_decided("digits", "digits", Decided().decide([Decision("1080", "7", "train", "relabel")]))
    page = AppTest.from_file(str(SHIPPED.parent / "app" / "views" / "train.py"), default_timeout=120).run()
    switch = page.toggle(key="train_own_decisions")
    assert switch.value
    assert "Use your 1 decision" in switch.label
    assert not page.exception


def test_visitors_keep_their_decisions_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    page = opened(a="3")
    page.button(key="map_decide_fine").click().run()
    assert "1 decision" in texts(page)
    assert not decisions_directory().exists()
    assert "1 decision" not in texts(opened(a="3"))


def test_damaged_table_is_a_sentence_on_a_working_page() -> None:
    table = decisions_directory() / "digits" / "decisions.csv"
    table.parent.mkdir(parents=True)
    table.write_text("path,label,split,decision\n5,7,train,perhaps\n")
    page = opened(a="3")
    assert "line 2" in texts(page)
    assert "perhaps" in texts(page)
    assert not page.exception
