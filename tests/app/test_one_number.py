"""An image has one number on every page: its row in the sample. Any other number is named with its split."""

import re
from pathlib import Path

import numpy as np
import pytest
from component_data import complete, data_of
from sprite_tiles import decoded
from streamlit.testing.v1 import AppTest

from app.latent_map import selected
from glico.checkpoints.checkpoint import Checkpoint
from glico.data import load_configured
from glico.latent.encode import unseen_images
from glico.places import SHIPPED

ROOT = Path(__file__).parents[2]
ROW = 36
PAIR = {"checkpoint": "digits-glico", "beside": "digits-glo"}


def opened(view: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / view), default_timeout=120)
    app.query_params.update(query)
    return complete(app)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return Checkpoint.load(SHIPPED / "digits-glico.safetensors")


def test_map_interpolate_and_train_give_an_image_the_same_number(checkpoint: Checkpoint) -> None:
    image, name = checkpoint.images[ROW].numpy(), checkpoint.class_names[checkpoint.labels[ROW]]
    app = opened("app/views/latent_map.py", **PAIR, method="pca")
    (data,) = data_of(app, "latent_map")  # whose point of row N is called "image N"
    np.testing.assert_array_equal(decoded(data["sheet"])[ROW], image)
    ((number, _, of),) = selected.records(
        [ROW], checkpoint.indices.numpy(), checkpoint.labels.numpy(), checkpoint.class_names
    )
    assert (number, of) == (ROW, name)

    app = opened("app/views/interpolate.py", **PAIR, a=str(ROW), b="7", frames="21")
    (data,) = data_of(app, "scrubber")
    point = data["waypoints"][0]
    assert point["name"] == f"{name}, image {ROW}"
    np.testing.assert_array_equal(decoded(data["tiles"])[point["pictures"][0]["tile"]], image)
    app.button(key="thumbnails_toggle").click().run()
    (data,) = data_of(app, "image_picker")
    (tile,) = [item["tile"] for group in data["groups"] for item in group["items"] if item["row"] == ROW]
    np.testing.assert_array_equal(decoded(data["sheet"])[tile], image)

    app = opened("app/views/train.py")  # by default the same sample: digits, 10 per class, seed 0
    (strip,) = [
        row for data in data_of(app, "strips") for row in data["rows"] if f"{name} · image {ROW}" in row["captions"]
    ]
    shown = decoded(strip["sheet"])[strip["captions"].index(f"{name} · image {ROW}")]
    np.testing.assert_array_equal(shown, image)


def test_scored_image_and_unseen_marker_have_one_name(
    checkpoint: Checkpoint, finished_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image behind a cell of the confusion matrix has the name of its unseen marker on the map."""
    monkeypatch.setenv("GLICO_RUNS", str(finished_runs))
    data, unseen = load_configured(checkpoint.config), unseen_images(checkpoint, 100)
    for name, image in zip(unseen.names, unseen.images, strict=True):
        np.testing.assert_array_equal(data.test_images[int(re.fullmatch(r"test image (\d+)", name)[1])], image)
    app = opened("app/views/results.py")
    app.segmented_control(key="results_view").set_value("Confusion").run()
    assert not app.exception
    (picker,) = data_of(app, "image_picker")
    (group,) = picker["groups"]
    assert group["items"]
    for item, image in zip(group["items"], decoded(picker["sheet"]), strict=False):
        number = int(re.match(r"test image (\d+) · confidence", item["name"])[1])
        np.testing.assert_array_equal(data.test_images[number], image)
