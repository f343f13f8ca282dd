"""`lookup` and `lookup_service`: the system's resolver, in threads, shared and kept."""

from __future__ import annotations

import asyncio
import datetime
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import netloop
from netloop import diagnostics, dns, net
from netloop.dns.threads import Threads

LOOPBACK = "127.0.0.1"
ADDRESSES = {"v4.test": ["192.0.2.1"], "v6.test": ["2001:db8::1"], "both.test": ["192.0.2.1", "2001:db8::1", "192.0.2.2"]}


class System:
    """A system's resolver that knows ADDRESSES, and can be made to wait."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def getaddrinfo(self, name: Any, port: Any, family: int, kind: int, protocol: int, flags: int) -> list[Any]:
        self.calls.append((name, family, flags))
        self.may_answer.wait(10)
        found = ADDRESSES.get(os.fsdecode(name))
        if found is None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [(kind, 1, 6, "", (address, 0)) for kind, address in zip(families, found, strict=True)
                if family in (0, kind)]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    system = System()
    monkeypatch.setattr(socket, "getaddrinfo", system.getaddrinfo)
    yield system
    system.may_answer.set()


@pytest.fixture
def _settings() -> Iterator[None]:
    """A test may change what holds for the whole program."""
    yield
    dns.set_default_result_order("verbatim")
    dns.set_lookup_cache(0)


# --- the real system ------------------------------------------------------------------------------------------

async def test_localhost_is_loopback() -> None:
    address, family = await dns.lookup("localhost")
    assert (address, family) in ((LOOPBACK, 4), ("::1", 6))


async def test_all_is_a_list() -> None:
    found = await dns.lookup("localhost", all=True, family=4)
    assert found == [dns.LookupAddress(LOOPBACK, 4)]


async def test_name_that_is_not_there_is_an_oserror_with_nodes_properties() -> None:
    with pytest.raises(OSError, match=r"^getaddrinfo (ENOTFOUND|EAI_AGAIN) nowhere\.invalid") as caught:
        await dns.lookup("nowhere.invalid")
    error: Any = caught.value
    assert (error.syscall, error.hostname, error.errno) == ("getaddrinfo", "nowhere.invalid", None)
    assert error.code in (dns.NOTFOUND, "EAI_AGAIN")
    assert isinstance(error.__cause__, socket.gaierror)


@pytest.mark.parametrize("name", ["localhost\0.example", "\udc80", "ü" * 70])
async def test_what_is_no_name_is_enotfound(name: str) -> None:
    with pytest.raises(OSError, match="getaddrinfo ENOTFOUND") as caught:
        await dns.lookup(name)
    assert caught.value.code == dns.NOTFOUND  # type: ignore[attr-defined]


async def test_lookup_service_names_host_and_service() -> None:
    expected = socket.getnameinfo((LOOPBACK, 22), socket.NI_NAMEREQD)
    assert await dns.lookup_service(LOOPBACK, 22) == dns.LookupService(*expected)
    assert tuple(await dns.promises.lookup_service(LOOPBACK, 22)) == expected


async def test_lookup_service_of_an_address_without_a_name() -> None:
    with pytest.raises(OSError, match=r"getnameinfo (ENOTFOUND|EAI_AGAIN) 192\.0\.2\.1") as caught:
        await dns.lookup_service("192.0.2.1", 80)
    error: Any = caught.value
    assert (error.syscall, error.hostname) == ("getnameinfo", "192.0.2.1")


# --- callbacks ------------------------------------------------------------------------------------------------

def arguments_of(call: Callable[[Callable[..., object]], object]) -> tuple[Any, ...]:
    """What a callback gets."""
    called: list[tuple[Any, ...]] = []
    assert call(lambda *arguments: called.append(arguments)) is None
    assert called == []
    netloop.run()
    [arguments] = called
    return arguments


def test_callback_gets_address_and_family(system: System) -> None:
    assert arguments_of(lambda callback: dns.lookup("v6.test", callback)) == (None, "2001:db8::1", 6)


def test_callback_gets_all_addresses(system: System) -> None:
    assert arguments_of(lambda callback: dns.lookup("v4.test", callback, all=True)) == (None, [("192.0.2.1", 4)])


def test_callback_gets_as_many_arguments_with_an_error(system: System) -> None:
    error, *others = arguments_of(lambda callback: dns.lookup("nowhere.test", callback))
    assert (error.code, others) == ("EAI_AGAIN", [None, None])
    error, *others = arguments_of(lambda callback: dns.lookup("nowhere.test", callback, all=True))
    assert (error.code, others) == ("EAI_AGAIN", [None])


def test_callback_gets_hostname_and_service() -> None:
    expected = socket.getnameinfo((LOOPBACK, 22), socket.NI_NAMEREQD)
    assert arguments_of(lambda callback: dns.lookup_service(LOOPBACK, 22, callback)) == (None, *expected)


# --- arguments ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", 4), ("::1", 6), ("fe80::1%lo", 6), ("::ffff:1.2.3.4", 6)])
async def test_address_is_its_own_result(system: System, address: str, family: int) -> None:
    assert await dns.lookup(address) == (address, family)
    assert system.calls == []


@pytest.mark.parametrize("name", ["", None])
async def test_no_name_has_no_address(system: System, name: str | None) -> None:
    assert [*await dns.lookup(name)] == [None, 4]
    assert [*await dns.lookup(name, family=6)] == [None, 6]
    assert await dns.lookup(name, all=True) == []
    assert system.calls == []


@pytest.mark.parametrize(("given", "family"), [(4, socket.AF_INET), ("IPv4", socket.AF_INET), (6, socket.AF_INET6),
                                               ("IPv6", socket.AF_INET6), (0, 0)])
async def test_family_and_hints_reach_the_system(system: System, given: Any, family: int) -> None:
    await dns.lookup("both.test", family=given, hints=dns.ADDRCONFIG | dns.V4MAPPED)
    assert system.calls == [(b"both.test", family, socket.AI_ADDRCONFIG | socket.AI_V4MAPPED)]


@pytest.mark.usefixtures("_settings")
@pytest.mark.parametrize(("order", "families"), [("verbatim", [4, 6, 4]), ("ipv4first", [4, 4, 6]),
                                                 ("ipv6first", [6, 4, 4])])
async def test_order_of_the_addresses(system: System, order: Any, families: list[int]) -> None:
    assert [each.family for each in await dns.lookup("both.test", all=True, order=order)] == families
    dns.set_default_result_order(order)
    assert dns.get_default_result_order() == order
    assert [each.family for each in await dns.lookup("both.test", all=True)] == families
    assert (await dns.lookup("both.test")).family == families[0]


async def test_verbatim_is_the_old_spelling_of_order(system: System) -> None:
    first = [(await dns.lookup("both.test", all=True, verbatim=verbatim))[1].family for verbatim in (True, False)]
    assert first == [6, 4]


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: dns.lookup(1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup(b"localhost"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", 4), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", family=5), "ERR_INVALID_ARG_VALUE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", family="ipv4"), "ERR_INVALID_ARG_VALUE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", family=False), "ERR_INVALID_ARG_VALUE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", family=[4]), "ERR_INVALID_ARG_VALUE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", hints="x"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", hints=1 << 20), "ERR_INVALID_ARG_VALUE"),
    (lambda: dns.lookup("a", all=1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", verbatim="x"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup("a", order="random"), "ERR_INVALID_ARG_VALUE"),  # type: ignore[call-overload]
    (lambda: dns.set_default_result_order("random"), "ERR_INVALID_ARG_VALUE"),  # type: ignore[arg-type]
    (lambda: dns.lookup_service("localhost", 80), "ERR_INVALID_ARG_VALUE"),
    (lambda: dns.lookup_service(None, 80), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.lookup_service(LOOPBACK, 65536), "ERR_SOCKET_BAD_PORT"),
    (lambda: dns.lookup_service(LOOPBACK, "80"), "ERR_SOCKET_BAD_PORT"),  # type: ignore[call-overload]
    (lambda: dns.lookup_service(LOOPBACK, 80, 1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: dns.set_lookup_cache(-1), "ERR_OUT_OF_RANGE"), (lambda: dns.set_lookup_cache(1, 0), "ERR_OUT_OF_RANGE"),
    (lambda: dns.set_lookup_cache("1"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[arg-type]
    (lambda: dns.set_lookup_cache(1, True), "ERR_INVALID_ARG_TYPE"),
]


@pytest.mark.parametrize(("call", "code"), WRONG)
def test_wrong_argument_raises_at_the_call(call: Callable[[], Any], code: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert caught.value.code == code  # type: ignore[attr-defined]


# --- sharing --------------------------------------------------------------------------------------------------

async def test_identical_look_ups_under_way_are_one(system: System) -> None:
    system.may_answer.clear()
    look_ups = [dns.lookup("v4.test") for _ in range(1000)]
    others = [dns.lookup("v4.test", family=4), dns.lookup("v6.test")]
    system.may_answer.set()
    assert await asyncio.gather(*look_ups) == [("192.0.2.1", 4)] * 1000
    await asyncio.gather(*others)
    assert sorted(system.calls) == [(b"v4.test", 0, 0), (b"v4.test", 2, 0), (b"v6.test", 0, 0)]


async def test_those_who_share_a_failure_have_an_error_each(system: System) -> None:
    errors = await asyncio.gather(*[dns.lookup("nowhere.test") for _ in range(2)], return_exceptions=True)
    assert len(system.calls) == 1
    assert errors[0] is not errors[1]


async def test_look_up_after_the_answer_asks_again(system: System) -> None:
    for _ in range(2):
        await dns.lookup("v4.test")
    assert len(system.calls) == 2


async def test_cancelling_one_does_not_disturb_the_others(system: System) -> None:
    system.may_answer.clear()
    one, other = dns.lookup("v4.test"), dns.lookup("v4.test")
    one.cancel()
    await asyncio.sleep(0)
    system.may_answer.set()
    assert await other == ("192.0.2.1", 4)
    assert len(system.calls) == 1


async def test_cancelled_look_up_keeps_nothing_alive(system: System) -> None:
    system.may_answer.clear()
    task = asyncio.ensure_future(dns.lookup("v4.test"))
    while not system.calls:
        await asyncio.sleep(0)
    assert [active.kind for active in netloop.active_handles() if active.kind != "task"] == ["SystemLookup"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert [active.kind for active in netloop.active_handles() if active.kind != "task"] == []


def test_run_does_not_wait_for_a_resolver_that_hangs(system: System) -> None:
    async def main() -> None:
        system.may_answer.clear()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(dns.lookup("v4.test"), 0.01)

    netloop.run(main)
    assert not system.may_answer.is_set()       # and the call is still under way


async def test_thousands_of_names_at_once(system: System) -> None:
    names = [f"{number}.test" for number in range(3000)]
    errors: list[Any] = await asyncio.gather(*[dns.lookup(name) for name in names], return_exceptions=True)
    assert [error.hostname for error in errors] == names


async def test_program_out_of_threads_gets_an_error(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("netloop.dns.shared_call.threads", Threads(linger=0))
    monkeypatch.setattr("netloop.dns.threads.start_new_thread", refuse)
    with pytest.raises(OSError, match=r"getaddrinfo EAI_AGAIN v4\.test .can't start"):
        await dns.lookup("v4.test")


# --- keeping --------------------------------------------------------------------------------------------------

@pytest.mark.usefixtures("_settings")
async def test_cache_answers_until_the_ttl_is_over(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("netloop.dns.lookup_cache.monotonic", lambda: clock[0])
    dns.set_lookup_cache(500)
    assert dns.get_lookup_cache() == (500, 1000)
    for clock[0] in (1000.0, 1000.499):
        assert await dns.lookup("both.test", all=True, order="ipv6first") == [
            ("2001:db8::1", 6), ("192.0.2.1", 4), ("192.0.2.2", 4)]
    assert len(system.calls) == 1
    clock[0] = 1000.5
    assert (await dns.lookup("both.test")).family == 4
    assert len(system.calls) == 2


@pytest.mark.usefixtures("_settings")
async def test_cache_keeps_no_failures(system: System) -> None:
    dns.set_lookup_cache(datetime.timedelta(minutes=1))
    for _ in range(2):
        with pytest.raises(OSError, match="EAI_AGAIN"):
            await dns.lookup("nowhere.test")
    assert len(system.calls) == 2


@pytest.mark.usefixtures("_settings")
async def test_cache_is_bounded_and_forgets_the_oldest(system: System) -> None:
    dns.set_lookup_cache(60_000, max_entries=2)
    for name in ("v4.test", "v6.test", "both.test", "v6.test", "v4.test"):
        await dns.lookup(name)
    assert [name for name, *_ in system.calls] == [b"v4.test", b"v6.test", b"both.test", b"v4.test"]


@pytest.mark.usefixtures("_settings")
async def test_what_a_caller_does_to_its_list_stays_with_it(system: System) -> None:
    dns.set_lookup_cache(60_000)
    for _ in range(2):
        found = await dns.lookup("v4.test", all=True)
        assert found == [("192.0.2.1", 4)]
        found.clear()


# --- in use ---------------------------------------------------------------------------------------------------

async def test_diagnostics_tell_of_results_and_errors(system: System) -> None:
    messages: list[dict[str, Any]] = []

    def subscriber(message: dict[str, Any], name: str) -> None:
        message.pop("elapsed_ms")
        messages.append({"name": name, **message})

    diagnostics.subscribe("dns.*", subscriber)
    try:
        await dns.lookup("v4.test")
        with pytest.raises(OSError, match="EAI_AGAIN") as caught:
            await dns.lookup("nowhere.test")
        hostname, service = await dns.lookup_service(LOOPBACK, 22)
    finally:
        diagnostics.unsubscribe("dns.*", subscriber)
    assert messages == [
        {"name": "dns.lookup", "hostname": "v4.test", "addresses": [("192.0.2.1", 4)], "error": None},
        {"name": "dns.lookup", "hostname": "nowhere.test", "addresses": None, "error": caught.value},
        {"name": "dns.lookup_service", "address": LOOPBACK, "port": 22, "hostname": hostname, "service": service,
         "error": None}]


async def test_net_connects_by_the_default_order_and_the_cache(system: System) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        ADDRESSES["server.test"] = [LOOPBACK]
        try:
            async with net.connect(listening.getsockname()[1], "server.test") as client:
                await client
                assert client.remote_address == LOOPBACK
        finally:
            del ADDRESSES["server.test"]
    assert system.calls[0][0] == b"server.test"


async def test_lookup_is_good_as_the_option_lookup() -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        async with net.connect(listening.getsockname()[1], "localhost", lookup=dns.lookup, family=4) as client:
            await client
            assert client.remote_address == LOOPBACK
