"""`netloop udp`: a two-way pipe between the terminal and a UDP socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .arguments import port_number
from .ending import failure, reason, run_to_end

if TYPE_CHECKING:
    import asyncio

    from ..dgram import RemoteInfo, Socket
    from .stdio import Output

__all__ = ["command"]

DATAGRAM = 1400         # bytes: passes every common network in one piece
WAIT_S = 1.0            # how long an answer may take, unless --wait says so


def command(
    where: Annotated[list[str] | None, typer.Argument(metavar="HOST PORT", show_default=False, help=(
        "Where to send to.  With --listen: PORT, and the address to receive at if not at all."))] = None,
    listen: Annotated[bool, typer.Option("--listen", "-l", help=(
        "Receive from anybody, and answer to whoever was heard last."))] = False,
    wait: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.001, show_default=False, help=(
        "End when the input has ended and nothing came for so long: 1 by default, never with --listen."))] = None,
) -> None:
    """A two-way pipe between the terminal and a UDP socket.

    Talk to a server:    netloop udp localhost 41234

    Be one:              netloop udp --listen 41234

    Ask and print:       echo hello | netloop udp localhost 41234

    Each line that is typed is a datagram, and so are each 1400 bytes of a file.  UDP may lose them.
    """
    from .stdio import open_closed

    host, port = _endpoint(where or [], listen)
    shown = f"{host}:{port}" if host else str(port)
    if wait is None and not listen:
        wait = WAIT_S
    open_closed()
    try:
        run_to_end(lambda: _talk(host, port, listen, wait))
    except OSError as error:
        raise failure(f"netloop udp: {shown}: {reason(error)}") from None


def _endpoint(where: list[str], listen: bool) -> tuple[str | None, int]:
    if len(where) not in ((1, 2) if listen else (2,)):
        raise typer.BadParameter("netloop udp takes HOST PORT, or --listen PORT [HOST]", param_hint="HOST PORT")
    port, host = (where[0], where[1:]) if listen else (where[1], where[:1])
    return (host[0] if host else None), port_number(port, least=0 if listen else 1)


# --- talking ---

async def _talk(host: str | None, port: int, listen: bool, wait: float | None) -> None:
    import asyncio

    async with await _open(host, port, listen) as socket:
        conversation = Conversation(socket, not listen, wait)
        tasks = [asyncio.create_task(conversation.receive()), asyncio.create_task(conversation.send())]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()


async def _open(host: str | None, port: int, listen: bool) -> Socket:
    from ..dgram import create_socket

    if listen:
        family = 6 if host is None or ":" in host else 4
        socket = await create_socket("udp6" if family == 6 else "udp4").bind(port, host)
        typer.echo(f"listening on {socket.address()}", err=True)
        return socket
    address, family = await _resolved(host or "localhost")
    return await create_socket("udp6" if family == 6 else "udp4").connect(port, address)


async def _resolved(host: str) -> tuple[str, int]:
    """The address to send to: IPv4 where there is one, because an answer tells nothing of the other."""
    from ..dns import lookup

    found = await lookup(host, all=True)
    return min(((each.address, each.family) for each in found), key=lambda pair: pair[1])


class Conversation:
    """What is typed goes to the peer, what comes is printed, until both have an end.

    The peer is whom the socket is connected to; else whoever was heard last, and the input waits for the first.
    """

    def __init__(self, socket: Socket, connected: bool, wait: float | None) -> None:
        import asyncio

        self._socket = socket
        self._connected = connected
        self._arriving = aiter(socket)
        self._wait = wait
        self._patience: asyncio.Timeout | None = None
        self._input_ended = False
        self._peer: RemoteInfo | None = None
        self._somebody = asyncio.Event()

    async def receive(self) -> None:
        """Print what comes, until the input has ended and nothing came for a while."""
        import asyncio

        from .stdio import STDOUT, Output

        output = Output(STDOUT)
        try:
            while True:
                async with asyncio.timeout(self._wait if self._input_ended else None) as self._patience:
                    message, self._peer = await anext(self._arriving)
                self._somebody.set()
                if not output.write(message):
                    await output.drain()
        except TimeoutError:
            await self._finish(output)

    async def _finish(self, output: Output) -> None:
        from ..stream import finished

        output.end()
        await finished(output)

    async def send(self) -> None:
        """Send what is typed, a line or a piece of a file in a datagram."""
        from .stdio import STDIN, Input

        async for chunk in Input(STDIN):
            if not self._connected:
                await self._somebody.wait()
            for start in range(0, len(chunk), DATAGRAM):
                await self._send_piece(chunk[start:start + DATAGRAM])
        self._input_ended = True
        if self._wait is not None and self._patience is not None:
            import asyncio
            self._patience.reschedule(asyncio.get_running_loop().time() + self._wait)

    async def _send_piece(self, piece: bytes) -> None:
        if self._connected or self._peer is None:
            await self._socket.send(piece)
        else:
            await self._socket.send(piece, self._peer.port, self._peer.address)
