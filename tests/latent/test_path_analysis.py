"""Laws of what is measured along a path: each number against a definition of its own."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from glico.checkpoints.named import name_paths
from glico.config import TrainConfig
from glico.latent.distances import CHUNK, feature_distance, nearest_in_angle, nearest_in_pixels, pixel_distance
from glico.latent.halfway import halfway, off_cross_dissolve, sharpness
from glico.latent.path_analysis import (
    STEP_UNIT,
    TrainingImages,
    analyse_path,
    likeliest_other,
    path_noise,
    remarks,
    training_images,
)
from glico.latent.paths import lerp, slerp
from glico.losses.perceptual import PerceptualLoss
from glico.pixels import to_array, to_uint8
from glico.types import Codes, Floats

DIMENSION, SIDE = 6, 8


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def codes() -> Codes:
    return F.normalize(torch.randn(5, DIMENSION, generator=random(0)), dim=-1).numpy()


@pytest.fixture
def decode():
    """A generator that is affine in the code, so that what happens along a chord is known exactly."""
    matrix = torch.randn(DIMENSION, SIDE * SIDE, generator=random(1)).numpy() * np.float32(0.1)
    return lambda z, noise: (z @ matrix + np.float32(0.5)).reshape(-1, 1, SIDE, SIDE)


@pytest.fixture
def training(codes, decode) -> TrainingImages:
    error = np.array([0.01, 0.02, 0.03, 0.02, 0.03]).reshape(-1, 1, 1, 1)
    originals = to_uint8(decode(codes, None) + error)
    return training_images(originals, codes, np.array([0, 0, 1, 1, 2]), decode)


def analysed(path, codes, decode, training, frames=21, probabilities=None):
    t = np.linspace(0, 1, frames)
    z = path(codes[0], codes[2], t)
    larger = twice_as_large(decode(z, None))
    _, steps = feature_distance(TrainConfig(), SIDE * 2)
    return analyse_path(t, z, larger, enlarged(training), probabilities, steps)


def twice_as_large(images: Floats) -> Floats:
    return images.repeat(2, axis=2).repeat(2, axis=3)


def enlarged(training: TrainingImages) -> TrainingImages:
    images = training.images.repeat(2, axis=1).repeat(2, axis=2)
    return TrainingImages(images, training.codes, training.labels, training.original, training.typical_error)


def test_slerp_keeps_norm_and_lerp_dips_to_cos_half_angle(codes, decode, training) -> None:
    """The arc has norm one; the chord's norm is least in the middle."""
    arc = analysed(slerp, codes, decode, training)
    chord = analysed(lerp, codes, decode, training)
    half = np.arccos(float(codes[0] @ codes[2])) / 2
    np.testing.assert_allclose(arc.norm, 1, atol=1e-6)
    np.testing.assert_allclose(chord.norm[10], np.cos(half), atol=1e-6)
    assert chord.norm.argmin() == 10


def test_affine_generator_has_equal_pixel_steps(codes, decode, training) -> None:
    """Each step is then an equal share of the distance between the ends."""
    ends = pixel_distance(decode(codes[:1], None), decode(codes[2:3], None)).item()
    for frames in (11, 41):
        chord = analysed(lerp, codes, decode, training, frames)
        np.testing.assert_allclose(chord.pixel_step, ends * STEP_UNIT, rtol=1e-3)
        assert chord.feature_step.shape == (frames,)


def test_feature_steps_do_not_depend_on_chunks(codes, decode, training) -> None:
    """The path may be cut into chunks of any size."""
    frames = CHUNK + 7
    arc = analysed(slerp, codes, decode, training, frames)
    _, steps = feature_distance(TrainConfig(), SIDE * 2)
    z = slerp(codes[0], codes[2], np.linspace(0, 1, frames))
    images = twice_as_large(decode(z, None))
    one_by_one = [steps(images[i - 1 : i + 1]).item() for i in range(1, frames)]
    np.testing.assert_allclose(arc.feature_step[1:], np.array(one_by_one) * (frames - 1) * STEP_UNIT, rtol=1e-3)


def test_neighbours_in_pixels_are_those_of_a_search_by_hand() -> None:
    images = np.random.RandomState(0).randint(0, 256, (3 * CHUNK + 5, 16, 16, 3), np.uint8)
    frames = to_array(np.random.RandomState(1).randint(0, 256, (9, 16, 16, 3), np.uint8))
    by_hand = np.stack([pixel_distance(frames, to_array(image[None])) for image in images], axis=1)
    rows, distance = nearest_in_pixels(frames, images)
    np.testing.assert_array_equal(rows, by_hand.argmin(axis=1))
    np.testing.assert_allclose(distance, by_hand.min(axis=1), rtol=1e-4)


def test_a_training_image_is_its_own_nearest_neighbour(codes, training) -> None:
    rows, distance = nearest_in_pixels(to_array(training.images), training.images)
    assert rows.tolist() == list(range(5))
    assert distance.max() < 0.1
    rows, angle = nearest_in_angle(0.3 * codes, codes)  # the length of a code says nothing
    assert rows.tolist() == list(range(5))
    assert angle.max() < 1e-3


def test_angle_on_the_arc_grows_evenly_from_near_end(codes, decode, training) -> None:
    """The nearest image on an arc is its nearer end."""
    arc = analysed(
        slerp, codes[[0, 0, 2, 2, 2]], decode, training_images(None, codes[[0, 2]], np.array([0, 1]), decode)
    )
    whole = np.degrees(np.arccos(float(codes[0] @ codes[2])))
    t = np.linspace(0, 1, 21)
    np.testing.assert_allclose(arc.code_angle, np.minimum(t, 1 - t) * whole, atol=1e-3)


