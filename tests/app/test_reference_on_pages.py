"""The pretrained reference on Classify: on request, on the runs' sample, apart from the methods."""

from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from glico.evaluation.reference import LOGISTIC, NEAREST_MEAN
from glico.places import SHIPPED


def test_classify_shows_the_reference_on_request(finished_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what the reference knows, and its rows are not among those of the methods."""
    pixels = lambda images: torch.from_numpy(images.reshape(len(images), -1).astype(np.float32))  # noqa: E731
    monkeypatch.setattr("glico.models.pretrained.pretrained_features", pixels)
    monkeypatch.setattr("app.results.reference.has_pretrained", lambda: True)
    monkeypatch.setenv("GLICO_RUNS", str(finished_runs))
    app = AppTest.from_file(str(SHIPPED.parent / "app" / "views" / "classify.py"), default_timeout=120).run()
    assert "1.28 million labelled images" in " ".join(each.value for each in app.caption)
    app.toggle(key="classify_reference_on").set_value(True).run()
    methods, scores = (frame.value for frame in app.dataframe[-2:])
    assert scores["reference"].tolist() == [NEAREST_MEAN, LOGISTIC]
    assert not set(scores["reference"]) & set(methods["method"])
    assert all(float(text) > 50 for text in scores["accuracy"])
    assert "599 test images" in app.caption[-1].value
    assert not app.exception
