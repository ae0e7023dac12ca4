"""The Interpolate page in Streamlit's test harness: its content, and what its buttons do to the URL."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from component_data import all_data
from sprite_tiles import decoded
from streamlit.testing.v1 import AppTest

from app.interpolation.choice import random_images
from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.distances import feature_distance
from glico.latent.measured import PathRequest, PathSource, compared_with, measured_paths
from glico.latent.morphs import class_fields
from glico.runs import projecting
from glico.web.scrubber import offline_page
from glico.web.scrubber.content import GUESS, MORPH, Visited, paths_content
from glico.web.sprite import SHEET, sprite

PAGE = Path(__file__).parents[2] / "app" / "views" / "interpolate.py"
STRANGE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def opened(tiny_runs, monkeypatch):
    """Opens the page with a query string."""
    monkeypatch.setenv("GLICO_RUNS", str(tiny_runs))

    def at(**query: str) -> AppTest:
        app = AppTest.from_file(str(PAGE), default_timeout=120)
        for name, value in ({"checkpoint": "tiny-glico"} | query).items():
            app.query_params[name] = value
        return app.run()

    return at


def components(app: AppTest) -> dict[str, dict]:
    """The data of every component on the page, by name."""
    return dict(all_data(app))


def address(app: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


def described(checkpoint: Checkpoint, rows=(0, 7), frames=11):
    opened = checkpoint.opened
    training = compared_with(opened)
    name, feature_steps = feature_distance(checkpoint.config, checkpoint.image_shape[0])
    paths = measured_paths(PathSource(opened, training), PathRequest(rows, frames), feature_steps)
    return paths, paths_content(Visited(opened, training, rows), paths, name)


def test_page_opens_with_a_pair_of_one_class_and_all_paths(opened) -> None:
    """Without a selection, two images of one class are joined, by every frame of slerp, lerp and a morph."""
    app = opened()
    assert not app.exception
    content = components(app)["scrubber"]
    assert [view["name"] for view in content["views"]] == ["slerp", "lerp", "morph"]
    assert len(content["t"]) == 101
    assert content["t"][0] == 0
    assert content["t"][-1] == 1
    assert content["start"] == 0.5
    a, b = (point["name"].split(",")[0] for point in content["waypoints"])
    assert a == b


def test_a_link_reopens_the_same_images_t_frames_and_noise(opened) -> None:
    app = opened(a="3", b="40", t="0.25", frames="21", noise="fixed", draw="5")
    content = components(app)["scrubber"]
    assert [point["name"] for point in content["waypoints"]] == ["0, image 3", "8, image 40"]
    assert content["start"] == 0.25
    assert len(content["t"]) == 21
    other = components(opened(a="3", b="40", t="0.25", frames="21", noise="fixed", draw="6"))["scrubber"]
    assert other["content"] != content["content"]
    again = components(opened(a="3", b="40", t="0.5", frames="21", noise="fixed", draw="5"))["scrubber"]
    assert again["content"] == content["content"]


def test_pairs_that_morph_best_are_offered_and_open_the_page(opened) -> None:
    """If classes are registered, the page opens on the best pair, and choosing another selects it."""
    app = opened(checkpoint="digits-glico")
    best = app.selectbox(key="best_pair")
    assert len(best.options) == 12
    assert (app.number_input(key="row_a").value, app.number_input(key="row_b").value) == best.value
    assert "Morph score" in " ".join(each.value for each in app.caption)
    best.select_index(3).run()
    assert (int(address(app)["a"]), int(address(app)["b"])) == app.selectbox(key="best_pair").value
    assert not app.exception


def test_morph_joins_the_originals_if_chosen(opened) -> None:
    """The choice is in the URL, and changes the morph alone."""
    generated = components(opened(a="0", b="1"))["scrubber"]["views"]
    original = components(opened(a="0", b="1", ends="original"))["scrubber"]["views"]
    same = [one["sprite"] == other["sprite"] for one, other in zip(generated, original, strict=True)]
    assert same == [True, True, False]


def test_large_class_is_registered_in_the_background(opened, monkeypatch) -> None:
    """Until it is, slerp and lerp are shown; then the morph follows."""
    monkeypatch.setattr("app.cached.registrations.AT_ONCE", 2)
    requested: list[np.ndarray] = []
    monkeypatch.setattr(projecting, "start_fields", lambda images: requested.append(images) or "name")
    monkeypatch.setattr(projecting, "status", lambda name: projecting.Status("registering", 0.4, 0.0))
    app = opened(a="0", b="1")
    assert [view["name"] for view in components(app)["scrubber"]["views"]] == ["slerp", "lerp"]
    assert "The morph follows: registering the images of the class, 40 %." in [each.value for each in app.caption]
    class_fields(requested[0])
    assert [view["name"] for view in components(opened(a="0", b="1"))["scrubber"]["views"]][-1] == "morph"


def test_swap_and_random_choices_go_into_the_url(opened) -> None:
    app = opened(a="3", b="40")
    app.button(key="swap").click().run()
    assert (address(app)["a"], address(app)["b"]) == ("40", "3")
    app.button(key="random_in").click().run()
    a, b = (int(address(app)[name]) for name in "ab")
    assert a != b
    assert a // 5 == b // 5  # five of each class, class by class
    app.button(key="random_across").click().run()
    a, b = (int(address(app)[name]) for name in "ab")
    assert a // 5 != b // 5
    app.number_input(key="row_a").set_value(11).run()
    assert address(app)["a"] == "11"
    assert not app.exception


def test_checkpoint_without_classifier_shows_no_probabilities(opened) -> None:
    """GLO has no classifier: the page says so and shows no probabilities, not those of another checkpoint."""
    content = components(opened(checkpoint="tiny-glo"))["scrubber"]
    assert "no classifier" in content["note"]
    assert not any("probability" in chart["title"] for chart in content["charts"])
    assert all(view["confidence"] is None for view in content["views"])
    with_one = components(opened(checkpoint="digits-glico"))["scrubber"]
    assert with_one["note"] == MORPH
    assert sum("probability" in chart["title"] for chart in with_one["charts"]) == 3


def test_collapsed_class_shows_no_probabilities(opened) -> None:
    """If a class has collapsed, its probabilities mean nothing and are not shown."""
    app = opened()  # a few steps of training
    content = components(app)["scrubber"]
    assert "collapsed, so the classifier's predictions are meaningless" in content["note"]
    assert all(view["confidence"] is None for view in content["views"])
    assert not any("probability" in chart["title"] for chart in content["charts"])
    assert "(A and B themselves are at 0.5): slerp 0." in " ".join(each.value.replace("\\", "") for each in app.caption)


def test_rows_missing_from_the_checkpoint_leave_a_working_page(opened) -> None:
    """A URL that names images that the checkpoint does not have leaves a working page."""
    for query in (
        {"a": "4000", "b": "2"},
        {"a": "x"},
        {"t": "7"},
        {"show": "list", "rows": "1.2.900"},
        {"corners": "1.x"},
        {"frames": "7"},
    ):
        app = opened(**query)
        assert not app.exception
        assert "scrubber" in components(app)


@pytest.mark.parametrize("show", ["list", "surface", "mean", "grid", "reconstructions"])
@pytest.mark.parametrize("checkpoint", ["tiny-glico", "tiny-glo"])
def test_every_view_opens_for_both_objectives(opened, show: str, checkpoint: str) -> None:
    app = opened(show=show, checkpoint=checkpoint)
    assert not app.exception
    assert not app.error
    assert {"list": "image_picker", "surface": "surface"}.get(show, "image_table") in components(app)


def test_a_path_through_a_list_has_a_waypoint_for_every_image(opened) -> None:
    app = opened(show="list", rows="3.15.42", frames="21")
    content = components(app)["scrubber"]
    assert [point["label"] for point in content["waypoints"]] == ["A", "B", "C"]
    assert len(content["t"]) == 41
    app.button(key="list_reverse").click().run()
    assert address(app)["rows"] == "42.15.3"
    app.button(key="list_classes").click().run()
    rows = [int(row) for row in address(app)["rows"].split(".")]
    assert [row // 5 for row in rows] == list(range(10))


def test_surface_keeps_corners_in_url_and_has_all_frames(opened) -> None:
    """The URL keeps a surface's corners, and the content has a frame for every position."""
    app = opened(show="surface", corners="3.15.42.7", u="0.2", v="0.9")
    content = components(app)["surface"]
    assert [corner["label"] for corner in content["corners"]] == list("ABCD")
    assert content["start"] == [0.2, 0.9]
    assert [view["name"] for view in content["views"]] == ["slerp", "lerp", "morph"]
    assert GUESS in content["note"]
    frames = decoded(content["views"][0]["sprite"])[:121]
    drawn = decoded(content["tiles"])[[corner["pictures"][-1]["tile"] for corner in content["corners"]]]
    np.testing.assert_allclose(frames[[0, 10, 110, 120]].astype(int), drawn, atol=1)
    app.number_input(key="corner_A").set_value(20).run()
    assert address(app)["corners"] == "20.15.42.7"
    app.number_input(key="corner_D").set_value(None).run()
    assert address(app)["corners"] == "20.15.42"
    assert len(components(app)["surface"]["corners"]) == 3
    app.button(key="corners_in").click().run()
    assert len({int(row) // 5 for row in address(app)["corners"].split(".")}) == 1
    assert not app.exception


def test_resampled_noise_shows_a_strip_of_draws_that_differ(opened) -> None:
    table = components(opened(noise="resampled", t="0.3"))["image_table"]
    tiles = decoded(table["sheet"])[:20]
    assert len(np.unique(tiles.reshape(20, -1), axis=0)) == 20
    assert "t = 0.3" in table["title"]


def test_grid_rows_start_and_end_with_reconstructions(opened, tiny_runs) -> None:
    """Each row of the path grid starts and ends with reconstructions, and follows the chosen path."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    drawn = (checkpoint.decoder()(checkpoint.codes) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    tables = {path: components(opened(show="grid", path=path))["image_table"] for path in ("slerp", "lerp", "morph")}
    for table in tables.values():
        name = table["rows"][0]["name"]  # "4 · 21 → 23"
        a, b = (int(part.split()[-1]) for part in name.split(" → "))
        row = decoded(table["sheet"])[: table["rows"][0]["count"]]
        np.testing.assert_allclose(row[0].astype(int), drawn[a], atol=1)
        np.testing.assert_allclose(row[-1].astype(int), drawn[b], atol=1)
    assert len({table["sheet"]["url"] for table in tables.values()}) == 3


def test_the_frames_of_the_sprite_are_the_frames_of_the_path(tiny_runs) -> None:
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    paths, content = described(checkpoint)
    for view in content["views"]:
        path = paths[view["name"]]
        np.testing.assert_array_equal(decoded(view["sprite"])[: len(path.images)], path.images)
        for neighbour, rows in zip(view["neighbours"], (path.pixel_neighbour, path.code_neighbour), strict=True):
            tiles = decoded(content["tiles"])[neighbour["tiles"]]
            np.testing.assert_array_equal(tiles, checkpoint.images.numpy()[rows])


@pytest.mark.parametrize("shape", [(1, 16, 16, 1), (7, 16, 16, 3), (101, 8, 8, 1)])
def test_a_sprite_holds_every_image_whole(shape) -> None:
    images = np.random.RandomState(0).randint(0, 256, shape, np.uint8)
    np.testing.assert_array_equal(decoded(sprite(images))[: shape[0]], images)


def test_a_sprite_of_many_large_images_fits_a_graphics_card() -> None:
    sheet = sprite(np.zeros((5000, 96, 96, 1), np.uint8))
    assert sheet["width"] == sheet["height"] == 57
    assert sheet["width"] ** 2 * 5000 <= SHEET
    assert sprite(np.zeros((3, 96, 48, 3), np.uint8), 32)["width"] == 16


def test_checkpoint_without_images_compares_reconstructions(tiny_runs) -> None:
    """A checkpoint without images is compared with its reconstructions, and the page says so."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    checkpoint.images = None
    _, content = described(checkpoint)
    assert [len(point["pictures"]) for point in content["waypoints"]] == [1, 1]
    assert content["views"][0]["neighbours"][0]["title"] == "nearest reconstruction in pixels"
    assert not any("Hardly new" in remark for view in content["views"] for remark in view["remarks"])


def test_unlabelled_images_have_paths_too(tiny_runs) -> None:
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    checkpoint.labels = torch.full_like(checkpoint.labels, -1)
    _, content = described(checkpoint)
    assert content["waypoints"][0]["name"] == "unlabelled, image 0"
    (chart,) = (chart for chart in content["charts"] if chart["title"] == "slerp: class probability")
    assert [series["style"] for series in chart["series"]] == ["other"]
    a, b = random_images(checkpoint.labels.numpy(), 2, True, np.random.default_rng(0))
    assert a != b


def test_a_strange_class_name_stays_text_in_the_offline_file(tiny_runs) -> None:
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    checkpoint.class_names = (STRANGE, "</script><b>", *checkpoint.class_names[2:])
    _, content = described(checkpoint)
    page = offline_page(content, 0.5, STRANGE)
    assert STRANGE not in page
    assert page.count("</script>") == 2
    data = page.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(data)["waypoints"][0]["name"] == f"{STRANGE}, image 0"
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_content_is_named_by_what_it_holds(tiny_runs) -> None:
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    names = {described(checkpoint, rows, frames)[1]["content"] for rows in ((0, 7), (7, 0)) for frames in (11, 21)}
    assert len(names) == 4


def test_a_surface_begins_within_the_class_of_the_path(opened) -> None:
    corners = components(opened(show="surface", a="12", b="14"))["surface"]["corners"]
    assert len({corner["name"].split(",")[0] for corner in corners}) == 1
