"""tcp_info: what Linux tells of a connection."""

from __future__ import annotations

import sys

import pytest

from netloop import net
from netloop.errors import FeatureUnavailableError, StateError
from netloop.events import once


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
async def test_it_counts_what_was_sent_and_received(pair, closed):
    client, accepted = await pair()
    client.write(b"x" * 1000)
    await once(accepted, "data")
    accepted.write(b"y" * 500)
    await once(client, "data")
    info = client.tcp_info()
    assert isinstance(info, net.TCPInfo)
    assert info.state == "established"
    assert info.bytes_received == 500
    assert info.bytes_acked >= 1000
    assert info.retransmits == info.total_retrans == info.lost == 0
    assert 0 < info.rtt < 1_000_000
    assert info.snd_mss > 0
    assert info.pmtu > 0
    await closed(client.end())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
async def test_it_tells_the_state(pair, closed):
    client, accepted = await pair(allow_half_open=True)
    accepted.end()
    client.resume()
    await once(client, "end")
    assert client.tcp_info().state == "close_wait"
    await closed(client.end())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
async def test_a_unix_socket_has_none(pair, tmp_path, closed):
    client, _accepted = await pair(path=tmp_path / "socket")
    with pytest.raises(OSError) as raised:
        client.tcp_info()
    assert raised.value.code in ("EOPNOTSUPP", "ENOTSUP")
    await closed(client.end())


def test_a_socket_that_is_not_connected_has_none():
    with pytest.raises(StateError) as raised:
        net.Socket().tcp_info()
    assert raised.value.code == "ERR_SOCKET_CLOSED"


async def test_it_says_so_where_there_is_none(pair, closed, monkeypatch):
    client, _accepted = await pair()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(FeatureUnavailableError) as raised:
        client.tcp_info()
    assert raised.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"
    await closed(client.end())
