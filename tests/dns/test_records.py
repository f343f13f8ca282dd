"""Every type of record, asked of a name server: as an awaitable and by callback."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import dns
from netloop.dns import Resolver

NAME = "name.test"

# type, values in the form of zone files, the records, the syscall of errors
RECORDS: list[tuple[str, list[str], Any, str]] = [
    ("A", ["192.0.2.1", "192.0.2.2"], ["192.0.2.1", "192.0.2.2"], "queryA"),
    ("AAAA", ["2001:db8::1"], ["2001:db8::1"], "queryAaaa"),
    ("CAA", ['128 issue "ca.test"'], [dns.CaaRecord(128, "issue", "ca.test")], "queryCaa"),
    ("CNAME", ["other.test."], ["other.test"], "queryCname"),
    ("MX", ["10 mx1.test.", "20 mx2.test."], [dns.MxRecord(10, "mx1.test"), dns.MxRecord(20, "mx2.test")], "queryMx"),
    ("NAPTR", ['30 100 "s" "SIP+D2U" "" _sip._udp.test.'],
     [dns.NaptrRecord("s", "SIP+D2U", "", "_sip._udp.test", 30, 100)], "queryNaptr"),
    ("NS", ["ns.test."], ["ns.test"], "queryNs"),
    ("PTR", ["host.test."], ["host.test"], "queryPtr"),
    ("SOA", ["ns.test. admin.test. 2026112101 10000 2400 604800 3600"],
     dns.SoaRecord("ns.test", "admin.test", 2026112101, 10000, 2400, 604800, 3600), "querySoa"),
    ("SRV", ["10 60 5060 sip.test."], [dns.SrvRecord(10, 60, 5060, "sip.test")], "querySrv"),
    ("TLSA", ["3 1 0 00ff10"], [dns.TlsaRecord(3, 1, 0, b"\x00\xff\x10")], "queryTlsa"),
    ("TXT", ['"v=spf1 -all"'], [["v=spf1 -all"]], "queryTxt"),
]
of_each_type = pytest.mark.parametrize(("rrtype", "values", "records", "syscall"), RECORDS, ids=[each[0] for each in RECORDS])
METHODS = {"A": "resolve4", "AAAA": "resolve6"}


def in_order(records: Any) -> Any:
    """A server may give the records of a set in any order."""
    return sorted(records) if isinstance(records, list) else records


def method(resolver: Resolver, rrtype: str) -> Any:
    return getattr(resolver, METHODS.get(rrtype, f"resolve_{rrtype.lower()}"))


@of_each_type
async def test_records_of_a_type(server: Any, resolver: Resolver, rrtype: str, values: list[str], records: Any,
                                 syscall: str) -> None:
    server.add(NAME, rrtype, *values)
    assert in_order(await method(resolver, rrtype)(NAME)) == records
    assert server.questions == [(NAME, rrtype, "udp")]


@of_each_type
async def test_resolve_takes_the_type_by_name(server: Any, resolver: Resolver, rrtype: str, values: list[str],
                                              records: Any, syscall: str) -> None:
    server.add(NAME, rrtype, *values)
    assert in_order(await resolver.resolve(NAME, rrtype)) == records


@of_each_type
async def test_callback_gets_none_and_the_records(server: Any, resolver: Resolver, rrtype: str, values: list[str],
                                                  records: Any, syscall: str) -> None:
    server.add(NAME, rrtype, *values)
    called: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    returned = method(resolver, rrtype)(NAME, lambda *arguments: called.set_result(arguments))
    error, found = await called
    assert (returned, error, in_order(found)) == (None, None, records)


@of_each_type
async def test_name_without_such_a_record_is_enodata(server: Any, resolver: Resolver, rrtype: str,
                                                     values: list[str], records: Any, syscall: str) -> None:
    server.add(NAME, "SPF", '"another type"')
    with pytest.raises(OSError, match=f"{syscall} ENODATA {NAME}") as caught:
        await method(resolver, rrtype)(NAME)
    error: Any = caught.value
    assert (error.code, error.syscall, error.hostname, error.errno) == (dns.NODATA, syscall, NAME, None)


@of_each_type
async def test_callback_gets_the_error_and_none(server: Any, resolver: Resolver, rrtype: str, values: list[str],
                                                records: Any, syscall: str) -> None:
    called: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    method(resolver, rrtype)(NAME, lambda *arguments: called.set_result(arguments))
    error, found = await called
    assert (error.code, error.syscall, found) == (dns.NOTFOUND, syscall, None)


@pytest.mark.parametrize(("rrtype", "values"), [(each[0], each[1]) for each in RECORDS], ids=[each[0] for each in RECORDS])
async def test_any_gives_records_that_say_their_type(server: Any, resolver: Resolver, rrtype: str,
                                                     values: list[str]) -> None:
    server.add(NAME, rrtype, *values)
    found = await resolver.resolve_any(NAME)
    assert [record.type for record in found] == [rrtype] * len(values)


async def test_any_gives_all_of_them(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    server.add(NAME, "MX", "10 mx.test.")
    server.add(NAME, "TXT", '"text"')
    assert set(map(repr, await resolver.resolve_any(NAME))) == {
        "ARecord(address='192.0.2.1', ttl=300)", "MxRecord(priority=10, exchange='mx.test')", "TxtRecord(entries=['text'])"}


async def test_any_leaves_out_what_it_does_not_know(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "HINFO", '"RFC8482" ""')
    server.add(NAME, "A", "192.0.2.1")
    assert await resolver.resolve_any(NAME) == [dns.ARecord("192.0.2.1", 300)]


async def test_ttl_comes_with_addresses(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    server.add(NAME, "AAAA", "2001:db8::1")
    assert await resolver.resolve4(NAME, ttl=True) == [dns.ARecord("192.0.2.1", 300)]
    assert await resolver.resolve6(NAME, ttl=True) == [dns.AaaaRecord("2001:db8::1", 300)]


async def test_addresses_behind_a_cname_are_found(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "CNAME", "other.test.")
    server.add(NAME, "A", "192.0.2.1")          # of other.test, truly; c-ares follows no chain
    assert await resolver.resolve4(NAME) == ["192.0.2.1"]


async def test_caa_value_is_under_its_tag(server: Any, resolver: Resolver) -> None:
    for tag in ("issue", "issuewild", "iodef", "contactemail", "contactphone"):
        server.add(f"{tag}.test", "CAA", f'0 {tag} "value"')
        [record] = await resolver.resolve_caa(f"{tag}.test")
        assert [getattr(record, each) for each in (tag, "critical")] == ["value", 0]
        assert record.issue == ("value" if tag == "issue" else None)


@pytest.mark.parametrize(("value", "text"), [
    ('"parts " "of one"', "parts of one"), ('"gr\\195\\188n"', "grün"), ('"gr\\252n"', "grün"), ('""', "")])
async def test_txt_is_text(server: Any, resolver: Resolver, value: str, text: str) -> None:
    server.add(NAME, "TXT", value)
    assert await resolver.resolve_txt(NAME) == [[text]]


@pytest.mark.parametrize(("address", "name"), [
    ("192.0.2.1", "1.2.0.192.in-addr.arpa"), ("2001:db8::1", "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa")])
async def test_reverse_gives_the_names_of_an_address(server: Any, resolver: Resolver, address: str,
                                                     name: str) -> None:
    server.add(name, "PTR", "one.test.", "two.test.")
    assert sorted(await resolver.reverse(address)) == ["one.test", "two.test"]
    assert server.questions == [(name, "PTR", "udp")]


async def test_reverse_knows_the_hosts_file(server: Any, resolver: Resolver) -> None:
    assert "localhost" in await resolver.reverse("127.0.0.1")
    assert server.questions == []


async def test_reverse_of_an_address_without_names(server: Any, resolver: Resolver) -> None:
    with pytest.raises(OSError, match=r"^getHostByAddr ENOTFOUND 192\.0\.2\.1") as caught:
        await resolver.reverse("192.0.2.1")
    assert caught.value.syscall == "getHostByAddr"  # type: ignore[attr-defined]


async def test_international_name_is_asked_for_as_idna(server: Any, resolver: Resolver) -> None:
    server.add("xn--mnchen-3ya.test", "A", "192.0.2.1")
    assert await resolver.resolve4("münchen.test") == ["192.0.2.1"]


async def test_functions_of_the_module_ask_the_default_resolver(server: Any) -> None:
    server.add(NAME, "MX", "10 mx.test.")
    before = dns.get_servers()
    try:
        dns.set_servers([server.address])
        assert dns.get_servers() == [server.address]
        assert await dns.resolve_mx(NAME) == await dns.promises.resolve(NAME, "MX") == [dns.MxRecord(10, "mx.test")]
    finally:
        dns.set_servers(before)
