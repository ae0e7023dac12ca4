"""The command that scores a pretrained network on the same small samples."""

import json

import numpy as np
import pytest
import torch

from glico.cli.main import main
from glico.evaluation import reference


def test_reference_scores_every_seed_and_says_what_it_knows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With features that tell digits apart, both rows beat chance by far; the caution is always there."""
    pixels = lambda images: torch.from_numpy(images.reshape(len(images), -1).astype(np.float32))  # noqa: E731
    monkeypatch.setattr("glico.models.pretrained.pretrained_features", pixels)
    assert main(["reference", "digits", "--seeds", "0", "1", "--most", "100", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["tested"] == 100
    assert [row["method"] for row in data["references"]] == [reference.NEAREST_MEAN, reference.LOGISTIC]
    assert all(len(row["accuracies"]) == 2 and row["mean"] > 0.5 for row in data["references"])
    assert "does not hold" in data["caution"]


def test_reference_refuses_no_test_image() -> None:
    assert main(["reference", "digits", "--most", "0"]) == 2
