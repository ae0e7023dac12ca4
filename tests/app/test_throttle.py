"""The throttle: a few scripts run at once, a slot is re-entrant, and no script waits for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Thread

import pytest
from holding import until

from app.session import throttle


@contextmanager
def all_slots_held() -> Iterator[None]:
    """Inside, AT_ONCE other threads hold a slot each."""
    together, done = Barrier(throttle.AT_ONCE + 1), Event()

    def hold() -> None:
        with throttle.throttled(), throttle.throttled():  # a fragment within a page
            together.wait(300)
            done.wait(300)

    threads = [Thread(target=hold) for _ in range(throttle.AT_ONCE)]
    for thread in threads:
        thread.start()
    together.wait(300)
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(300)


def wait_for_a_slot() -> tuple[Thread, Event]:
    """A thread that wants a slot, and the event that tells that it has one."""
    running = Event()

    def run() -> None:
        with throttle.throttled():
            running.set()

    thread = Thread(target=run)
    thread.start()
    return thread, running


def test_another_script_waits_until_a_slot_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """AT_ONCE scripts run together; one more runs when one of them ends."""
    monkeypatch.setattr(throttle, "TIMEOUT", 300.0)
    with all_slots_held():
        thread, running = wait_for_a_slot()
        until(lambda: throttle._free._cond._waiters)  # it is at the queue
        assert not running.is_set()
    assert running.wait(300)
    thread.join(300)


def test_a_script_runs_after_the_timeout_and_returns_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that has waited TIMEOUT runs anyway. It had no slot, so it frees none, also when it fails."""
    with monkeypatch.context() as patch:
        patch.setattr(throttle, "TIMEOUT", 0.05)
        with all_slots_held(), pytest.raises(ZeroDivisionError), throttle.throttled():
            raise ZeroDivisionError
    monkeypatch.setattr(throttle, "TIMEOUT", 300.0)
    with all_slots_held():
        thread, running = wait_for_a_slot()
        until(lambda: throttle._free._cond._waiters)
        assert not running.is_set(), "there are AT_ONCE slots again, no more"
    thread.join(300)
