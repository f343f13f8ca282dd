"""Sockets keep the stream contract, over TCP and UNIX sockets, from either end and on either kind of loop."""

from __future__ import annotations

import asyncio

import pytest

from netloop import net
from netloop.testing import DUPLEX_RULES, HALF_CLOSE_RULES, check_rule, in_loop

RULES = {rule.__name__: rule for rule in DUPLEX_RULES + HALF_CLOSE_RULES}


async def connected(**where):
    """Both ends of a new connection: the one that connected, the one that was accepted."""
    accepted = asyncio.get_running_loop().create_future()
    server = await net.listen(accepted.set_result, allow_half_open=True, **where)
    address = server.address()
    where = {"path": address} if isinstance(address, str) else {"host": "127.0.0.1", "port": address.port}
    client = await net.connect(allow_half_open=True, **where)
    ends = client, await accepted
    server.close()
    return ends


async def over_tcp():
    return await connected(host="127.0.0.1", port=0)


async def from_the_accepted_end():
    client, accepted = await over_tcp()
    return accepted, client


@pytest.fixture
def over_unix(tmp_path):
    return lambda: connected(path=str(tmp_path / "socket"))


@pytest.mark.parametrize("make_pair", [over_tcp, from_the_accepted_end])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_tcp_sockets_keep_the_rule(rule, make_pair):
    in_loop(check_rule)(rule, make_pair)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_unix_sockets_keep_the_rule(rule, over_unix):
    in_loop(check_rule)(rule, over_unix)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_tcp_sockets_keep_the_rule_inside_asyncio(rule):
    asyncio.run(check_rule(rule, over_tcp))
