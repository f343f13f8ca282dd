"""`Resolver`: its settings, its wrong arguments, and how its questions end."""

from __future__ import annotations

import asyncio
import datetime
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

import netloop
from netloop import diagnostics, dns
from netloop.dns import Resolver

LOOPBACK = "127.0.0.1"
NAME = "name.test"


def silent(query: Any, tcp: bool) -> list[bytes]:
    """A server that never answers."""
    return []


# --- settings -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("given", "shown"), [
    (["192.0.2.1"], ["192.0.2.1"]), (["192.0.2.1:53"], ["192.0.2.1"]), (["192.0.2.1:5353"], ["192.0.2.1:5353"]),
    (["2001:db8::1"], ["2001:db8::1"]), (["[2001:db8::1]"], ["2001:db8::1"]),
    (["[2001:db8::1]:5353", "192.0.2.1"], ["[2001:db8::1]:5353", "192.0.2.1"]), (("192.0.2.1",), ["192.0.2.1"]), ([], [])])
def test_servers_are_shown_as_they_were_set(given: Any, shown: list[str]) -> None:
    resolver = Resolver()
    resolver.set_servers(given)
    assert resolver.get_servers() == shown


def test_servers_are_those_of_the_system_at_first() -> None:
    assert Resolver().get_servers() == dns.get_servers() != []


@pytest.mark.parametrize("server", ["", "localhost", "192.0.2", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "[::1",
                                    "::1]:53", "[192.0.2.1]x", "1.2.3.4,5.6.7.8", "192.0.2.1:5٣"])
def test_what_is_no_server_is_refused(server: str) -> None:
    with pytest.raises(ValueError, match="server must be") as caught:
        Resolver().set_servers([server])
    assert caught.value.code == "ERR_INVALID_IP_ADDRESS"  # type: ignore[attr-defined]


async def test_servers_stay_while_a_question_is_under_way(server: Any, resolver: Resolver) -> None:
    server.respond = silent
    question = resolver.resolve4(NAME)
    with pytest.raises(RuntimeError) as caught:
        resolver.set_servers(["192.0.2.1"])
    assert caught.value.code == "ERR_DNS_SET_SERVERS_FAILED"  # type: ignore[attr-defined]
    question.cancel()
    await asyncio.sleep(0)
    resolver.set_servers(["192.0.2.1"])
    assert resolver.get_servers() == ["192.0.2.1"]


async def test_local_address_is_where_questions_come_from() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((LOOPBACK, 0))
        resolver = Resolver()
        resolver.set_servers([f"{LOOPBACK}:{server.getsockname()[1]}"])
        for address in ("127.0.0.2", "127.0.0.3"):
            resolver.set_local_address(address)
            question = resolver.resolve4(NAME)
            assert server.recvfrom(512)[1][0] == address
            question.cancel()
        resolver.set_local_address()
        question = resolver.resolve4(NAME)
        assert server.recvfrom(512)[1][0] == LOOPBACK
        question.cancel()


