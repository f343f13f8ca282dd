"""A name server that other people wrote: Debian's dnsmasq, where it is installed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest

from netloop import dns
from netloop.dns import Resolver

LOOPBACK = "127.0.0.1"
DNSMASQ = shutil.which("dnsmasq") or shutil.which("dnsmasq", path="/usr/sbin:/sbin")

pytestmark = pytest.mark.skipif(DNSMASQ is None, reason="dnsmasq is not installed")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    command = [
        str(DNSMASQ), "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", f"--port={port}",
        f"--listen-address={LOOPBACK}", "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=", "--local-ttl=60",
        "--local=/test/", "--host-record=name.test,192.0.2.1,2001:db8::1", "--cname=alias.test,name.test",
        "--mx-host=name.test,mx.test,10", "--txt-record=name.test,some text", "--srv-host=_sip._tcp.test,name.test,5060,1,2",
        "--naptr-record=name.test,30,100,s,SIP+D2U,,_sip._udp.test", "--ptr-record=pointer.test,name.test",
        "--caa-record=name.test,0,issue,ca.test",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait()


async def ready(port: int) -> Resolver:
    """A resolver, when the server has begun to listen."""
    while True:
        resolver = Resolver(timeout=1000, tries=4)
        resolver.set_servers([f"{LOOPBACK}:{port}"])
        try:
            await resolver.resolve4("name.test")
        except ConnectionRefusedError:
            await asyncio.sleep(0)
        else:
            return resolver


async def test_records_of_dnsmasq(port: int) -> None:
    resolver = await ready(port)
    assert await resolver.resolve4("name.test", ttl=True) == [dns.ARecord("192.0.2.1", 60)]
    assert await resolver.resolve6("name.test") == ["2001:db8::1"]
    assert await resolver.resolve4("alias.test") == ["192.0.2.1"]
    assert await resolver.resolve_cname("alias.test") == ["name.test"]
    assert await resolver.resolve_mx("name.test") == [dns.MxRecord(10, "mx.test")]
    assert await resolver.resolve_txt("name.test") == [["some text"]]
    assert await resolver.resolve_srv("_sip._tcp.test") == [dns.SrvRecord(1, 2, 5060, "name.test")]
    assert await resolver.resolve_naptr("name.test") == [dns.NaptrRecord("s", "SIP+D2U", "", "_sip._udp.test", 30, 100)]
    assert await resolver.resolve_ptr("pointer.test") == ["name.test"]
    assert await resolver.resolve_caa("name.test") == [dns.CaaRecord(0, "issue", "ca.test")]
    assert await resolver.reverse("192.0.2.1") == ["name.test"]


async def test_errors_of_dnsmasq(port: int) -> None:
    resolver = await ready(port)
    for question, code in ((resolver.resolve4("nowhere.test"), dns.NOTFOUND), (resolver.resolve_srv("name.test"), dns.NODATA),
                           (resolver.resolve4("example.org"), dns.REFUSED)):
        with pytest.raises(OSError, match=code):
            await question


async def test_dnsmasq_answers_a_crowd(port: int) -> None:
    resolver = await ready(port)
    found = await asyncio.gather(*[resolver.resolve4("name.test"), *[
        resolver.resolve_any(f"{number}.test") for number in range(1000)]], return_exceptions=True)
    assert found[0] == ["192.0.2.1"]
    assert {type(error) for error in found[1:]} == {OSError}
