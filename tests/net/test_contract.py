"""Sockets keep the stream contract: over TCP, from either end, and over UNIX sockets, by path and by abstract name."""

from __future__ import annotations

import os
import sys

import pytest

from netloop.testing import DUPLEX_RULES, HALF_CLOSE_RULES, check_rule

MUCH_DATA = ("much_", "one_chunk_larger_")
RULES = [pytest.param(rule, id=rule.__name__, marks=[pytest.mark.slow] if rule.__name__.startswith(MUCH_DATA) else [])
         for rule in DUPLEX_RULES + HALF_CLOSE_RULES]
HALF_OPEN = {"allow_half_open": True}


def tcp(pair, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN)


def tcp_from_the_accepted_end(pair, tmp_path):
    async def make_pair():
        client, accepted = await pair(**HALF_OPEN, server=HALF_OPEN)
        return accepted, client

    return make_pair


def unix(pair, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN, path=tmp_path / "socket")


def abstract_unix(pair, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN, path=f"\0netloop-contract-{os.getpid()}")


KINDS = [tcp, tcp_from_the_accepted_end, unix] + ([abstract_unix] if sys.platform == "linux" else [])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("rule", RULES)
async def test_a_socket_keeps_the_rule(rule, kind, pair, tmp_path):
    await check_rule(rule, kind(pair, tmp_path))
