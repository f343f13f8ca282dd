"""new_event_loop: a whole asyncio loop, on netloop's poller."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from netloop import net, new_event_loop, set_timeout
from netloop.loop import current

LOOPBACK = "127.0.0.1"


def run(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def test_it_is_a_standard_loop_that_runs_netloop_too() -> None:
    async def main() -> bool:
        return current().asyncio_loop is asyncio.get_running_loop()

    loop = new_event_loop()
    assert isinstance(loop, asyncio.SelectorEventLoop)
    assert loop.run_until_complete(main())
    loop.close()


def test_one_runner_runs_several_mains() -> None:
    async def answer(number: int) -> int:
        await asyncio.sleep(0)
        return number

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert [runner.run(answer(number)) for number in range(3)] == [0, 1, 2]


# --- what asyncio offers ---

def test_call_later_and_call_at_keep_their_times() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        log: list[str] = []
        over = loop.create_future()
        loop.call_later(0.003, over.set_result, None)
        loop.call_at(loop.time() + 0.002, log.append, "second")
        loop.call_later(0.001, log.append, "first")
        loop.call_later(0.001, log.append, "cancelled").cancel()
        await over
        return log

    assert run(main()) == ["first", "second"]


def test_a_timer_of_asyncio_that_starts_while_the_loop_works_is_in_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        set_timeout(lambda: loop.call_later(0.001, over.set_result, None), 1)
        started = loop.time()
        await asyncio.wait_for(over, 5)
        return loop.time() - started

    assert 0.002 <= run(main()) < 5


def test_wait_for_times_out() -> None:
    async def main() -> None:
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.001)

    with pytest.raises(TimeoutError):
        run(main())


def test_call_soon_threadsafe_wakes_it() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        await loop.run_in_executor(None, loop.call_soon_threadsafe, over.set_result, "woken")
        return await over  # type: ignore[no-any-return]

    assert run(main()) == "woken"


def test_readers_and_writers_are_called_until_they_are_removed() -> None:
    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        log: list[Any] = []
        over = loop.create_future()
        ours, theirs = socket.socketpair()

        def can_write() -> None:
            log.append(("written", loop.remove_writer(ours)))
            theirs.send(b"x")

        def can_read() -> None:
            log.append(ours.recv(10))
            log.append(("removed", loop.remove_reader(ours), loop.remove_reader(ours)))
            over.set_result(None)

        loop.add_writer(ours, can_write)
        loop.add_reader(ours, can_read)
        await over
        ours.close()
        theirs.close()
        return log

    assert run(main()) == [("written", True), b"x", ("removed", True, False)]


def test_a_descriptor_that_is_closed_before_it_is_removed_does_no_harm() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        loop.add_reader(ours, print)
        number = ours.fileno()
        ours.close()
        again = os.dup(theirs.fileno())             # the kernel gives the lowest number
        assert again == number
        loop.remove_reader(number)
        os.close(again)
        theirs.close()
        await asyncio.sleep(0)

    run(main())


def test_sock_methods_move_bytes() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        with socket.create_server((LOOPBACK, 0)) as server, socket.socket() as client:
            server.setblocking(False)
            client.setblocking(False)
            accepting = loop.create_task(loop.sock_accept(server))
            await loop.sock_connect(client, server.getsockname())
            theirs, _ = await accepting
            with theirs:
                await loop.sock_sendall(client, b"hello")
                return await loop.sock_recv(theirs, 100)

    assert run(main()) == b"hello"


def test_asyncio_streams_talk_to_netloop_and_the_other_way() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(100))
        writer.close()
        await writer.wait_closed()

    async def main() -> list[bytes]:
        theirs = await asyncio.start_server(echo, LOOPBACK, 0)
        ours = await net.create_server(lambda accepted: accepted.pipe(accepted)).listen(0, LOOPBACK)
        client = net.connect(theirs.sockets[0].getsockname()[1], LOOPBACK)
        client.write(b"from netloop")
        received = [b"".join([chunk async for chunk in client])]
        reader, writer = await asyncio.open_connection(LOOPBACK, ours.address().port)  # type: ignore[union-attr]
        writer.write(b"from asyncio")
        writer.write_eof()
        received.append(await reader.read())
        writer.close()
        await writer.wait_closed()
        theirs.close()
        await theirs.wait_closed()
        ours.close()
        return received

    assert run(main()) == [b"from netloop", b"from asyncio"]


def test_datagrams_of_asyncio_arrive() -> None:
    class Receiver(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def datagram_received(self, data: bytes, address: Any) -> None:
            self.received.set_result(data)

    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        transport, receiver = await loop.create_datagram_endpoint(Receiver, (LOOPBACK, 0))
        transport.sendto(b"hello", transport.get_extra_info("sockname"))
        try:
            return await receiver.received
        finally:
            transport.close()

    assert run(main()) == b"hello"


def test_a_signal_handler_is_called() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        heard = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, heard.set_result, "heard")
        os.kill(os.getpid(), signal.SIGUSR1)
        try:
            return await heard  # type: ignore[no-any-return]
        finally:
            loop.remove_signal_handler(signal.SIGUSR1)

    assert run(main()) == "heard"


def test_an_interrupt_cancels_main_and_leaves_the_runner() -> None:
    log: list[str] = []

    async def main() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("cancelled")

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert log == ["cancelled"]


def test_a_subprocess_talks_through_pipes_and_ends() -> None:
    async def main() -> tuple[bytes, int | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", "print(input()[::-1], end='')", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE)
        stdout, _ = await process.communicate(b"hello\n")
        return stdout, process.returncode

    assert run(main()) == (b"olleh", 0)


# --- the end ---

def test_asynchronous_generators_are_shut_down() -> None:
    log: list[str] = []
    kept: list[Any] = []

    async def numbers() -> Any:
        try:
            yield 1
        finally:
            log.append("closed")

    async def main() -> None:
        kept.append(numbers())
        await anext(kept[0])

    run(main())
    assert log == ["closed"]


def test_what_is_open_is_closed_with_its_events_when_the_runner_ends() -> None:
    log: list[str] = []

    async def main() -> None:
        set_timeout(log.append, 60_000, "never")
        await net.create_server().on("close", lambda: log.append("close")).listen(0, LOOPBACK)

    run(main())
    assert log == ["close"]


def test_what_is_open_is_closed_when_the_loop_is_closed_without_a_runner() -> None:
    async def main() -> net.Server:
        return await net.create_server().listen(0, LOOPBACK)

    loop = new_event_loop()
    server = loop.run_until_complete(main())
    descriptor = server._handle.fd  # type: ignore[union-attr]
    loop.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_loop_that_nobody_closed_leaves_nothing_but_its_own_warning() -> None:
    def make_and_forget() -> None:
        new_event_loop().run_until_complete(asyncio.sleep(0))
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed event loop"):
        make_and_forget()


def test_unhandled_errors_go_to_the_exception_handler() -> None:
    def broken() -> None:
        raise ValueError("broken")

    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        told: list[Any] = []
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        set_timeout(broken, 1)
        while not told:
            await asyncio.sleep(0)
        return told

    assert repr(run(main())) == "[ValueError('broken')]"
