"""The estimator: scikit-learn's conventions, the same numbers for the same seed, and files that hold a whole model."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from api_models import TINY, Squares, fitted, tiny
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

import glico
from glico.api.estimator import GLICO
from glico.config.data import IN_MEMORY
from glico.latent.measured import PathRequest, path_frames
from glico.latent.morphs import path_source
from glico.pixels import to_uint8


def test_parameters_round_trip_and_clone_is_unfitted(model: GLICO) -> None:
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy.get_params()["steps"] == 4
    assert copy.set_params(steps=7, gamma=0.5).get_params() == model.get_params() | {"steps": 7, "gamma": 0.5}
    assert not hasattr(copy, "codes_")
    check_is_fitted(model)
    with pytest.raises(NotFittedError):
        check_is_fitted(copy)


def test_defaults_are_those_of_the_configuration() -> None:
    config = glico.TrainConfig()
    for name, value in GLICO().get_params().items():
        if name not in ("samples_per_class", "verbose", "options"):
            assert value == getattr(config, name), name


def test_same_seed_gives_same_model_whatever_happened_before(model: GLICO, squares: Squares) -> None:
    """The codes, the generated images and the process's own random numbers do not depend on one another."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = fitted(*squares)
    assert torch.equal(torch.rand(3), expected)
    assert torch.are_deterministic_algorithms_enabled() == deterministic
    assert np.array_equal(again.codes_, model.codes_)
    assert np.array_equal(again.sample(per_class=2).images, model.sample(per_class=2).images)
    assert not np.array_equal(fitted(*squares, seed=1).codes_, model.codes_)


