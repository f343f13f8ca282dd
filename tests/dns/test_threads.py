"""The threads of the system's resolver."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

import pytest

from netloop.dns.threads import Threads

TIME_LIMIT_S = 10


def wait_until_none_runs(threads: Threads) -> None:
    """They end by themselves, soon after their last call."""
    deadline = threading.Event()
    while threads.running and not deadline.wait(0.001):
        pass


def test_call_runs_in_another_thread() -> None:
    threads = Threads(linger=0)
    idents: SimpleQueue[int] = SimpleQueue()
    threads.call(lambda: idents.put(threading.get_ident()))
    assert idents.get(timeout=TIME_LIMIT_S) != threading.get_ident()
    wait_until_none_runs(threads)


def test_calls_run_side_by_side_up_to_the_limit() -> None:
    threads = Threads(limit=3, linger=0)
    barrier = threading.Barrier(3)
    results: SimpleQueue[int] = SimpleQueue()
    for _ in range(6):
        threads.call(lambda: results.put(barrier.wait(TIME_LIMIT_S)))
    assert sorted(results.get(timeout=TIME_LIMIT_S) for _ in range(6)) == [0, 0, 1, 1, 2, 2]
    assert threads.running <= 3
    wait_until_none_runs(threads)


def test_idle_thread_takes_the_next_call() -> None:
    threads = Threads(linger=0.05)
    idents: SimpleQueue[int] = SimpleQueue()
    threads.call(lambda: idents.put(threading.get_ident()))
    first = idents.get(timeout=TIME_LIMIT_S)
    while threads.idle == 0:
        pass
    threads.call(lambda: idents.put(threading.get_ident()))
    assert (idents.get(timeout=TIME_LIMIT_S), threads.running) == (first, 1)
    wait_until_none_runs(threads)


def test_every_call_runs_once() -> None:
    threads = Threads(limit=4, linger=0)
    results: SimpleQueue[int] = SimpleQueue()
    for number in range(2000):
        threads.call(lambda number=number: results.put(number))  # type: ignore[misc]
    assert sorted(results.get(timeout=TIME_LIMIT_S) for _ in range(2000)) == list(range(2000))
    wait_until_none_runs(threads)


def test_program_out_of_threads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    threads = Threads(linger=0)
    with monkeypatch.context() as patch:
        patch.setattr("netloop.dns.threads.start_new_thread", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            threads.call(lambda: None)
    results: SimpleQueue[int] = SimpleQueue()
    threads.call(lambda: results.put(1))
    assert results.get(timeout=TIME_LIMIT_S) == 1
    wait_until_none_runs(threads)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_of_a_fork_begins_with_threads_of_its_own() -> None:
    """The parent's are not there, although it counts them: with as many as the limit, no call would ever run."""
    from netloop.dns.threads import threads

    release = threading.Event()
    for _ in range(32):
        threads.call(lambda: release.wait(TIME_LIMIT_S))
    child = os.fork()
    if child == 0:
        results: SimpleQueue[int] = SimpleQueue()
        threads.call(lambda: results.put(7))
        os._exit(results.get(timeout=TIME_LIMIT_S))
    release.set()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
