"""The Latent map page in Streamlit's test harness, and its content."""

import base64
import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from component_data import complete, data_of
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.latent_map import metrics, selected
from app.session import selection
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig, TrainConfig
from glico.latent import projection_cache
from glico.latent.projection import suited
from glico.latent.structure import BootstrapEstimate
from glico.models.generators import build_generator
from glico.places import SHIPPED
from glico.runs import projecting
from glico.web.latent_map import content
from glico.web.latent_map.scene import Scene, Side
from glico.web.sprite import sprite


def begun(**query: str) -> AppTest:
    """The page before the browser has drawn anything."""
    page = AppTest.from_file(str(SHIPPED.parent / "streamlit_app.py"), default_timeout=120)
    page.query_params.update({"checkpoint": "digits-glico", "beside": "digits-glo"} | query)
    return page


def opened(**query: str) -> AppTest:
    return complete(begun(**query))


def content_of(page: AppTest) -> dict:
    """Return the component's content."""
    (result,) = data_of(page, "latent_map")
    return result


def some_checkpoint(path: Path, **changes) -> Checkpoint:
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(12, 128)).astype(np.float32)
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    config = TrainConfig(samples_per_class=4, generator_width=4)
    model = Checkpoint(
        config=config,
        class_names=("<b>one</b>", "../two", "=three()"),
        image_shape=(16, 16, 3),
        codes=torch.from_numpy(codes),
        labels=torch.tensor([0] * 4 + [1] * 4 + [2] * 2 + [-1] * 2),
        indices=torch.arange(100, 112),
        generator=build_generator(config, 3, 16).state_dict(),
        images=torch.from_numpy(rng.integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)),
    )
    for name, value in changes.items():
        setattr(model, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return model


def test_the_shipped_pair_opens_with_its_own_projection():
    pair = [Checkpoint.load(SHIPPED / f"digits-{name}.safetensors") for name in ("glo", "glico")]
    config = suited(ProjectConfig(), pair[0].labels.numpy())
    name = projection_cache.key([each.codes.numpy() for each in pair], config)
    assert (SHIPPED / "projections" / f"{name}.npz").exists()
    page = opened()
    assert not page.exception
    assert not page.error
    data = content_of(page)
    assert [each["title"] for each in data["maps"]] == ["digits · GLO", "digits · GLICO"]
    assert data["count"] == 100
    result = projection_cache.find(name)
    positions = np.frombuffer(base64.b64decode(data["maps"][1]["positions"]), "<f4").reshape(100, 2)
    np.testing.assert_array_equal(positions, result.layouts[1])
    assert "nearest-neighbour purity" in " ".join(each.value for each in page.markdown)


def test_the_maps_come_first_and_the_rest_once_they_are_drawn():
    page = begun().run()
    first = content_of(page)
    assert first["awaited"]
    assert first["sheet"]["url"].startswith("data:image/png")
    assert not page.file_uploader
    whole = content_of(complete(page))
    assert page.file_uploader
    assert not page.exception
    assert not whole["awaited"]
    assert len(whole["generators"]) == 2  # they draw the empty places
    assert {**whole, "awaited": True, "generators": None} == first, "nothing that the maps show has changed"


@pytest.mark.parametrize(
    ("query", "first"), [({}, True), ({"a": "1"}, True), ({"a": "1", "b": "2"}, False), ({"colour": "error"}, False)]
)
def test_maps_that_need_the_generator_wait_for_it(query, first):
    assert content_of(begun(method="pca", **query).run())["awaited"] == first


WITHOUT_TORCH = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("streamlit_app.py", default_timeout=120)
page.query_params.update(dict(word.split("=") for word in sys.argv[1:]))
page.run()
assert [each.proto.component_name for each in page.get("bidi_component")].count("latent_map") == 1
assert "torch" not in sys.modules
"""


@pytest.mark.parametrize("query", [["checkpoint=digits-glico", "beside=digits-glo"], []], ids=["digits", "default"])
def test_first_maps_do_not_import_pytorch(query):
    """The first maps are drawn without PyTorch, whose import takes seconds."""
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, *query], cwd=SHIPPED.parent, check=True)


def test_the_address_says_method_dimensions_and_choice():
    page = opened(
        method="pca", components="3", a="3", b="7", thumbnails="True", selected="0-4", hidden="2", nearest="5"
    )
    data = content_of(page)
    assert data["components"] == 3
    opening = data["opening"]
    assert (opening["a"], opening["b"], opening["thumbnails"], opening["neighbours"]) == (3, 7, True, 5)
    assert opening["selected"] == "0-4"
    assert opening["hidden"] == [1]
    assert len(page.dataframe[0].value) == 5
    assert not page.exception


def test_values_that_make_no_sense_are_left_out():
    """The page leaves out values of no sense, and warns of checkpoints that do not exist."""
    page = opened(
        method="pca",
        selected="<script>",
        hidden="-3",
        nearest="77",
        neighbours="1e9",
        at="nan",
        checkpoint="gone",
        beside="no_such",
    )
    assert not page.exception
    assert content_of(page)["opening"]["selected"] == ""
    warnings = [element.value.replace("\\", "") for element in page.warning]
    assert [f"The checkpoint {name} was not found." in " ".join(warnings) for name in ("gone", "no_such")] == [True] * 2
    assert (page.query_params["checkpoint"], page.query_params["beside"]) == ("digits-glico", "digits-glo")


def test_one_checkpoint_at_two_steps():
    page = opened(method="pca", beside="digits-glico", step="0")
    assert not page.exception
    maps = content_of(page)["maps"]
    assert maps[0]["title"] == "digits · GLICO · step 0"
    assert maps[0]["positions"] != maps[1]["positions"]


def test_new_codes_fall_in_both_maps():
    page = opened(method="pca")
    page.selectbox(key="new_class").set_value(3).run()
    assert not page.exception
    new = content_of(page)["generated"]
    assert len(new["pairs"]) == 40
    labels = Checkpoint.load(SHIPPED / "digits-glo.safetensors").labels
    assert {int(labels[row]) for a, b, _ in new["pairs"] for row in (a, b)} == {3}
    assert all(a != b and 0 <= t <= 1 for a, b, t in new["pairs"])
    assert len(new["maps"]) == 2


def test_pair_has_a_path_with_images_only_in_path_mode():
    """A chosen pair has a path on the maps, by codes or by a morph; it has images only when the path is played."""
    for play, generated in (("map", False), ("path", True)):
        path = content_of(opened(method="pca", a="3", b="57", play=play))["path"]
        assert (path["a"], path["b"]) == (3, 57)
        assert [each["sheet"] is not None for each in path["maps"]] == [generated] * 2
    data = content_of(opened(method="pca", a="3", b="57"))
    middles = []
    for shown_path in (data["path"], content_of(opened(method="pca", a="3", b="57", path="morph"))["path"]):
        for each, layout in zip(shown_path["maps"], data["maps"], strict=True):
            along, points = (
                np.frombuffer(base64.b64decode(one["positions"]), "<f4").reshape(-1, 2) for one in (each, layout)
            )
            np.testing.assert_allclose(along[[0, -1]], points[[3, 57]], atol=1e-4)
            middles.append(along[16])
    assert np.abs(np.subtract(middles[:2], middles[2:])).max() > 1e-2, "a morph takes a way of its own"
    assert content_of(opened(method="pca", a="3"))["path"] is None


def test_a_value_has_its_numbers_once_it_is_chosen():
    values = {each["name"]: each for each in content_of(opened(method="pca"))["values"]}
    assert set(values) == {"purity", "error", "confidence"}
    assert all(each["maps"] == [] for each in values.values())
    for name in values:
        (value,) = [each for each in content_of(opened(method="pca", colour=name))["values"] if each["name"] == name]
        glo, glico = (np.frombuffer(base64.b64decode(each), "<f4") for each in value["maps"])
        assert len(glico) == 100
        assert (value["low"] <= glico).all()
        assert (glico <= value["high"]).all()
        assert np.isnan(glo).all() == (name == "confidence")  # GLO has no classifier


def test_lone_checkpoint_without_snapshots_has_one_map(own_places):
    glo = Checkpoint.load(SHIPPED / "digits-glo.safetensors")
    glo.config = glo.config.model_copy(update={"seed": 7})
    glo.images = glo.snapshots = glo.snapshot_steps = None
    path = own_places / "runs" / "lone" / "checkpoint.safetensors"
    path.parent.mkdir(parents=True)
    glo.save(path)
    page = opened(method="pca", checkpoint="lone")
    assert not page.exception
    data = content_of(page)
    assert len(data["maps"]) == 1
    assert data["maps"][0]["steps"] == []
    assert data["sheet"]["url"].startswith("data:image/png")


def test_content_is_bytes_in_order(tmp_path):
    model = some_checkpoint(tmp_path / "a.safetensors")
    space = model.latent_space
    config = ProjectConfig(method="pca", components=3)
    projection = projecting.compute([space.codes], config)
    scene = Scene((Side("a", "a", tmp_path / "a.safetensors"),), (space,), projection, config, "pca")
    data = content.map_content(scene, [], with_film=True)
    assert np.frombuffer(base64.b64decode(data["labels"]), "<i2").tolist() == model.labels.tolist()
    near = np.frombuffer(base64.b64decode(data["maps"][0]["near"]), "<i4").reshape(12, -1)
    np.testing.assert_array_equal(near, projection.nearest[0])
    assert data["classNames"] == ["<b>one</b>", "../two", "=three()"]
    sheet = sprite(space.images)
    picture = Image.open(io.BytesIO(base64.b64decode(sheet["url"].split(",")[1])))
    tile = np.asarray(picture)[16:32, 16:32] if sheet["columns"] == 4 else None
    np.testing.assert_array_equal(tile, space.images[5])


def test_runs_of_rows():
    assert selection.rows_of("1-3.7", 9) == [1, 2, 3, 7]
    assert selection.rows_of("7.3-1.2.2-3", 9) == [2, 3, 7]
    assert selection.rows_of("", 9) == []
    assert selection.rows_of("2-9999999", 5) == [2, 3, 4]


def test_files_of_a_selection_are_safe_and_whole(tmp_path):
    model = some_checkpoint(tmp_path / "a.safetensors")
    rows = [0, 5, 8, 11]
    result = selected.records(rows, model.indices.numpy(), model.labels.numpy(), model.class_names)
    lines = list(csv.reader(io.StringIO(selected.as_csv(result).decode())))
    assert lines[0] == list(selected.COLUMNS)
    assert lines[1] == ["0", "100", "<b>one</b>"]
    assert lines[3][2] == "'=three()"  # no spreadsheet runs it
    assert lines[4][2] == "unlabelled"
    images = model.images.numpy()[rows]
    archive = zipfile.ZipFile(io.BytesIO(selected.as_zip(images, [name for *_, name in result], list("abcd"))))
    assert not any(".." in name or name.startswith("/") for name in archive.namelist())
    assert len({name.split("/")[0] for name in archive.namelist()}) == 4
    first = np.asarray(Image.open(io.BytesIO(archive.read(archive.namelist()[0]))))
    np.testing.assert_array_equal(first, images[0])


@pytest.mark.parametrize("value", [np.nan, 0.25])
def test_numbers_are_a_table_in_which_titles_are_text(value):
    measured = {name: BootstrapEstimate(value, value, value) for name in metrics.ROWS}
    text = metrics.table(["a|b <i>", "c"], [measured, measured], measured, [0.5, 0.75])
    assert "<i>" not in text
    assert "+0.250" in text
    rows = text.splitlines()
    assert len(rows) == 2 + len(metrics.ROWS) + 1
    assert all(len(row.replace("\\|", "").split("|")) == 6 for row in rows)