def test_refit_forgets_the_first_fit(squares: Squares, model: GLICO) -> None:
    again = fitted(squares.images[:8], np.array(list("abababab")))
    assert again.classes_.tolist() == ["a", "b"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again.fit(*squares)
    assert np.array_equal(again.codes_, model.codes_)
    assert again.classes_.tolist() == [0, 1, 2]


def test_failed_fit_keeps_the_model(squares: Squares) -> None:
    model = fitted(*squares)
    before = model.codes_
    with pytest.raises(glico.GlicoError):
        model.fit(squares.images, squares.labels[:3])
    assert model.codes_ is before


def test_fitted_attributes_have_documented_shapes(model: GLICO, squares: Squares) -> None:
    assert model.codes_.shape == (12, 8)
    assert np.allclose(np.linalg.norm(model.codes_, axis=1), 1, atol=1e-5)
    assert model.image_shape_ == (16, 16, 1)
    assert np.array_equal(model.images_, squares.images)
    assert np.array_equal(model.labels_, squares.labels)
    assert model.indices_.tolist() == list(range(12))
    assert model.history_[-1]["step"] == 4
    assert model.config_.dataset == IN_MEMORY
    assert {name for name in vars(model) if name.endswith("_")} == {
        "checkpoint_",
        "config_",
        "codes_",
        "classes_",
        "labels_",
        "images_",
        "indices_",
        "image_shape_",
        "summary_",
        "history_",
    }


@pytest.mark.parametrize("names", [["b", "a", "c"], [7, -1, 30], [True, False]])
def test_labels_are_those_that_were_given(names: list[object], squares: Squares, tmp_path: Path) -> None:
    """Texts, gaps, negative numbers and booleans come back as they were, from a file too."""
    labels = np.array(names)[squares.labels % len(names)]
    model = fitted(squares.images, labels)
    model.save(tmp_path / "model.safetensors")
    for each in (model, glico.load(tmp_path / "model.safetensors")):
        assert each.classes_.tolist() == sorted(set(labels.tolist()))
        assert np.array_equal(each.labels_, labels[each.indices_])
        assert each.labels_.dtype.kind == labels.dtype.kind
        assert each.sample(per_class=1).labels.tolist() == each.classes_.tolist()


def test_load_gives_the_saved_model(model: GLICO, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = glico.load(path)
    assert loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.codes_, model.codes_)
    assert np.array_equal(loaded.interpolate(0, 3, t=0.3), model.interpolate(0, 3, t=0.3))
    with pytest.raises(glico.GlicoError, match="fitted on arrays in memory"):
        glico.classify(loaded)


@pytest.mark.parametrize("call", ["transform", "encode", "inverse_transform", "interpolate", "sample", "save"])
def test_unfitted_model_says_so(call: str, tmp_path: Path, squares: Squares) -> None:
    arguments = {"interpolate": (0, 1), "sample": (1,), "save": (tmp_path / "x.safetensors",)}
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(tiny(), call)(*arguments.get(call, (squares.images,)))
    assert not list(tmp_path.iterdir())


def test_measures_of_an_unfitted_model_say_so() -> None:
    for measure in (glico.structure, glico.project, glico.classify, glico.LatentAugment, glico.ClassMix):
        with pytest.raises(NotFittedError):
            measure(tiny())  # type: ignore[operator]


def test_interpolation_ends_at_the_reconstructions(model: GLICO) -> None:
    reconstructions = model.inverse_transform(model.codes_)
    frames = model.interpolate(0, 5, t=np.linspace(0, 1, 5))
    assert frames.shape == (5, 16, 16, 1)
    assert frames.dtype == np.uint8
    assert np.array_equal(frames[[0, -1]], reconstructions[[0, 5]])
    assert np.array_equal(frames, model.interpolate(model.codes_[0], model.codes_[5], t=np.linspace(0, 1, 5)))
    assert model.interpolate(0, 5).shape == (16, 16, 1)
    assert model.interpolate(0, 5, t=np.zeros((2, 3)), path="lerp").shape == (2, 3, 16, 16, 1)


def test_morph_of_two_images_is_the_one_of_every_other_place(model: GLICO) -> None:
    """It ends at the reconstructions, and its frames are those that the page and the command line draw."""
    row, other = np.flatnonzero(model.labels_ == model.labels_[0])[:2].tolist()
    frames = model.interpolate(row, other, t=np.linspace(0, 1, 5), path="morph")
    reconstructions = model.inverse_transform(model.codes_)
    ends = np.abs(frames[[0, -1]].astype(int) - reconstructions[[row, other]])
    assert ends.max() <= 1, "onnxruntime draws them"
    source = path_source(model.checkpoint_.opened)
    _, drawn = path_frames(source, PathRequest((row, other), 5), "morph", np.linspace(0, 1, 5))
    assert np.array_equal(frames, to_uint8(torch.from_numpy(drawn)))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"start": 12}, "start is 12: give the row of a training image, 0 to 11"),
        ({"start": -1}, "start is -1"),
        ({"start": 0.5}, "start is 0.5"),
        ({"end": np.zeros(7)}, r"end have type float64 and shape \(7,\)"),
        ({"end": np.full(8, np.nan)}, "end are not all finite"),
        ({"t": [0, 1.5]}, "t must lie between 0 and 1"),
        ({"t": np.nan}, "t must lie between 0 and 1"),
        ({"path": "magic"}, "There is no path 'magic': choose slerp, lerp or morph"),
        (
            {"start": np.full(8, 0.1), "path": "morph"},
            "start is an array: give the row of a training image, 0 to 11, since a morph",
        ),
        ({"end": 12, "path": "morph"}, "end is 12: give the row of a training image, 0 to 11, since a morph joins two"),
    ],
)
def test_wrong_ends_are_one_sentence(arguments: dict[str, object], sentence: str, model: GLICO) -> None:
    with pytest.raises(glico.GlicoError, match=sentence):
        model.interpolate(**{"start": 0, "end": 1} | arguments)  # type: ignore[arg-type]


