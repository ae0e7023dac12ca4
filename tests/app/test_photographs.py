"""A person's photographs: on both maps, as an end of a path, and refused."""

import io

import numpy as np
import pytest
from component_data import complete, data_of
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import cached
from app.session import photographs, public
from glico.errors import GlicoError
from glico.latent.encoded import STEPS
from glico.pixels import to_uint8
from glico.places import SHIPPED

PAIR = [SHIPPED / f"digits-{name}.safetensors" for name in ("glo", "glico")]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    held: dict[str, object] = {}
    monkeypatch.setattr(photographs.st, "session_state", held)
    return held


def png(seed: int = 0, side: int = 8) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "png")
    return written.getvalue()


def content_of(page: AppTest, component: str) -> dict:
    (result,) = data_of(page, component)
    return result


@pytest.mark.slow
def test_photograph_appears_on_both_maps_and_ends_a_path() -> None:
    page = AppTest.from_file(str(SHIPPED.parent / "streamlit_app.py"), default_timeout=120)
    page.query_params.update({"checkpoint": "digits-glico", "beside": "digits-glo", "b": "7"})
    complete(page)
    (field,) = page.file_uploader
    field.upload("my *digit*.png", png(), "image/png").run()
    assert not page.exception
    assert not page.error
    data = content_of(page, "latent_map")
    assert data["photographs"]["names"] == ["my *digit*.png"]
    assert [len(map["positions"]) for map in data["photographs"]["maps"]] == [12, 12]  # 2 float32 in base64
    assert "digits · GLO: error 0." in data["photographs"]["notes"][0]
    text = " ".join(each.value for each in page.markdown)
    assert "reconstruction error 0" in text
    (warning,) = [each.value for each in page.warning]
    assert warning.count("the generator cannot reproduce this image") == 2  # it is noise
    page.button("photograph_a").click().run()
    data = content_of(page, "latent_map")
    assert data["request"]["choice"] == {"a": 100}
    assert (data["path"]["a"], data["path"]["b"]) == (100, 7)
    page.switch_page("app/views/interpolate.py").run()
    assert not page.exception
    ends = content_of(page, "scrubber")["waypoints"]
    assert [end["name"] for end in ends] == ["my *digit*.png", "0, image 7"]
    assert ends[0]["pictures"][0]["caption"] == "original"
    page.switch_page("app/views/latent_map.py").run()
    page.button("photograph_remove").click().run()
    assert content_of(page, "latent_map")["photographs"] is None
    assert "a" not in page.query_params


def test_photograph_is_the_row_after_the_training_images(session: dict[str, object]) -> None:
    fractions: list[float] = []
    photograph = photographs.add("one.png", png())
    result = cached.encoding(PAIR[1], photograph, lambda share, _: fractions.append(share))
    assert len(fractions) == STEPS
    assert fractions == sorted(fractions)
    assert cached.is_encoded(PAIR[1], photograph)
    checkpoint, training = cached.with_photographs(PAIR[1], (photograph,))
    assert np.array_equal(checkpoint.space.codes[100:], result.codes)
    assert training.labels[100:].tolist() == [-1]
    assert (training.images[100] == cached.training_image(photograph, checkpoint.space)[0]).all()
    generated = to_uint8(checkpoint.decode(checkpoint.space.codes[100:])).astype(int)
    assert np.abs(generated - to_uint8(result.generated)).max() <= 1


def test_refused_photographs_are_one_sentence_each(session: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GlicoError, match=r"letter\.png cannot be read as an image"):
        photographs.add("letter.png", b"Dear Sir")
    with pytest.raises(GlicoError, match="larger than 10 MiB"):
        photographs.add("large.png", bytes(photographs.LARGEST + 1))
    for seed in range(photographs.MOST):
        photographs.add(f"{seed}.png", png(seed))
    photographs.add("0 again.png", png(0))  # the same one is kept once
    with pytest.raises(GlicoError, match="at most 8 photographs"):
        photographs.add("more.png", png(99))
    photographs.remove(photographs.current()[0])
    photographs.add("more.png", png(99))
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    photographs.remove(photographs.current()[0])
    session[photographs.TAKEN] = public.PHOTOGRAPHS_EACH
    with pytest.raises(GlicoError, match="limit of 24 photographs"):
        photographs.add("another.png", png(100))
