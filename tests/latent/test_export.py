"""Laws of exported paths: every frame is in the file, in order, its pixels enlarged and not blurred."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from glico.errors import GlicoError
from glico.latent.export import FILM_CAPTION, FILMS, FRAMES_A_SECOND, GAP, enlarged, export_path, path_film, path_strip

FRAMES, SIDE = 9, 16
FACTOR = 256 // SIDE
GIF_FACTOR = FILMS["gif"].side // SIDE


def images(channels: int, seed: int = 0) -> np.ndarray:
    """Frames that are all different: blocks of noise with the few colours that a GIF is given."""
    values = np.random.RandomState(seed).choice([0, 120, 240], (FRAMES, 4, 4, channels))
    return values.astype(np.uint8).repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2)


def arrays(picture: Image.Image, channels: int) -> list[np.ndarray]:
    mode = "L" if channels == 1 else "RGB"
    return [np.asarray(f.convert(mode)).reshape(*f.size[::-1], channels) for f in ImageSequence.Iterator(picture)]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_goes_there_and_back_frame_by_frame_at_its_pace(tmp_path: Path, channels: int) -> None:
    path = images(channels)
    with Image.open(export_path({"slerp": path}, tmp_path / "new" / "path.gif", captions=False)) as gif:
        frames = arrays(gif, channels)
        assert gif.info["duration"] == 1000 // FRAMES_A_SECOND
        assert gif.info["loop"] == 0
    expected = enlarged(np.concatenate([path, path[-2:0:-1]]), GIF_FACTOR)
    np.testing.assert_array_equal(frames, expected)


def test_a_gif_that_does_not_come_back_ends_at_b() -> None:
    with Image.open(io.BytesIO(path_film({"slerp": images(1)}, "gif", there_and_back=False, captions=False))) as gif:
        np.testing.assert_array_equal(arrays(gif, 1), enlarged(images(1), GIF_FACTOR))


@pytest.mark.parametrize("channels", [1, 3])
def test_an_mp4_holds_every_frame_close_to_what_was_drawn(tmp_path: Path, channels: int) -> None:
    path = images(channels)
    output = export_path({"slerp": path}, tmp_path / "path.mp4", there_and_back=False, captions=False)
    with av.open(str(output)) as film:
        assert film.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert film.streams.video[0].average_rate == FRAMES_A_SECOND
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    expected = np.broadcast_to(enlarged(path, FACTOR), (FRAMES, 256, 256, 3))
    assert len(frames) == FRAMES
    # Colour has half the resolution in yuv420p; the centres of the blocks are spared.
    centres = np.s_[FACTOR * 2 :: FACTOR * 4, FACTOR * 2 :: FACTOR * 4]
    for frame, drawn in zip(frames, expected, strict=True):
        assert np.abs(frame[centres].astype(int) - drawn[centres]).mean() < 8


def test_two_paths_of_odd_height_make_an_mp4_of_even_sides() -> None:
    path = images(3)[:, :15, :]  # 15 + GAP + 15 lines of 16 pixels, enlarged
    with av.open(io.BytesIO(path_film({"slerp": path, "lerp": path}, "mp4", captions=False))) as film:
        context = film.streams.video[0].codec_context
        assert (context.width, context.height) == (256, (2 * 15 + GAP) * FACTOR)
        assert sum(1 for _ in film.decode(video=0)) == 2 * FRAMES - 2
    with av.open(io.BytesIO(path_film({"slerp": images(3).repeat(17, axis=1)[:, :257, :257]}, "mp4"))) as film:
        assert film.streams.video[0].codec_context.height % 2 == 0


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_has_both_ends_and_evenly_spaced_frames_between(tmp_path: Path, channels: int) -> None:
    above, below = images(channels), images(channels, seed=1)
    with Image.open(
        export_path({"slerp": above, "lerp": below}, tmp_path / "strip.PNG", columns=5, captions=False)
    ) as strip:
        (pixels,) = arrays(strip, channels)
    cell = (SIDE + GAP) * FACTOR
    for row, path in enumerate((above, below)):
        for column, frame in enumerate((0, 2, 4, 6, 8)):
            part = pixels[row * cell :, column * cell :][: SIDE * FACTOR, : SIDE * FACTOR]
            np.testing.assert_array_equal(part, enlarged(path[frame : frame + 1], FACTOR)[0])
    assert pixels.shape == (2 * cell - GAP * FACTOR, 5 * cell - GAP * FACTOR, channels)


def test_captions_above_images_name_path_and_frame() -> None:
    """They tell paths and frames apart."""
    path = images(1)
    with Image.open(io.BytesIO(path_film({"slerp": path, "lerp": path}, "gif", there_and_back=False))) as gif:
        frames = arrays(gif, 1)
    high = SIDE * GIF_FACTOR
    below = FILM_CAPTION + high + GAP * GIF_FACTOR
    captions = set()
    for frame, drawn in zip(frames, enlarged(path, GIF_FACTOR), strict=True):
        for top in (0, below):
            np.testing.assert_array_equal(frame[top + FILM_CAPTION :][:high], drawn)
            captions.add(frame[top : top + FILM_CAPTION].tobytes())
    assert len(captions) == 2 * FRAMES


def test_captions_of_a_strip_leave_its_images_as_they_are() -> None:
    paths = {"slerp": images(3), "lerp": images(3, seed=1)}
    written, plain = (
        np.asarray(Image.open(io.BytesIO(path_strip(paths, 5, captions=captions)))) for captions in (True, False)
    )
    top, left = written.shape[0] - plain.shape[0], written.shape[1] - plain.shape[1]
    np.testing.assert_array_equal(written[top:, left:], plain)
    heads = np.split(
        written[:top, left : left + 5 * (SIDE + GAP) * FACTOR - GAP * FACTOR], [272, 544, 816, 1088], axis=1
    )
    assert len({head[:, :256].tobytes() for head in heads}) == 5
    beside = written[top:, :left]
    assert not np.array_equal(beside[:256], beside[-256:])


def test_a_gif_of_a_path_of_32_pixels_is_below_a_megabyte() -> None:
    smooth = np.linspace(*np.random.RandomState(0).randint(0, 256, (2, 32, 32, 3)), 101).astype(np.uint8)
    film = path_film({"slerp": smooth, "lerp": smooth[::-1]}, "gif")  # noise: nothing compresses worse
    with Image.open(io.BytesIO(film)) as gif:
        assert gif.info["duration"] * gif.n_frames == 1000 / FRAMES_A_SECOND * 200
    assert len(film) < 1e6


def test_large_images_are_not_enlarged() -> None:
    with Image.open(
        io.BytesIO(path_film({"slerp": images(1).repeat(20, axis=1).repeat(20, axis=2)}, "gif", captions=False))
    ) as gif:
        assert gif.size == (320, 320)


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(GlicoError, match=r"\.png, \.gif or \.mp4, not as \.webm"):
        export_path({"slerp": images(1)}, tmp_path / "path.webm")
    with pytest.raises(GlicoError, match="at least 2 columns"):
        path_strip({"slerp": images(1)}, 1)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GlicoError, match="cannot be written"):
        export_path({"slerp": images(1)}, tmp_path / "file" / "path.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