def test_encoding_of_training_images_has_small_errors(model: GLICO, squares: Squares) -> None:
    encoding = model.encode(squares.images[:3], steps=12)
    assert len(encoding) == 3
    assert encoding.codes.shape == (3, 8)
    assert encoding.reconstructions.shape == (3, 16, 16, 1)
    assert encoding.errors.shape == encoding.residuals.shape == encoding.percentiles.shape == (3,)
    assert encoding.out_of_range.dtype == bool
    assert encoding.probabilities is not None
    assert np.allclose(encoding.probabilities.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(encoding.codes, model.encode(squares.images[:3], steps=12).codes)
    assert "3 images" in repr(encoding)


def test_photographs_are_prepared_as_training_images(model: GLICO, squares: Squares, tmp_path: Path) -> None:
    """Files, a folder of them and an array give the same codes; colours and sizes are brought to the model's."""
    Image.fromarray(squares.images[0, ..., 0]).save(tmp_path / "a.png")
    Image.fromarray(np.repeat(squares.images[1], 3, axis=2)).save(tmp_path / "b.png")
    expected = model.encode(squares.images[:2], steps=3).codes
    assert np.array_equal(model.encode(tmp_path, steps=3).codes, expected)
    assert np.array_equal(model.encode([tmp_path / "a.png", str(tmp_path / "b.png")], steps=3).codes, expected)
    assert np.array_equal(model.encode(squares.images[:2, ..., 0], steps=3).codes, expected)
    large = squares.images[:2].repeat(2, axis=1).repeat(2, axis=2)
    assert model.encode(large, steps=3).codes.shape == (2, 8)
    with pytest.raises(glico.GlicoError, match="There is no image at"):
        model.transform(tmp_path / "c.png")


def test_model_of_a_folder_knows_its_test_images(squares: Squares, tmp_path: Path) -> None:
    """A model that was fitted here opens its folder again; a loaded one is told where it is."""
    for i, (image, label) in enumerate(zip(squares.images.repeat(2, axis=0), squares.labels.repeat(2), strict=True)):
        (tmp_path / "data" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / "data" / str(label) / f"{i}.png")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = tiny(resolution=16).fit(folder=tmp_path / "data")
    result = glico.classify(model, augmentation="none", steps=1)
    model.save(tmp_path / "model.safetensors")
    loaded = glico.load(tmp_path / "model.safetensors")
    again = glico.classify(loaded, augmentation="none", steps=1, options={"dataset": str(tmp_path / "data")})
    assert again.accuracies.tolist() == result.accuracies.tolist()


def test_small_sample_of_arrays_knows_its_places(squares: Squares) -> None:
    """All images stay in their order whatever the seed; of a sample, indices_ says where its images are."""
    assert np.array_equal(fitted(*squares, seed=3).images_, squares.images)
    model = fitted(*squares, samples_per_class=2, seed=3)
    assert len(model.codes_) == 6
    assert np.array_equal(model.images_, squares.images[model.indices_])
    assert np.array_equal(model.labels_, squares.labels[model.indices_])


def test_fit_folder_learns_from_a_data_set() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = tiny(samples_per_class=2).fit(folder="digits")
    assert model.codes_.shape == (20, 8)
    assert model.classes_.tolist() == [str(digit) for digit in range(10)]
    assert model.config_.dataset == "digits"
    sample = glico.small_sample(glico.load_dataset("digits"), 2, 0)
    assert np.array_equal(model.images_, sample.images)


def test_progress_ends_at_one_and_nothing_is_written(
    squares: Squares, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fractions: list[float] = []
    with pytest.warns(UserWarning, match="collapsed"):
        tiny().fit(*squares, progress=lambda fraction, stage: fractions.append(fraction))
    assert fractions == [0.25, 0.5, 0.75, 1.0]
    assert not list(tmp_path.iterdir())


def test_sample_respects_seed_count_and_confidence(model: GLICO) -> None:
    images, labels = model.sample(per_class=3, seed=1)
    assert images.shape == (9, 16, 16, 1)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert not np.array_equal(images, model.sample(per_class=3, seed=2).images)
    assert len(model.sample(per_class=3, confidence=1.0).images) < 9
    assert model.sample(per_class=1, detail=True).images.shape == (3, 16, 16, 1)
    with pytest.raises(glico.GlicoError, match="per_class must be 1 or more"):
        model.sample(per_class=0)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"steps": 0}, "steps: must be at least 1, not 0"),
        ({"objective": "gan"}, "objective: "),
        ({"options": {"steps": 3}}, "steps is an argument of GLICO"),
        ({"options": {"stepz": 3}}, "There is no option 'stepz'"),
        ({"resolution": 33}, "resolution: "),
        ({"device": "gpu"}, "device: "),
        ({"samples_per_class": 5}, "too few training images"),
    ],
)
def test_wrong_parameters_are_one_sentence(parameters: dict[str, object], sentence: str, squares: Squares) -> None:
    with pytest.raises(glico.GlicoError, match=sentence):
        tiny(**parameters).fit(*squares)