def test_local_addresses_may_be_of_both_families_in_any_order() -> None:
    resolver = Resolver()
    for addresses in (("127.0.0.1", "::1"), ("::1", "127.0.0.1"), ("::1", None), (None, "::1"), (None, None)):
        resolver.set_local_address(*addresses)


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: Resolver(timeout=-2), "ERR_OUT_OF_RANGE"), (lambda: Resolver(timeout=2**31), "ERR_OUT_OF_RANGE"),
    (lambda: Resolver(timeout="1"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[arg-type]
    (lambda: Resolver(tries=0), "ERR_OUT_OF_RANGE"), (lambda: Resolver(tries=2**31), "ERR_OUT_OF_RANGE"),
    (lambda: Resolver(tries=True), "ERR_INVALID_ARG_TYPE"),
    (lambda: Resolver(tries=1.5), "ERR_INVALID_ARG_TYPE"),  # type: ignore[arg-type]
    (lambda: Resolver(max_timeout=1000), "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"),
    (lambda: Resolver().set_servers("192.0.2.1"), "ERR_INVALID_ARG_TYPE"),
    (lambda: Resolver().set_servers([1]), "ERR_INVALID_ARG_TYPE"),  # type: ignore[list-item]
    (lambda: Resolver().set_local_address("localhost"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().set_local_address("fe80::1%lo"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().set_local_address("::1", "::2"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().set_local_address("127.0.0.1", "127.0.0.2"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().set_local_address(1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[arg-type]
    (lambda: Resolver().resolve(NAME, "ZZZ"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().resolve(NAME, "a"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().resolve(NAME, 1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().resolve(None), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().resolve4(b"name"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().resolve4(NAME, 1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().resolve4(NAME, ttl=1), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().reverse("1.2.3"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().reverse("fe80::1%lo"), "ERR_INVALID_ARG_VALUE"),
    (lambda: Resolver().reverse(None), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
    (lambda: Resolver().reverse("127.0.0.1", "x"), "ERR_INVALID_ARG_TYPE"),  # type: ignore[call-overload]
]


@pytest.mark.parametrize(("call", "code"), WRONG)
def test_wrong_argument_raises_at_the_call(call: Callable[[], object], code: str) -> None:
    with pytest.raises((TypeError, ValueError, NotImplementedError)) as caught:
        call()
    assert caught.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("call", [lambda: Resolver(retries=1), lambda: dns.resolve_mx(NAME, ttl=True),  # type: ignore[call-arg, call-overload]
                                  lambda: dns.lookup(NAME, famly=4)])  # type: ignore[call-overload]
def test_unknown_option_is_a_type_error(call: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        call()


def test_timeout_may_be_a_timedelta() -> None:
    Resolver(timeout=datetime.timedelta(seconds=1), max_timeout=datetime.timedelta())


def test_constants_are_the_codes_of_errors() -> None:
    assert (dns.NOTFOUND, dns.NODATA, dns.TIMEOUT, dns.CANCELLED, dns.EOF) == (
        "ENOTFOUND", "ENODATA", "ETIMEOUT", "ECANCELLED", "EOF")


# --- names that cannot be -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".test", ".".join(["label"] * 60), "ü" * 70])
async def test_name_that_cannot_be_is_ebadname(resolver: Resolver, name: str) -> None:
    with pytest.raises(OSError, match="queryA EBADNAME") as caught:
        await resolver.resolve4(name)
    assert caught.value.code == dns.BADNAME  # type: ignore[attr-defined]


# --- being called back ----------------------------------------------------------------------------------------

async def test_callback_is_never_called_before_the_call_returned(resolver: Resolver) -> None:
    called: list[str] = []
    done = asyncio.Event()

    def callback(error: Any, records: Any) -> None:
        called.append(error.code)
        done.set()

    resolver.resolve4("a..b", callback)             # c-ares knows at once
    assert called == []
    await done.wait()
    assert called == ["EBADNAME"]


async def test_callback_may_be_a_coroutine_function(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def callback(error: Any, addresses: Any) -> None:
        done.set_result((error, addresses))

    resolver.resolve(NAME, callback)
    assert await done == (None, ["192.0.2.1"])


async def test_what_a_callback_raises_is_unhandled(server: Any, resolver: Resolver, unhandled: list[Any]) -> None:
    server.add(NAME, "A", "192.0.2.1")
    failure = RuntimeError("from the callback")

    def callback(error: Any, addresses: Any) -> None:
        raise failure

    resolver.resolve4(NAME, callback)
    while not unhandled:
        await asyncio.sleep(0)
    assert unhandled == [failure]


async def test_question_is_asked_at_the_call(server: Any, resolver: Resolver) -> None:
    server.add("one.test", "A", "192.0.2.1")
    server.add("two.test", "A", "192.0.2.2")
    one, two = resolver.resolve4("one.test"), resolver.resolve4("two.test")
    assert (await two, await one) == (["192.0.2.2"], ["192.0.2.1"])


# --- cancelling -----------------------------------------------------------------------------------------------

async def test_cancel_fails_every_question_with_ecancelled(server: Any, resolver: Resolver) -> None:
    server.respond = silent
    questions: list[Any] = [resolver.resolve4(NAME), resolver.resolve_mx(NAME), resolver.reverse("192.0.2.1")]
    resolver.cancel()
    errors: list[Any] = await asyncio.gather(*questions, return_exceptions=True)
    assert [error.code for error in errors] == [dns.CANCELLED] * 3
    assert [error.syscall for error in errors] == ["queryA", "queryMx", "getHostByAddr"]


async def test_cancel_fails_questions_that_were_not_asked_yet(server: Any, resolver: Resolver) -> None:
    server.respond = silent
    questions = [resolver.resolve4(f"name{number}.test") for number in range(500)]
    resolver.cancel()
    errors: list[Any] = await asyncio.gather(*questions, return_exceptions=True)
    assert {error.code for error in errors} == {dns.CANCELLED}


async def test_cancel_leaves_other_resolvers_alone(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    other = Resolver()
    other.cancel()                                   # nothing is under way, which is fine
    question = resolver.resolve4(NAME)
    other.cancel()
    assert await question == ["192.0.2.1"]


async def test_resolver_works_after_cancel(server: Any, resolver: Resolver) -> None:
    question = resolver.resolve4(NAME)
    resolver.cancel()
    with pytest.raises(OSError, match="ECANCELLED"):
        await question
    server.add(NAME, "A", "192.0.2.1")
    assert await resolver.resolve4(NAME) == ["192.0.2.1"]


async def test_cancelled_task_leaves_nothing_behind(server: Any, resolver: Resolver) -> None:
    server.respond = silent
    task = asyncio.ensure_future(resolver.resolve4(NAME))
    while not server.questions:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_question_does_not_disturb_another(server: Any, resolver: Resolver) -> None:
    server.add("two.test", "A", "192.0.2.2")
    one, two = resolver.resolve4("one.test"), resolver.resolve4("two.test")
    one.cancel()
    assert await two == ["192.0.2.2"]


async def test_callback_may_cancel_the_resolver(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    codes: list[str] = []
    done = asyncio.Event()

    def on_second(error: Any, addresses: Any) -> None:
        codes.append(error.code)
        done.set()

    def on_first(error: Any, addresses: Any) -> None:
        server.respond = silent
        resolver.resolve4("other.test", on_second)
        resolver.cancel()

    resolver.resolve4(NAME, on_first)
    await done.wait()
    assert codes == [dns.CANCELLED]


# --- loops ----------------------------------------------------------------------------------------------------

def test_question_keeps_run_alive(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    called: list[Any] = []
    resolver.resolve4(NAME, lambda *arguments: called.append(arguments))
    netloop.run()
    assert called == [(None, ["192.0.2.1"])]


def test_question_is_listed_among_what_is_active(server: Any, resolver: Resolver) -> None:
    resolver.resolve_mx(NAME, lambda error, records: None)
    [active] = netloop.active_handles()
    assert (active.kind, active.description) == ("Query", f"queryMx {NAME}")
    assert "test_resolver.py" in (active.origin or "")
    netloop.run()


def test_resolver_works_in_one_run_after_another(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")

    async def main() -> list[str]:
        return await resolver.resolve4(NAME)

    assert [netloop.run(main), asyncio.run(main()), netloop.run(main)] == [["192.0.2.1"]] * 3


def test_resolver_works_in_two_threads_at_once(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    found: list[list[str]] = []

    async def main() -> None:
        found.append(await resolver.resolve4(NAME))

    workers = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [["192.0.2.1"]] * 2


def test_run_that_failed_leaves_no_socket_open_for_long(server: Any, resolver: Resolver) -> None:
    """Nobody tells a resolver that the loop ended so; it finds out when it is asked again."""
    def fail() -> None:
        resolver.resolve4(NAME, lambda error, records: None)
        raise ValueError("from main")

    server.respond = silent
    with pytest.raises(ValueError, match="from main"):
        netloop.run(fail)
    server.respond = server.answer

    async def ask_again() -> None:
        with pytest.raises(OSError, match="ENOTFOUND"):
            await resolver.resolve4(NAME)

    netloop.run(ask_again)
    # that no descriptor is left is checked by the fixture of every test


# --- diagnostics ----------------------------------------------------------------------------------------------

async def test_diagnostics_tell_of_answers_and_errors(server: Any, resolver: Resolver) -> None:
    server.add(NAME, "A", "192.0.2.1")
    messages: list[dict[str, Any]] = []

    def subscriber(message: dict[str, Any], name: str) -> None:
        messages.append({"name": name, **message})

    diagnostics.subscribe("dns.*", subscriber)
    try:
        await resolver.resolve4(NAME)
        with pytest.raises(OSError, match="ENODATA") as caught:
            await resolver.resolve_mx(NAME)
    finally:
        diagnostics.unsubscribe("dns.*", subscriber)
    assert [message.pop("elapsed_ms") >= 0 for message in messages] == [True, True]
    assert messages == [
        {"name": "dns.resolve", "hostname": NAME, "syscall": "queryA", "records": ["192.0.2.1"], "error": None},
        {"name": "dns.resolve", "hostname": NAME, "syscall": "queryMx", "records": None, "error": caught.value}]
