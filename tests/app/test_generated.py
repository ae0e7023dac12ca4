"""Generating between selected images: from the map's button to the configuration of a run."""

from pathlib import Path

import pytest
from component_data import complete, data_of
from streamlit.testing.v1 import AppTest

from app.session.selection import LONGEST
from glico.config import ClassifyConfig
from glico.runs.kinds import run_id

ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(tiny_runs: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens a page of the app over the tiny checkpoints, five images per class."""
    monkeypatch.setenv("GLICO_RUNS", str(tiny_runs))

    def at(view: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app" / "views" / f"{view}.py"), default_timeout=120)
        for name, value in ({"checkpoint": "tiny-glico", "method": "pca", "beside": "tiny-glo"} | query).items():
            app.query_params[name] = value
        return complete(app)

    return at


def page_text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown).replace("\\", "")


@pytest.mark.slow
def test_selected_pair_becomes_the_source_of_generated_images(opened) -> None:
    """Images selected on the map go to Classify, which generates only between them, if a class has two of them."""
    assert not opened("latent_map", selected="0-1.7").button(key="use_selected").disabled
    assert opened("latent_map", selected="0.7").button(key="use_selected").disabled
    app = opened("classify", drawn_from="0-2.7", drawn_of="tiny-glo", checkpoint="tiny-glico")  # of the same sample
    assert not app.exception
    assert "4 images selected on the map: glico generates only between these, in 1 of 10 classes" in page_text(app)
    app.toggle(key="classify_generated").set_value(True).run()
    (drawn,) = [row for data in data_of(app, "strips") for row in data["rows"] if row["count"]]
    rows = {int(row) for text in drawn["captions"] for row in text.split(",")[0].removeprefix("images ").split(" and ")}
    assert rows == {0, 1, 2}
    app.button(key="drawn_from_clear").click().run()
    assert "selected on the map" not in page_text(app)
    assert "drawn_from" not in app.query_params
    assert not app.exception


def test_what_was_chosen_in_another_sample_is_said_and_not_used(opened) -> None:
    app = opened("classify", drawn_from="0-2", drawn_of="digits-glico")
    assert "belong to another sample" in page_text(app)
    assert not app.exception


def test_a_choice_is_part_of_what_a_run_is(tiny_runs: Path) -> None:
    checkpoint = str(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    every, some, other = (ClassifyConfig(checkpoint=checkpoint, drawn_from=rows) for rows in ((), (3, 1, 2), (1, 2)))
    assert len({run_id(config) for config in (every, some, other)}) == 3
    assert run_id(some) == run_id(ClassifyConfig(checkpoint=checkpoint, drawn_from=(1, 2, 3, 3)))


def test_a_choice_too_long_for_an_address_stays_in_the_session(opened) -> None:
    app = opened("classify")
    runs = ".".join(str(row) for row in range(0, 2 * LONGEST, 2))
    app.session_state["selection"] = {"checkpoint": "tiny-glico", "drawn_from": runs, "drawn_of": "tiny-glico"}
    app.run()
    assert "25 images selected" in page_text(app)  # those that there are
    assert "drawn_from" not in app.query_params
