"""`netloop tcp`: a two-way pipe between the terminal and a socket."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from .ending import failure, reason, run_to_end
from .trust import unverified

if TYPE_CHECKING:
    from ..net import Socket
    from .session import Session

__all__ = ["command"]


def command(
    where: Annotated[list[str] | None, typer.Argument(metavar="HOST PORT", show_default=False, help=(
        "Where to connect to.  With --listen: PORT, and the address to listen on if not on all."))] = None,
    listen: Annotated[bool, typer.Option("--listen", "-l", help="Wait for one connection.")] = False,
    unix: Annotated[str | None, typer.Option(metavar="PATH", show_default=False, help=(
        "A UNIX socket instead of host and port."))] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt: the server needs a certificate that you trust.")] = False,
    servername: Annotated[str | None, typer.Option(metavar="NAME", show_default=False, help=(
        "With --tls: the name that the certificate must have, if it is not HOST."))] = None,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, show_default=False, help=(
        "With --tls: the certificates to trust instead of the system's, as PEM."))] = None,
    insecure: Annotated[bool, typer.Option("--insecure", "-k", help="With --tls: accept any certificate.")] = False,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.001, show_default=False, help=(
        "Give up when connecting takes longer, or when nothing moved for so long."))] = None,
) -> None:
    """A two-way pipe between the terminal and a socket, right for text and for files.

    Talk to a server:  netloop tcp localhost 8124

    Receive a file:    netloop tcp --listen 9000 > copy.iso

    Send it:           netloop tcp localhost 9000 < file.iso

    Encrypted:         netloop tcp --tls example.org 443

    At the end of the input (Ctrl-D) the peer is told, and may still answer.
    """
    from ..errors import AggregateError
    from .stdio import open_closed

    endpoint = _endpoint(where or [], listen, unix)
    encryption = _encryption(tls, servername, ca, insecure, listen)
    open_closed()
    try:
        with ExitStack() as display:
            session = run_to_end(lambda: _talk(endpoint, encryption, listen, timeout, display))
        if session.error is not None:
            raise session.error
        if getattr(session.socket, "truncated", False):
            typer.echo(f"netloop tcp: {endpoint.text}: the connection ended without a goodbye (close_notify): "
                       "the end may be missing", err=True)
    except (OSError, AggregateError) as error:
        raise failure(f"netloop tcp: {endpoint.text}: {reason(error)}") from None


# --- where ---

class Endpoint(NamedTuple):
    """Where to connect to, or to listen."""

    options: dict[str, Any]     # of net.connect and Server.listen
    text: str                   # as the user gave it


def _endpoint(where: list[str], listen: bool, unix: str | None) -> Endpoint:
    if unix is not None:
        if where:
            raise typer.BadParameter("a UNIX socket has no host and port", param_hint="--unix")
        return Endpoint({"path": unix}, unix)
    if len(where) not in ((1, 2) if listen else (2,)):
        raise typer.BadParameter("netloop tcp takes HOST PORT, --listen PORT [HOST], or --unix PATH",
                                 param_hint="HOST PORT")
    port, host = (where[0], where[1:]) if listen else (where[1], where[:1])
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise typer.BadParameter(f"{port!r} is no port: they are numbers up to 65535", param_hint="PORT")
    options: dict[str, Any] = {"port": int(port)}
    if host:
        options["host"] = host[0]
    return Endpoint(options, ":".join([*host, port]))


def _encryption(tls: bool, servername: str | None, ca: Path | None, insecure: bool, listen: bool) -> dict[str, Any] | None:
    """The options of tls.connect, or None for plain TCP."""
    given = {"--servername": servername, "--ca": ca, "--insecure": insecure}
    if listen and tls:
        raise typer.BadParameter("a server would need a certificate of its own", param_hint="--tls")
    if not tls:
        for name, value in given.items():
            if value:
                raise typer.BadParameter("it goes with --tls", param_hint=name)
        return None
    options: dict[str, Any] = {} if servername is None else {"servername": servername}
    if ca is not None:
        options["ca"] = ca
    return options | (unverified() if insecure else {})


# --- talking ---

async def _talk(endpoint: Endpoint, encryption: dict[str, Any] | None, listen: bool, timeout: float | None,
                display: ExitStack) -> Session:
    """Start the conversation; the loop goes on until it has ended."""
    from .progress import TransferProgress, is_wanted, rows_of
    from .session import Session
    from .stdio import STDIN, STDOUT, Input, Output

    # A file or a pipe is sent to its end although the peer has finished; a terminal never ends by itself.
    half_open = not os.isatty(STDIN)
    socket = await (_accept(endpoint, half_open) if listen else
                    _connect(endpoint, encryption, half_open, timeout))
    if timeout is not None:
        _limit_silence(socket, timeout)
    session = Session(socket, Input(STDIN), Output(STDOUT))
    if is_wanted():
        display.enter_context(TransferProgress(*rows_of(socket)))
    return session


async def _connect(endpoint: Endpoint, encryption: dict[str, Any] | None, half_open: bool, timeout: float | None) -> Socket:
    from .. import net

    options = endpoint.options | {"allow_half_open": half_open, "no_delay": True}
    if encryption is None:
        socket = net.connect(**options)
    else:
        from .. import tls

        socket = tls.connect(**options, **encryption)
    if timeout is not None:
        _limit_silence(socket, timeout)
    return await socket


async def _accept(endpoint: Endpoint, half_open: bool) -> Socket:
    """The first connection; others are refused from then on."""
    from ..events import once
    from ..net import create_server

    server = await create_server(allow_half_open=half_open, no_delay=True).listen(**endpoint.options)
    typer.echo(f"listening on {_shown(server.address())}", err=True)
    socket: Socket
    [socket] = await once(server, "connection")
    server.close()
    return socket


def _limit_silence(socket: Socket, seconds: float) -> None:
    def on_timeout() -> None:
        opening = socket.connecting or getattr(socket, "secure_connecting", False)
        what = "no connection" if opening else "nothing moved"
        socket.destroy(TimeoutError(f"{what} within {seconds:g} s"))

    socket.remove_all_listeners("timeout").set_timeout(seconds * 1000, on_timeout)


def _shown(address: Any) -> str:
    if isinstance(address, str):
        return address
    host = f"[{address.address}]" if ":" in address.address else address.address
    return f"{host}:{address.port}"
