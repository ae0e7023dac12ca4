"""The values that tell unseen images apart: seen or not, right or wrong in a classifier run."""

import base64
from pathlib import Path

import numpy as np
import pytest

from app.latent_map import predictions
from glico.checkpoints.latent_space import LatentSpace
from glico.config import ProjectConfig
from glico.latent.encoded import Generalisation
from glico.places import SHIPPED
from glico.runs.projecting import compute
from glico.runs.unseen import OnSphere, UnseenCodes
from glico.web.latent_map.scene import Scene, Side

SIDE = Side("digits-glico", "digits", SHIPPED / "digits-glico.safetensors")


def scene(maps: int) -> Scene:
    space = LatentSpace.load(SIDE.path)
    config = ProjectConfig(method="pca")
    return Scene((SIDE,) * maps, (space,) * maps, compute([space.codes] * maps, config), config, "pca")


def predictions_for(split: str = "test", rows=(5, 2, 9), labels=(1, 0, 2)) -> UnseenCodes:
    sphere = OnSphere(*(np.zeros((len(rows), 1)) for _ in range(4)), scores=Generalisation(1, 1, 0, 0))
    names = tuple(f"test image {row}" for row in rows)
    return UnseenCodes(names, split, np.array(rows), np.array(labels), (sphere,))


def saved_predictions(**changes) -> dict:
    logits = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]] * 20
    made = {
        "labels": np.array([0, 2, 1, 1]),
        "logits": logits,
        "indices": np.array([2, 7, 5, 8]),
        "part": np.array("test"),
    }
    return made | changes


def numbers(text: str) -> list[float]:
    return np.frombuffer(base64.b64decode(text), "<f4").tolist()


def test_predictions_match_images_by_index_in_the_dataset() -> None:
    """An image is right, wrong or not scored by its index in the data set."""
    run_predictions = predictions.predictions_of(saved_predictions(), predictions_for(), "standard · seed 0")
    assert run_predictions is not None
    assert run_predictions.classes.tolist() == [2, 0, -1]  # of rows 5, 2 and 9
    assert run_predictions.right.tolist() == [False, True, False]
    assert run_predictions.scored.tolist() == [True, True, False]
    assert run_predictions.notes(["cat", "dog", "ship"]) == [
        "wrong in standard · seed 0: predicted ship (100 %)",
        "right in standard · seed 0: predicted cat (100 %)",
        "",
    ]


@pytest.mark.parametrize(
    "other",
    [
        saved_predictions(part=np.array("train")),
        saved_predictions(indices=np.array([20, 21, 22, 23])),
        saved_predictions(labels=np.array([1, 2, 1, 1])),  # another data set of this name
    ],
)
def test_a_run_that_was_scored_on_other_images_is_not_offered(other: dict) -> None:
    assert predictions.predictions_of(other, predictions_for(), "run") is None


def test_colours_of_unseen_images_need_them_and_a_run() -> None:
    """Without unseen images, or without a run, there is no such colour."""
    assert predictions.values(scene(1), None, None, 0, "seen") == []
    assert [each["name"] for each in predictions.values(scene(1), predictions_for(), None, 0, "seen")] == ["seen"]
    run_predictions = predictions.predictions_of(saved_predictions(), predictions_for(), "run 1")
    seen, right = predictions.values(
        scene(2), predictions_for(), run_predictions, 1, "right"
    )  # one photograph before them
    assert seen["maps"] == []  # its numbers are given when it is asked for
    assert right["title"] == "right or wrong in run 1"
    kinds = [kind["name"] for kind in right["categories"]]
    assert kinds == ["right", "wrong", "trained on, or not scored"]
    photograph, *of = numbers(right["extras"])
    assert np.isnan(photograph)
    assert [kinds[int(number)] for number in of] == ["wrong", "right", "trained on, or not scored"]
    assert len(right["maps"]) == 2
    assert set(numbers(right["maps"][0])) == {2}


def test_runs_on_the_same_dataset_are_offered_newest_first(
    finished_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLICO_RUNS", str(finished_runs))
    titles = [title for _, title in predictions.candidates(SIDE)]
    assert sorted(titles) == [
        f"{method} · small-cnn · seed {seed}" for method in ("glico", "standard") for seed in "01"
    ]
    cifar = Side("cifar10-glico", "cifar10", SHIPPED / "cifar10-glico.safetensors")
    assert predictions.candidates(cifar) == []