def test_reconstructions_replace_missing_originals(codes, decode) -> None:
    """The analysis says that it compares with reconstructions."""
    drawn = training_images(None, codes, np.zeros(5, int), decode)
    assert not drawn.original
    np.testing.assert_array_equal(drawn.images, to_uint8(decode(codes, None)))


def test_typical_error_is_distance_from_originals(training) -> None:
    """It is measured between reconstructions and originals."""
    assert training.typical_error == pytest.approx(0.02 * 255, abs=0.6)


def test_the_likeliest_other_class_is_neither_end() -> None:
    probabilities = np.array([[0.5, 0.1, 0.3, 0.1], [0.1, 0.2, 0.1, 0.6]], np.float32)
    classes, chance = likeliest_other(probabilities, [0, 3])
    assert classes.tolist() == [2, 1]
    np.testing.assert_allclose(chance, [0.3, 0.2])
    nothing, none = likeliest_other(probabilities[:, :2], [0, 1])
    assert (nothing == -1).all()
    assert (none == 0).all()


def test_frames_of_other_class_or_hardly_new_are_marked(codes, decode, training) -> None:
    """A frame that left its class, or equals an image, is marked."""
    sees = np.repeat([0, 0, 1, 2, 2], 5)[:21]
    arc = analysed(slerp, codes, decode, training, probabilities=np.eye(3, dtype=np.float32)[sees])
    sentences = remarks(arc, training, [0, 1], ("cat", "dog", "<b>bird</b>"))
    left = ["Left its class: the classifier sees <b>bird</b>." in sentence for sentence in sentences]
    assert left == (sees == 2).tolist()
    hardly = ["Hardly new" in sentence for sentence in sentences]
    assert hardly == (arc.pixel_distance <= training.typical_error).tolist()
    assert hardly[0]
    assert not all(hardly)


def test_without_a_classifier_or_originals_nothing_is_claimed(codes, decode) -> None:
    reconstructed = training_images(None, codes, np.array([0, 0, 1, 1, 2]), decode)
    arc = analysed(slerp, codes, decode, reconstructed)
    assert remarks(arc, reconstructed, [0, 1], ("cat", "dog", "bird")) == [""] * 21


def test_steps_are_perceptual_if_weights_are_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    assert feature_distance(TrainConfig(vgg_weights=str(tmp_path / "none.safetensors")), 16)[0] == "Laplacian"
    shapes = {0: (64, 3), 2: (64, 64)}
    state = {f"features.{i}.weight": torch.randn(*s, 3, 3, generator=random(i)) * 0.05 for i, s in shapes.items()}
    state |= {f"features.{i}.bias": torch.zeros(s[0]) for i, s in shapes.items()}
    save_file(state, tmp_path / "vgg.safetensors")
    config = TrainConfig(vgg_weights=str(tmp_path / "vgg.safetensors"))
    assert feature_distance(config, 16)[0] == "Laplacian", "a file that only a checkpoint names is not opened"
    name_paths(config)
    name, steps = feature_distance(config, 16)
    loss = PerceptualLoss(state, 16)
    x = torch.rand(5, 1, 16, 16, generator=random(2))
    assert name == "VGG perceptual"
    np.testing.assert_allclose(steps(x.numpy()), loss(x[1:], loss.targets(x[:-1])), rtol=1e-5)
    assert (steps(x[:1].repeat(3, 1, 1, 1).numpy()) == 0).all()


def test_noise_is_one_draw_many_or_none() -> None:
    """Fixed noise is one draw, resampled noise one for each frame."""
    config = TrainConfig(noise_dimension=7, noise_std=0.15)
    fixed, resampled = path_noise(config, 400, "fixed", 3), path_noise(config, 400, "resampled", 3)
    assert path_noise(config, 400, "off", 3) is None
    assert path_noise(config.model_copy(update={"noise": "none"}), 400, "fixed", 3) is None
    assert fixed is not None
    assert resampled is not None
    assert (fixed == fixed[0]).all()
    assert len(np.unique(resampled, axis=0)) == 400
    assert resampled.std() == pytest.approx(0.15, rel=0.1)
    assert np.array_equal(resampled, path_noise(config, 400, "resampled", 3))


def test_halfway_is_measured_from_the_cross_dissolve() -> None:
    torch.manual_seed(0)
    a, b = torch.rand(2, 3, 1, 4, 4)
    assert off_cross_dissolve(a, (a + b) / 2, b).tolist() == pytest.approx([0] * 3, abs=1e-6)
    assert off_cross_dissolve(a, a, b).tolist() == pytest.approx([0.5] * 3, rel=1e-4)


def test_halfway_images_are_those_between_two_images_of_a_class() -> None:
    codes = torch.eye(4)
    labels = torch.tensor([1, 0, 1, -1])

    def decode(z: torch.Tensor) -> torch.Tensor:
        return z.square()[:, :, None, None].expand(-1, -1, 16, 16)

    middle = 2**-0.5 * (codes[:1] + codes[2:3])  # slerp's length along each end, where the mean of the ends has 0.5
    expected = off_cross_dissolve(decode(codes[:1]), decode(middle), decode(codes[2:3]))
    result = halfway(decode, codes, labels)
    assert result.from_mean == pytest.approx(expected.item(), rel=1e-4)
    assert result.from_nearest == pytest.approx(0.5, rel=0.02)  # of the ends' distance: (1/2, 1/2) from (1, 0)
    assert np.isnan(halfway(decode, codes, torch.tensor([0, 1, 2, -1]))).all()


def test_a_double_exposure_has_less_detail_than_its_ends() -> None:
    a, b = torch.rand(2, 8, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    assert sharpness(a, a, b).mean() == pytest.approx(1, abs=0.05)
    assert sharpness(a, (a + b) / 2, b).mean() == pytest.approx(2**-0.5, abs=0.05)
