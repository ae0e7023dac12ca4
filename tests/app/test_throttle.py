"""Pages take turns: so many at once, a turn within a turn is the same one, and nobody waits for ever."""

from threading import Barrier, Event, Thread

import pytest

from app.session import throttle


def test_so_many_work_at_once_and_the_next_goes_on_when_one_is_done() -> None:
    together, done, late = Barrier(throttle.AT_ONCE + 1), Event(), Event()

    def works() -> None:
        with throttle.turn(), throttle.turn():  # a fragment within a page
            together.wait(10)
            done.wait(10)

    def comes_late() -> None:
        with throttle.turn():
            late.set()

    threads = [Thread(target=works) for _ in range(throttle.AT_ONCE)]
    for thread in threads:
        thread.start()
    together.wait(10)  # all have a turn
    last = Thread(target=comes_late)
    last.start()
    assert not late.wait(0.3)
    done.set()
    assert late.wait(10)
    for thread in [*threads, last]:
        thread.join(10)


def test_who_has_waited_goes_ahead_and_a_failure_gives_the_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PATIENCE", 0.05)
    held, done = Barrier(throttle.AT_ONCE + 1), Event()

    def works() -> None:
        with throttle.turn():
            held.wait(10)
            done.wait(10)

    threads = [Thread(target=works) for _ in range(throttle.AT_ONCE)]
    for thread in threads:
        thread.start()
    held.wait(10)
    with pytest.raises(ZeroDivisionError), throttle.turn():  # nobody is done
        raise ZeroDivisionError
    done.set()
    for thread in threads:
        thread.join(10)
    taken = [throttle._free.acquire(blocking=False) for _ in range(throttle.AT_ONCE + 1)]
    for _ in range(sum(taken)):
        throttle._free.release()
    assert taken == [True] * throttle.AT_ONCE + [False], "every turn was given back, once"
