"""TLS keeps the stream contract: over TCP, from either end, over UNIX sockets, in memory, and over TLS."""

from __future__ import annotations

import pytest

from netloop.testing import DUPLEX_RULES, HALF_CLOSE_RULES, check_rule

MUCH_DATA = ("much_", "one_chunk_larger_")
RULES = [pytest.param(rule, id=rule.__name__, marks=[pytest.mark.slow] if rule.__name__.startswith(MUCH_DATA) else [])
         for rule in DUPLEX_RULES + HALF_CLOSE_RULES]
HALF_OPEN = {"allow_half_open": True}


def tcp(pair, memory_pair, over, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN)


def tcp_from_the_accepted_end(pair, memory_pair, over, tmp_path):
    async def make_pair():
        client, accepted = await pair(**HALF_OPEN, server=HALF_OPEN)
        return accepted, client

    return make_pair


def tls_1_2(pair, memory_pair, over, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN | {"max_version": "TLSv1.2"})


def unix(pair, memory_pair, over, tmp_path):
    return lambda: pair(**HALF_OPEN, server=HALF_OPEN, path=tmp_path / "socket")


def memory(pair, memory_pair, over, tmp_path):
    return memory_pair


def tls_over_tls(pair, memory_pair, over, tmp_path):
    async def make_pair():
        client, server = over(*await memory_pair())
        return await client, await server

    return make_pair


KINDS = [tcp, tcp_from_the_accepted_end, tls_1_2, unix, memory, tls_over_tls]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("rule", RULES)
async def test_tls_keeps_the_rule(rule, kind, pair, memory_pair, over, tmp_path):
    await check_rule(rule, kind(pair, memory_pair, over, tmp_path))
