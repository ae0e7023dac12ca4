"""A person's own folder on the Train page: from the upload to a sample that is prepared as the person chooses."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import tifffile
from component_data import data_of
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from app.session import guard, uploads
from glico.errors import GlicoError

TRAIN = Path(__file__).parents[2] / "app" / "views" / "train.py"
EACH = 6  # images of a class
Files = dict[str, bytes]


@pytest.fixture
def uploaded() -> Callable[[Mapping[str, bytes]], AppTest]:
    """Uploads a folder on the Train page, 2 images per class."""

    def upload(files: Mapping[str, bytes]) -> AppTest:
        app = AppTest.from_file(str(TRAIN), default_timeout=120).run()
        app.number_input(key="train_samples_per_class").set_value(2)
        app.pills(key="train_source").select("upload").run()
        kind = "application/octet-stream"
        app.file_uploader(key="train_folder").set_value([(name, content, kind) for name, content in files.items()])
        return app.run()

    return upload


def stamps() -> Files:
    """Light shapes without a ground, wider than high, in two class folders."""
    files = {}
    for name in ("ellipse", "rectangle"):
        for i in range(EACH):
            image, out = Image.new("RGBA", (60, 40)), io.BytesIO()
            getattr(ImageDraw.Draw(image), name)((3 * i, 2 * i, 30 + 2 * i, 20 + i), fill=(250, 250, 240 + i, 255))
            image.save(out, "PNG")
            files[f"stamps/{name}/{i}.png"] = out.getvalue()
    return files


def deep_images() -> Files:
    """Squares of 12 bits in files of 16."""
    random, files = np.random.default_rng(0), {}
    for name in ("few", "many"):
        for i in range(EACH):
            out = io.BytesIO()
            tifffile.imwrite(out, random.integers(0, 4096, (16, 16), dtype=np.uint16))
            files[f"cells/{name}/{i}.tif"] = out.getvalue()
    return files


def rows_of(app: AppTest, label: str) -> list[dict]:
    """The rows of small images with this label."""
    return [row for data in data_of(app, "strips") for row in data["rows"] if row["label"] == label]


def page_text(app: AppTest) -> str:
    """All captions and warnings of the page."""
    return " ".join(element.value for element in (*app.caption, *app.warning)).replace("\\", "")


def test_folder_is_one_data_set_with_its_classes(uploaded, own_places: Path) -> None:
    """Class folders are classes, and other files are counted; the same files are stored once, in any order."""
    files = stamps() | {"stamps/notes.txt": b"nothing", "stamps/.DS_Store": b"nothing"}
    for order in (files, dict(reversed(files.items()))):
        app = uploaded(order)
        assert not app.exception
        assert not app.error
        assert app.dataframe[0].value["class"].tolist() == ["ellipse", "rectangle"]
        assert "Read 12 images (12 .png)." in page_text(app)
        assert "1 file (1 .txt)" in page_text(app)
    (archive,) = (own_places / "uploads").rglob("*.zip")
    assert archive.name == "stamps.zip"


def test_preparation_is_chosen_by_its_effect(uploaded) -> None:
    """Each choice that matters shows every option; the one that is chosen prepares the sample."""
    app = uploaded(stamps())
    assert not [pills for pills in app.get("button_group") if "value_range" in pills.proto.id]
    before = rows_of(app, "ellipse")[0]["sheet"]
    for field, option, options in (("fit", "squash", 6), ("ground", "grey", 3)):
        effects = next(data for data in data_of(app, "strips") if option in [row["label"] for row in data["rows"]])
        assert len(effects["rows"]) == options
        app.pills(key=f"train_{field}").select(option).run()
        assert not app.error
        (chosen,) = (row for row in rows_of(app, option) if any(row["marked"]))
        assert all(chosen["marked"])
        after = rows_of(app, "ellipse")[0]["sheet"]
        assert after != before
        before = after


def test_range_of_values_is_chosen_with_its_numbers(uploaded) -> None:
    """12 bits in 16: the range found is in use, and the files' own range is nearly black, with a caution."""
    app = uploaded(deep_images())
    assert re.search(r"0 is black and 4,0\d\d is white in all of them", page_text(app))
    assert not app.warning
    app.pills(key="train_value_range").select("stored").run()
    assert "hardly any contrast" in page_text(app)


def test_duplicates_are_shown_and_left_out_by_a_button(uploaded) -> None:
    """A pair in two classes is shown; the button leaves both out, and another brings them back."""
    files = stamps()
    app = uploaded(files | {"stamps/rectangle/again.png": files["stamps/ellipse/0.png"]})
    assert "in different classes" in page_text(app)
    assert rows_of(app, "same, in two classes")[0]["count"] == 2
    total = app.dataframe[0].value[["training split", "test split"]].to_numpy().sum()
    next(button for button in app.button if button.label == "Leave duplicates out").click().run()
    assert app.dataframe[0].value[["training split", "test split"]].to_numpy().sum() == total - 2
    assert "Left out as duplicates" in page_text(app)
    next(button for button in app.button if button.label == "Keep duplicates").click().run()
    assert app.dataframe[0].value[["training split", "test split"]].to_numpy().sum() == total


def test_duplicates_are_kept_on_one_side_by_a_button(uploaded) -> None:
    files = stamps()
    copies = {path.replace(".png", f" copy of {path.split('/')[1]}.png"): image for path, image in files.items()}
    app = uploaded(files | copies)
    assert "also in the training split" in page_text(app)
    next(button for button in app.button if button.label.startswith("Keep duplicates on one side")).click().run()
    assert not app.error
    assert "also in the training split" not in page_text(app)


def test_archive_beside_other_files_is_refused_in_a_sentence(uploaded) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/1.png", b"")
    app = uploaded(stamps() | {"more.zip": packed.getvalue()})
    assert not app.exception
    assert "Cannot combine more.zip with other files" in app.error[0].value.replace("\\", "")


def test_refused_files_of_a_folder_are_told(uploaded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of which the server refused a file is incomplete, which the page says for as long as it uses it."""
    monkeypatch.setattr(guard, "take_refusal", lambda session: "More than 1 MiB of uploads.")
    app = uploaded(stamps())
    monkeypatch.undo()
    assert "the data set lacks them" in page_text(app.run())


def test_folder_beyond_a_limit_is_not_stored(own_places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"birds/{i}.png": io.BytesIO(bytes(2**19)) for i in range(3)}
    for name, value in (("UPLOADS_MIB", "1"), ("ENTRIES", "2"), ("NAME", "8")):
        with monkeypatch.context() as patch:
            patch.setenv(f"GLICO_LIMIT_{name}", value)
            with pytest.raises(GlicoError, match=f"GLICO_LIMIT_{name}=N"):
                uploads.store_folder(files)
    assert not list(own_places.rglob("*.zip"))
