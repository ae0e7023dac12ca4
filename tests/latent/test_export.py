"""Laws of exported paths: every frame is in the file, in order, its pixels enlarged and not blurred."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from glico.errors import GlicoError
from glico.latent.export import FRAMES_A_SECOND, GAP, enlarged, export_path, path_film, path_strip

FRAMES, SIDE = 9, 16
FACTOR = 256 // SIDE


def images(channels: int, seed: int = 0) -> np.ndarray:
    """Frames that are all different: blocks of noise with few colours, as GIF has 256."""
    values = np.random.RandomState(seed).choice([0, 60, 120, 180, 240], (FRAMES, 4, 4, channels))
    return values.astype(np.uint8).repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2)


def arrays(picture: Image.Image, channels: int) -> list[np.ndarray]:
    mode = "L" if channels == 1 else "RGB"
    return [np.asarray(f.convert(mode)).reshape(*f.size[::-1], channels) for f in ImageSequence.Iterator(picture)]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_goes_there_and_back_frame_by_frame_at_its_pace(tmp_path: Path, channels: int) -> None:
    path = images(channels)
    with Image.open(export_path([path], tmp_path / "new" / "path.gif")) as gif:
        frames = arrays(gif, channels)
        assert gif.info["duration"] == 1000 // FRAMES_A_SECOND
        assert gif.info["loop"] == 0
    expected = enlarged(np.concatenate([path, path[-2:0:-1]]), FACTOR)
    np.testing.assert_array_equal(frames, expected)


def test_a_gif_that_does_not_come_back_ends_at_b() -> None:
    with Image.open(io.BytesIO(path_film([images(1)], "gif", there_and_back=False))) as gif:
        np.testing.assert_array_equal(arrays(gif, 1), enlarged(images(1), FACTOR))


@pytest.mark.parametrize("channels", [1, 3])
def test_an_mp4_holds_every_frame_close_to_what_was_drawn(tmp_path: Path, channels: int) -> None:
    path = images(channels)
    output = export_path([path], tmp_path / "path.mp4", there_and_back=False)
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
    with av.open(io.BytesIO(path_film([path, path], "mp4"))) as film:
        context = film.streams.video[0].codec_context
        assert (context.width, context.height) == (256, (2 * 15 + GAP) * FACTOR)
        assert sum(1 for _ in film.decode(video=0)) == 2 * FRAMES - 2
    with av.open(io.BytesIO(path_film([images(3).repeat(17, axis=1)[:, :257, :257]], "mp4"))) as film:
        assert film.streams.video[0].codec_context.height % 2 == 0


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_has_both_ends_and_evenly_spaced_frames_between(tmp_path: Path, channels: int) -> None:
    above, below = images(channels), images(channels, seed=1)
    with Image.open(export_path([above, below], tmp_path / "strip.PNG", columns=5)) as strip:
        (pixels,) = arrays(strip, channels)
    cell = (SIDE + GAP) * FACTOR
    for row, path in enumerate((above, below)):
        for column, frame in enumerate((0, 2, 4, 6, 8)):
            part = pixels[row * cell :, column * cell :][: SIDE * FACTOR, : SIDE * FACTOR]
            np.testing.assert_array_equal(part, enlarged(path[frame : frame + 1], FACTOR)[0])
    assert pixels.shape == (2 * cell - GAP * FACTOR, 5 * cell - GAP * FACTOR, channels)


def test_large_images_are_not_enlarged() -> None:
    with Image.open(io.BytesIO(path_film([images(1).repeat(20, axis=1).repeat(20, axis=2)], "gif"))) as gif:
        assert gif.size == (320, 320)


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(GlicoError, match=r"\.png, \.gif or \.mp4, not as \.webm"):
        export_path([images(1)], tmp_path / "path.webm")
    with pytest.raises(GlicoError, match="at least 2 columns"):
        path_strip([images(1)], 1)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GlicoError, match="cannot be written"):
        export_path([images(1)], tmp_path / "file" / "path.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
