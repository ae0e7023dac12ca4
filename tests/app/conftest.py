"""Fixtures of the pages' tests."""

import pytest

from glico.runs import timing


@pytest.fixture(autouse=True)
def no_timing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page starts a process that times runs, unless its test is marked ``timed``: every test has a cache of its own,
    so that each page of each test would start one."""
    if request.node.get_closest_marker("timed") is None:
        monkeypatch.setattr(timing, "_start", lambda path, config: None)
