"""The stream contract holds for pairs in memory, and finds streams that break it."""

from __future__ import annotations

import asyncio

import pytest

from netloop.stream import Duplex, duplex_pair
from netloop.testing import DUPLEX_RULES, HALF_CLOSE_RULES, check_duplex, check_rule, in_loop

RULES = {rule.__name__: rule for rule in DUPLEX_RULES + HALF_CLOSE_RULES}


async def memory_pair():
    return duplex_pair()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_pair_in_memory_keeps_the_rule(rule):
    in_loop(check_rule)(rule, memory_pair)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_pair_in_memory_keeps_the_rule_inside_asyncio(rule):
    asyncio.run(check_rule(rule, memory_pair))


# --- streams that break it ----------------------------------------------------------------------------------

class Broken(Duplex):
    """One of two linked streams; subclasses break one thing."""

    peer: Broken

    def __init__(self):
        super().__init__(high_water_mark=1000)

    def _write(self, chunk, encoding, callback):
        self.peer.push(chunk)
        self._loop.next_tick(callback, (None,))

    def _read(self, size):
        pass

    def _final(self, callback):
        self.peer.push(None)
        callback(None)


class LosesData(Broken):
    def _write(self, chunk, encoding, callback):
        self.peer.push(chunk[:5000])
        callback(None)


class NeverSaysStop(Broken):
    def _write(self, chunk, encoding, callback):
        self.peer.push(chunk)
        callback(None)


class ForgetsTheEnd(Broken):
    def _final(self, callback):
        callback(None)


class KeepsItsPeerWaiting(Broken):
    """Destroyed, and the other side never hears of it."""


class EndsBothWays(Broken):
    def _final(self, callback):
        self.push(None)
        super()._final(callback)


class StaysReferenced(Broken):
    kept: list[Broken] = []     # noqa: RUF012

    def __init__(self):
        super().__init__()
        self.kept.append(self)


@pytest.mark.parametrize(("kind", "rule"), [
    (LosesData, "much_data_arrives_whole"),
    (NeverSaysStop, "a_reader_that_does_not_read_stops_the_writer"),
    (ForgetsTheEnd, "end_comes_after_the_last_data"),
    (KeepsItsPeerWaiting, "the_peer_hears_of_a_destroy"),
    (EndsBothWays, "the_other_direction_goes_on_after_end"),
    (StaysReferenced, "a_closed_pair_is_forgotten"),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_stream_that_breaks_a_rule_is_found(kind, rule, monkeypatch):
    async def broken_pair():
        a, b = kind(), kind()
        a.peer, b.peer = b, a
        return a, b

    monkeypatch.setitem(check_rule.__globals__, "TIME_LIMIT_S", 0.2)    # some are found by waiting in vain
    with pytest.raises((AssertionError, TimeoutError)) as caught:
        asyncio.run(check_rule(RULES[rule], broken_pair))
    assert any(rule.replace("_", " ") in note for note in caught.value.__notes__)


def test_check_duplex_checks_every_rule():
    made = []

    async def counted_pair():
        made.append(True)
        return duplex_pair()

    in_loop(check_duplex)(counted_pair)
    assert len(made) == len(RULES)
    made.clear()
    in_loop(check_duplex)(counted_pair, half_close=False)
    assert len(made) == len(DUPLEX_RULES)
