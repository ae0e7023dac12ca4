"""Two apps on one folder of runs: both know every run, one executes it, and either stops it."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest
from holding import Barrier, until

from benchmarks.browser import serving
from benchmarks.sessions import Session, run_visits
from glico.config import TrainConfig
from glico.runs.folder import RunFolder
from glico.runs.launch import stop

LONG = TrainConfig(samples_per_class=2, dimension=8, generator_width=4, steps=60, snapshots=0, device="cpu")


@pytest.mark.slow
def test_run_started_in_two_apps_executes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is started in two apps at once is executed once, seen in both and stopped by either."""
    folders = {"GLICO_RUNS": str(tmp_path / "runs"), "GLICO_CACHE": str(tmp_path / "cache")}
    for name, value in folders.items():
        monkeypatch.setenv(name, value)
    Barrier(tmp_path, monkeypatch)  # the run waits after its first step
    run = RunFolder.create(LONG)

    async def press(sessions: list[Session], *buttons: str) -> None:
        """Open the run's page in all sessions, then click a button in each, at the same time."""
        await asyncio.gather(*(session.open("train", "train", run=run.id) for session in sessions))
        await asyncio.gather(
            *(session.press(button, button) for session, button in zip(sessions, buttons, strict=False))
        )

    async def visit(addresses: list[str]) -> None:
        async with Session(addresses[0]) as one, Session(addresses[1]) as other:
            await press([one, other], "Start again", "Start again")
            await asyncio.to_thread(until, lambda: run.state.step > 0)
            began = run.state
            one.buttons.clear(), other.buttons.clear()
            await press([one, other])
            assert "Cancel" in one.buttons
            assert "Cancel" in other.buttons
            await press([other], "Cancel")
            await asyncio.to_thread(until, lambda: not run.state.alive)
            assert (run.state.status, run.state.pid) == ("cancelled", began.pid)
            for session in (one, other):
                session.buttons.clear()
                await press([session])
                assert f"Resume from step {run.state.step}" in session.buttons

    try:
        with ExitStack() as open_apps:
            addresses = [open_apps.enter_context(serving(tmp_path / f"log{i}")) for i in range(2)]
            run_visits(visit(addresses))
    finally:
        stop([run])
    steps = [record["step"] for record in run.metrics()]
    assert steps == sorted(set(steps)), "two processes wrote them"
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 1
