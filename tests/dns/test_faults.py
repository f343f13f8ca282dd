"""Name servers that misbehave: silence, garbage, lateness, cut answers, answers to another question; a crowd."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from netloop import run, set_immediate
from netloop.dns import Resolver
from netloop.dns import constants as codes

NAME = "name.test"
CROWD = 2000


def hasty(server: Any, **options: Any) -> Resolver:
    """A resolver that does not wait long."""
    resolver = Resolver(**{"timeout": 50, "tries": 1, **options})
    resolver.set_servers([server.address])
    return resolver


@pytest.fixture
def answering(server: Any) -> Any:
    """A server that knows an address of NAME."""
    server.add(NAME, "A", "192.0.2.1")
    return server


# --- silence --------------------------------------------------------------------------------------------------

async def test_server_that_never_answers_is_etimeout(server: Any) -> None:
    server.respond = lambda query, tcp: []
    with pytest.raises(TimeoutError, match=f"queryA ETIMEOUT {NAME}") as caught:
        await hasty(server).resolve4(NAME)
    error: Any = caught.value
    assert (error.code, error.syscall, error.hostname) == (codes.TIMEOUT, "queryA", NAME)


async def test_question_is_asked_as_often_as_tries_say(server: Any) -> None:
    server.respond = lambda query, tcp: []
    with pytest.raises(TimeoutError):
        await hasty(server, tries=3, timeout=20).resolve4(NAME)
    assert len(server.questions) == 3


async def test_answer_to_a_later_try_counts(answering: Any) -> None:
    answering.respond = lambda query, tcp: [] if len(answering.questions) < 3 else answering.answer(query, tcp)
    assert await hasty(answering, tries=4, timeout=20).resolve4(NAME) == ["192.0.2.1"]


async def test_next_server_is_asked_when_one_is_silent(answering: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = Resolver(timeout=50, tries=1)
        resolver.set_servers([f"127.0.0.1:{silent.getsockname()[1]}", answering.address])
        assert await resolver.resolve4(NAME) == ["192.0.2.1"]


async def test_port_where_nobody_listens_is_econnrefused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closing:
        closing.bind(("127.0.0.1", 0))
        port = closing.getsockname()[1]
    resolver = Resolver(timeout=500, tries=1)
    resolver.set_servers([f"127.0.0.1:{port}"])
    with pytest.raises(ConnectionRefusedError, match="queryA ECONNREFUSED") as caught:
        await resolver.resolve4(NAME)
    assert caught.value.code == codes.CONNREFUSED  # type: ignore[attr-defined]


async def test_resolver_without_servers_fails(server: Any) -> None:
    resolver = Resolver()
    resolver.set_servers([])
    with pytest.raises(OSError, match=f"queryA UNKNOWN_ARES_ERROR {NAME}"):
        await resolver.resolve4(NAME)


# --- lateness -------------------------------------------------------------------------------------------------

async def test_late_answer_to_the_first_try_still_counts(answering: Any) -> None:
    """What the server sends when it is asked again is its answer to the first try."""
    first: list[Any] = []

    def respond(query: Any, tcp: bool) -> list[bytes]:
        first.append(query)
        return [] if len(first) == 1 else answering.answer(first[0], tcp)

    answering.respond = respond
    assert await hasty(answering, tries=2).resolve4(NAME) == ["192.0.2.1"]


async def test_answer_after_the_timeout_is_ignored(answering: Any) -> None:
    """It comes with the answer to another question of the same resolver."""
    late: list[Any] = []

    def respond(query: Any, tcp: bool) -> list[bytes]:
        late.append(query)
        return [] if len(late) == 1 else [response for each in late for response in answering.answer(each, tcp)]

    answering.respond = respond
    answering.add("other.test", "A", "192.0.2.2")
    resolver = hasty(answering)
    with pytest.raises(TimeoutError):
        await resolver.resolve4(NAME)
    assert await resolver.resolve4("other.test") == ["192.0.2.2"]


# --- answers that are none ------------------------------------------------------------------------------------

def other_id(query: Any, response: Any) -> bytes:
    response.id = query.id ^ 1
    wire: bytes = response.to_wire()
    return wire


def other_name(query: Any, response: Any) -> bytes:
    other = dns.message.make_query("other.test", "A", id=query.id)
    response = dns.message.make_response(other)
    response.answer.append(dns.rrset.from_text("other.test.", 60, "IN", "A", "192.0.2.66"))
    wire: bytes = response.to_wire()
    return wire


def other_type(query: Any, response: Any) -> bytes:
    wire: bytes = dns.message.make_response(dns.message.make_query(NAME, "MX", id=query.id)).to_wire()
    return wire


def question(query: Any, response: Any) -> bytes:
    wire: bytes = query.to_wire()
    return wire


@pytest.mark.parametrize("forge", [other_id, other_name, other_type])
async def test_answer_to_another_question_is_ignored(answering: Any, forge: Any) -> None:
    answering.respond = lambda query, tcp: [forge(query, answering.records(query)), *answering.answer(query, tcp)]
    assert await hasty(answering, timeout=5000).resolve4(NAME) == ["192.0.2.1"]


@pytest.mark.parametrize("forge", [other_id, other_name, other_type])
async def test_answer_to_another_question_alone_is_etimeout(answering: Any, forge: Any) -> None:
    answering.respond = lambda query, tcp: [forge(query, answering.records(query))]
    with pytest.raises(TimeoutError):
        await hasty(answering).resolve4(NAME)


GARBAGE = {
    "empty": lambda wire: b"", "one byte": lambda wire: b"\0", "no head": lambda wire: wire[:11],
    "no body": lambda wire: wire[:12], "cut in the answer": lambda wire: wire[:-2], "noise": lambda wire: b"\xff" * 512,
    "pointer to itself": lambda wire: wire[:12] + b"\xc0\x0c" + wire[14:],
    "more records than there are": lambda wire: wire[:6] + b"\xff\xff" + wire[8:],
}


@pytest.mark.parametrize("spoil", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_alone_is_ebadresp_or_no_answer_at_all(answering: Any, spoil: Any) -> None:
    answering.respond = lambda query, tcp: [spoil(answering.records(query).to_wire())]
    code = codes.TIMEOUT if spoil is GARBAGE["empty"] else codes.BADRESP
    with pytest.raises(OSError, match=f"queryA {code}"):
        await hasty(answering).resolve4(NAME)


@pytest.mark.parametrize("spoil", GARBAGE.values(), ids=GARBAGE.keys())
async def test_answer_to_the_next_try_counts_after_garbage(answering: Any, spoil: Any) -> None:
    def respond(query: Any, tcp: bool) -> list[bytes]:
        wire = answering.records(query).to_wire()
        return [spoil(wire) if len(answering.questions) == 1 else wire]

    answering.respond = respond
    assert await hasty(answering, tries=3).resolve4(NAME) == ["192.0.2.1"]


@pytest.mark.parametrize(("rcode", "code"), [
    (dns.rcode.SERVFAIL, codes.SERVFAIL), (dns.rcode.REFUSED, codes.REFUSED), (dns.rcode.NOTIMP, codes.NOTIMP),
    (dns.rcode.FORMERR, codes.FORMERR), (dns.rcode.NXDOMAIN, codes.NOTFOUND)])
async def test_what_the_server_says_is_the_code(answering: Any, rcode: Any, code: str) -> None:
    def respond(query: Any, tcp: bool) -> list[bytes]:
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return [response.to_wire()]

    answering.respond = respond
    with pytest.raises(OSError, match=f"queryA {code}"):
        await hasty(answering).resolve4(NAME)


# --- answers that do not fit into a datagram ------------------------------------------------------------------

def truncated(query: Any) -> bytes:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    wire: bytes = response.to_wire()
    return wire


async def test_answer_that_was_cut_is_asked_for_by_tcp(answering: Any) -> None:
    answering.respond = lambda query, tcp: answering.answer(query, tcp) if tcp else [truncated(query)]
    assert await hasty(answering, timeout=5000).resolve4(NAME) == ["192.0.2.1"]
    assert answering.questions == [(NAME, "A", "udp"), (NAME, "A", "tcp")]


async def test_answer_of_many_packets_arrives_whole(server: Any) -> None:
    addresses = [f"10.0.{number >> 8}.{number & 255}" for number in range(3000)]
    server.add(NAME, "A", *addresses)
    server.respond = lambda query, tcp: server.answer(query, tcp) if tcp else [truncated(query)]
    assert sorted(await hasty(server, timeout=5000).resolve4(NAME)) == sorted(addresses)


async def test_server_that_never_answers_by_tcp_is_etimeout(answering: Any) -> None:
    answering.respond = lambda query, tcp: [] if tcp else [truncated(query)]
    with pytest.raises(TimeoutError):
        await hasty(answering).resolve4(NAME)


async def test_question_by_tcp_can_be_cancelled(answering: Any) -> None:
    answering.respond = lambda query, tcp: [] if tcp else [truncated(query)]
    question = hasty(answering, timeout=5000).resolve4(NAME)
    while len(answering.questions) < 2:
        await asyncio.sleep(0)
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question


# --- out of descriptors ---------------------------------------------------------------------------------------

@contextmanager
def no_descriptors() -> Iterator[None]:
    """None can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("known", [True, False])