def test_options_reach_the_configuration(squares: Squares) -> None:
    model = fitted(*squares, objective="glo", options=TINY | {"store_images": False})
    assert model.config_.generator_width == 4
    assert model.images_ is None
    with pytest.raises(glico.GlicoError, match="has no weak classifier"):
        model.sample(per_class=1, confidence=0.5)


@pytest.mark.parametrize("size", [(20, 20), (8, 12), (100, 80)])
def test_images_of_any_size_become_squares(size: tuple[int, int], squares: Squares) -> None:
    images = np.resize(squares.images, (12, *size, 3))
    model = fitted(images, squares.labels)
    side = {20: 32, 8: 16, 80: 64}[min(size)]
    assert model.image_shape_ == (side, side, 3)
    assert model.transform(images[:1]).shape == (1, 8)


def test_classify_scores_given_test_images(model: GLICO, squares: Squares) -> None:
    progress: list[float] = []
    result = glico.classify(
        model, squares, augmentation="class-mix", steps=3, seeds=[0, 1, 2], progress=lambda f, _: progress.append(f)
    )
    assert result.accuracies.shape == (3,)
    assert result.accuracy == pytest.approx(result.accuracies.mean())
    assert result.per_class.shape == (3,)
    assert result.test_images == 12
    assert progress[-1] == 1.0
    difference = result.difference(result)
    assert (difference.mean, difference.count) == (0, 3)
    assert "class-mix: " in str(result)
    with pytest.raises(glico.GlicoError, match="Cannot compare: the seeds are"):
        result.difference(glico.classify(model, squares, augmentation="none", steps=1, seeds=[0]))
    with pytest.raises(glico.GlicoError, match="test labels hold 9, which is no class of the model"):
        glico.classify(model, (squares.images, np.full(12, 9)), steps=1)


def test_classify_of_arrays_equals_that_of_the_data_set() -> None:
    """The scores do not depend on whether the test images come from the data set or as arrays."""
    data = glico.load_dataset("digits")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = tiny(samples_per_class=2).fit(folder="digits")
    known = glico.classify(model, augmentation="none", steps=2)
    names = np.array(data.class_names)
    given = glico.classify(model, (data.test_images, names[data.test_labels]), augmentation="none", steps=2)
    assert known.accuracies.tolist() == given.accuracies.tolist()


def test_structure_and_projection_follow_the_codes(model: GLICO) -> None:
    scores = glico.structure(model)
    assert scores.purity.low <= scores.purity.value <= scores.purity.high
    assert str(scores).count("\n") == 3
    assert glico.structure(model.checkpoint_) == scores
    layout = glico.project(model, method="pca", components=3)
    assert layout.shape == (12, 3)
    assert np.allclose(layout.mean(axis=0), 0, atol=1e-5)
    with pytest.raises(glico.GlicoError, match="method"):
        glico.project(model, method="magic")  # type: ignore[arg-type]
