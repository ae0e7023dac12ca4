"""Laws of the numbers that keep the picture honest, against scikit-learn's definitions where it has them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness as reference_trustworthiness
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import NearestNeighbors

from glico.latent import structure
from glico.latent.neighbours import nearest_others


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = load_digits(return_X_y=True)
    codes = (pixels - pixels.mean(axis=0))[:700].astype(np.float32)
    return codes / np.linalg.norm(codes, axis=1, keepdims=True), labels[:700].astype(np.int64)


def test_silhouette_is_rousseeuws(digits):
    codes, labels = digits
    result = structure.per_image(codes, labels)["silhouette"]
    np.testing.assert_allclose(result, silhouette_samples(codes, labels, metric="cosine"), atol=1e-4)


def test_purity_is_that_of_brute_force_neighbours(digits):
    codes, labels = digits
    _, index = NearestNeighbors(n_neighbors=6, metric="cosine", algorithm="brute").fit(codes).kneighbors()
    result = structure.per_image(codes, labels, neighbours=6)["purity"]
    np.testing.assert_allclose(result, (labels[index] == labels[:, None]).mean(axis=1), atol=1e-6)
    np.testing.assert_array_equal(np.sort(nearest_others(codes, 6)), np.sort(index))


def test_angles_are_those_of_pairs(digits):
    codes, labels = digits
    angle = np.degrees(np.arccos(np.clip(codes.astype(np.float64) @ codes.T, -1, 1)))
    result = structure.per_image(codes, labels)
    for i in (0, 123, 699):
        same = (labels == labels[i]) & (np.arange(len(labels)) != i)
        assert result["within"][i] == pytest.approx(angle[i, same].mean(), abs=1e-2)
        assert result["between"][i] == pytest.approx(angle[i, labels != labels[i]].mean(), abs=1e-2)


def test_unlabelled_images_have_no_part(digits):
    codes, labels = digits
    some = labels.copy()
    some[350:] = -1
    result, alone = structure.per_image(codes, some), structure.per_image(codes[:350], labels[:350])
    for name in structure.MEASURES:
        np.testing.assert_allclose(result[name], alone[name])


def test_orthogonal_classes_are_perfect():
    codes = np.repeat(np.eye(4, dtype=np.float32), 8, axis=0)
    result = structure.structure(structure.per_image(codes, np.repeat(np.arange(4), 8)))
    values = {name: estimate.value for name, estimate in result.items()}
    assert values == pytest.approx({"silhouette": 1, "purity": 1, "within": 0, "between": 90}, abs=0.05)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3], [-1, -1, -1, -1], [0, 1, -1, -1]])
def test_what_is_undefined_is_nan_and_never_an_error(labels):
    codes = np.eye(4, dtype=np.float32)
    for estimate in structure.structure(structure.per_image(codes, np.array(labels))).values():
        assert np.isnan(estimate.value) or estimate.low <= estimate.value <= estimate.high


def test_interval_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        interval = structure.bootstrap(rng.exponential(size=60), rng, resamples=300)
        hits += interval.low <= 1 <= interval.high
    assert 175 <= hits <= 199  # 95 % of 200, a little less for a skewed mean of 60


def test_difference_is_paired(digits):
    codes, labels = digits
    measured = structure.per_image(codes, labels)
    shifted = {name: values + 1 for name, values in measured.items()}
    for estimate in structure.differences(shifted, measured).values():
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx((1, 1, 1))
    assert structure.structure(measured)["silhouette"].high > structure.structure(measured)["silhouette"].low


def test_of_many_images_a_part_gives_nearly_the_same(digits, monkeypatch):
    codes, labels = digits
    whole = structure.per_image(codes, labels)
    monkeypatch.setattr(structure, "ANCHORS", 300)
    part = structure.per_image(codes, labels)
    assert len(part["purity"]) == 300
    for name in ("silhouette", "purity"):
        assert np.nanmean(part[name]) == pytest.approx(np.nanmean(whole[name]), abs=0.05)


def test_trustworthiness_is_venna_and_kaskis(digits):
    codes, _ = digits
    layout = codes[:, 20:22].copy()
    expected = reference_trustworthiness(codes, layout, n_neighbors=5, metric="cosine")
    assert structure.trustworthiness(codes, layout) == pytest.approx(expected, abs=1e-3)
    assert structure.trustworthiness(codes, codes) == pytest.approx(1, abs=1e-6)