async def test_program_out_of_descriptors_gets_an_error(answering: Any, known: bool) -> None:
    """Whether the resolver has a channel of c-ares already, or needs one."""
    resolver = hasty(answering)
    assert await (resolver if known else hasty(answering)).resolve4(NAME) == ["192.0.2.1"]
    with no_descriptors():
        question: asyncio.Future[Any] = resolver.resolve_mx(NAME)
        while not question.done():
            await asyncio.sleep(0)
    with pytest.raises(OSError, match=r"queryMx E[A-Z]+ name\.test"):
        await question


def test_question_under_way_leaves_nothing_when_the_run_fails(server: Any) -> None:
    asked = threading.Event()

    def respond(query: Any, tcp: bool) -> list[bytes]:
        asked.set()
        return []

    def main() -> None:
        hasty(server, timeout=5000).resolve4(NAME, lambda *_: None)
        set_immediate(fail_once_asked)

    def fail_once_asked() -> None:
        if asked.is_set():
            raise RuntimeError("no more")
        set_immediate(fail_once_asked)

    server.respond = respond
    with pytest.raises(RuntimeError, match="no more"):
        run(main)


# --- a crowd --------------------------------------------------------------------------------------------------

@pytest.mark.slow
async def test_thousands_of_questions_at_once_are_all_answered(server: Any) -> None:
    def respond(query: Any, tcp: bool) -> list[bytes]:
        number = int(query.question[0].name.labels[0])
        response = dns.message.make_response(query)
        address = f"10.0.{number >> 8}.{number & 255}"
        response.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", address))
        return [response.to_wire()]

    server.respond = respond
    resolver = hasty(server, timeout=2000, tries=4)
    found = await asyncio.gather(*[resolver.resolve4(f"{number}.test") for number in range(CROWD)])
    assert found == [[f"10.0.{number >> 8}.{number & 255}"] for number in range(CROWD)]


async def test_crowd_can_be_cancelled(server: Any) -> None:
    server.respond = lambda query, tcp: []
    questions = [hasty(server, timeout=5000).resolve4(f"{number}.test") for number in range(50)]
    resolver = hasty(server, timeout=5000)
    questions += [resolver.resolve4(f"{number}.test") for number in range(950)]
    for each in questions:
        each.cancel()
    assert len(await asyncio.gather(*questions, return_exceptions=True)) == 1000
