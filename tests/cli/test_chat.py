"""The chat room of `netloop demo`: names, lines, and members that read slowly."""

from __future__ import annotations

import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

import pytest
from rich.console import Console

from netloop import net, run
from netloop.cli.demo.chat import LONGEST_LINE, Chat
from netloop.cli.demo.log import Log


class Guest:
    """Somebody who connects to the room, and looks at what comes."""

    def __init__(self, socket: net.Socket) -> None:
        self._socket = socket.set_encoding("utf8")
        self._chunks = socket.iterator(destroy_on_return=False)
        self._seen = ""

    async def says(self, text: str) -> Self:
        self._socket.write(text + "\n")
        await self._socket.drain()
        return self

    async def sees(self, text: str) -> str:
        """Wait until `text` comes; returns what came before it."""
        while text not in self._seen:
            self._seen += await anext(self._chunks)
        before, _, self._seen = self._seen.partition(text)
        return before

    async def sees_the_end(self) -> str:
        async for chunk in self._chunks:
            self._seen += chunk
        return self._seen

    def leaves(self) -> None:
        self._socket.end()


class Place:
    """A running chat service."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.guests: list[net.Socket] = []

    async def enter(self, name: str = "", kernel_buffer: int = 0) -> Guest:
        """A new guest, who has given this name."""
        python_socket = socket.socket()
        if kernel_buffer:
            python_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kernel_buffer)
        python_socket.connect(("127.0.0.1", self._port))
        self.guests.append(net.Socket(handle=python_socket))
        guest = Guest(self.guests[-1])
        await guest.sees("Your name? ")
        if name:
            await (await guest.says(name)).sees("* here: ")
        return guest


@asynccontextmanager
async def chat() -> AsyncIterator[Place]:
    service = Chat(Log(Console(file=io.StringIO(), soft_wrap=True), {"chat": "magenta"}))
    place = Place(await service.start("127.0.0.1", 0))
    try:
        yield place
    finally:
        for guest in place.guests:
            guest.destroy()
        service.server.close()


def in_room(test: Callable[[Place], Awaitable[None]]) -> Callable[[], None]:
    """A test that is given a running service."""

    def run_test() -> None:
        async def main() -> None:
            async with chat() as place:
                await test(place)

        run(main)

    run_test.__name__ = run_test.__qualname__ = getattr(test, "__name__", "")
    return run_test


@in_room
async def test_line_reaches_the_others_and_not_its_author(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    await amy.sees("* bob joined\n")
    await bob.says("hello")
    assert await amy.sees("bob: hello\n") == ""
    await bob.says("/who")
    assert "hello" not in await bob.sees("* here: amy, bob\n")


@in_room
async def test_joining_and_leaving_is_told(place: Place) -> None:
    amy = await place.enter("amy")
    bob = await place.enter("bob")
    await amy.sees("* bob joined\n")
    bob.leaves()
    await amy.sees("* bob left\n")


@in_room
async def test_quit_says_goodbye_and_ignores_what_follows(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    await bob.says("/quit\nare you there?")
    assert (await bob.sees_the_end()).endswith("* goodbye\n")
    assert "are you there" not in await amy.sees("* bob left\n")


@pytest.mark.parametrize("name", ["", "   ", "x" * 21, "\x1b\x07"])
def test_name_that_is_empty_or_too_long_is_refused(name: str) -> None:
    @in_room
    async def refused(place: Place) -> None:
        guest = await place.enter()
        await (await guest.says(name)).sees("1 to 20 characters, please.  Your name? ")
        await (await guest.says("amy")).sees("* welcome, amy.")

    refused()


@in_room
async def test_name_that_somebody_has_is_refused_whatever_its_case(place: Place) -> None:
    await place.enter("amy")
    other = await place.enter()
    await (await other.says("AMY")).sees("AMY is here already.  Your name? ")


@in_room
async def test_name_is_free_again_when_its_owner_has_left(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    amy.leaves()
    await bob.sees("* amy left\n")
    await place.enter("amy")


@in_room
async def test_who_is_not_in_the_room_yet_hears_nothing(place: Place) -> None:
    amy, nobody = await place.enter("amy"), await place.enter()
    await amy.says("secret")
    await (await amy.says("/who")).sees("* here: amy\n")
    assert "secret" not in await (await nobody.says("bob")).sees("* here: amy, bob\n")


@in_room
async def test_control_characters_do_not_reach_other_terminals(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    await bob.says("\x1b[2J\x07ping\r")
    await amy.sees("bob: [2Jping\n")


@in_room
async def test_line_without_an_end_is_cut(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    await amy.sees("* bob joined\n")
    await bob.says("x" * 1_000_000 + "\nnext")
    assert await amy.sees("bob: next\n") == f"bob: {'x' * LONGEST_LINE}\n"


@in_room
async def test_answers_that_are_not_read_are_missed_too(place: Place) -> None:
    guest = await place.enter(kernel_buffer=4096)
    await guest.says("\n" * 150_000)        # each is no name, and would be told so
    heard = await guest.sees("* you read too slowly and missed ")
    assert heard.count("Your name? ") + int(await guest.sees(" lines\n")) == 150_001


@in_room
async def test_slow_reader_misses_lines_and_holds_nobody_up(place: Place) -> None:
    amy, bob = await place.enter("amy"), await place.enter("bob")
    slow = await place.enter("slow", kernel_buffer=4096)
    await amy.sees("* slow joined\n")
    for number in range(40):                # 4 MB in all, far more than waits for a member
        await bob.says(("x" * LONGEST_LINE + "\n") * 100 + str(number))
        await amy.sees(f"bob: {number}\n")
    heard = await slow.sees("* you read too slowly and missed ")
    missed = int(await slow.sees(" lines\n"))
    assert heard.count("bob: ") + missed == 40 * 101
    assert missed > 500
