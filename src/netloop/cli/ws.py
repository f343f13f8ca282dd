"""`netloop ws`: talk to a WebSocket server, or be one that echoes."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .arguments import header_field, port_number
from .ending import failure, run_to_end, story
from .trust import unverified

if TYPE_CHECKING:
    from ..websocket import WebSocket
    from .ws_conversation import Ending

__all__ = ["command"]

WAIT_S = 1.0                        # how long an answer may take, unless --wait says so
CLEAN = (1000, 1001, 1005)          # close codes that are no failure


def command(
    where: Annotated[list[str], typer.Argument(metavar="URL", show_default=False, help=(
        "Where to connect to; \"ws://\" may be left out.  With --listen: PORT, and the address to listen on if not all."))],
    listen: Annotated[bool, typer.Option("--listen", "-l", help="Be a server that sends every message back.")] = False,
    header: Annotated[list[str] | None, typer.Option("--header", "-H", metavar="FIELD", show_default=False, help=(
        "A header field of the handshake: \"Name: value\".  May be given several times."))] = None,
    subprotocol: Annotated[list[str] | None, typer.Option("--subprotocol", "-s", metavar="NAME", show_default=False, help=(
        "A subprotocol to offer, or with --listen to speak.  May be given several times, the best first."))] = None,
    origin: Annotated[str | None, typer.Option(metavar="ORIGIN", show_default=False, help=(
        "The origin to come from, as browsers say it."))] = None,
    location: Annotated[bool, typer.Option("--location", "-L", help="Follow redirects.")] = False,
    insecure: Annotated[bool, typer.Option("--insecure", "-k", help=(
        "Accept any certificate: whoever is in between can read and change everything."))] = False,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.001, show_default=False, help=(
        "Give up when connecting takes longer."))] = None,
    wait: Annotated[float | None, typer.Option(metavar="SECONDS", min=0, show_default=False, help=(
        "Close when the input has ended and nothing came for so long: 1 by default, at once on a terminal."))] = None,
) -> None:
    """Talk to a WebSocket server: a line is a message, and a message a line.

    Talk:            netloop ws localhost:12010/chat

    Ask and print:   echo hello | netloop ws wss://example.org/

    Be a server:     netloop ws --listen 8080

    On a terminal there is a prompt with a history, and commands: /ping, /binary, /close, /help.
    """
    from ..errors import AggregateError, ArgumentTypeError, ArgumentValueError, NetloopError
    from .stdio import open_closed

    fields = dict(header_field(field) for field in header or ())
    of_a_client = {"--header": header, "--origin": origin, "--location": location, "--insecure": insecure,
                   "--timeout": timeout, "--wait": wait}
    open_closed()
    try:
        if listen:
            _refuse_options(of_a_client)
            _serve(where, subprotocol or [])
            return
        url = _url(where)
        options = {"headers": fields, "origin": origin, "follow_redirects": location,
                   "handshake_timeout": None if timeout is None else timeout * 1000, **_trust(url, insecure)}
        with ExitStack() as stack:
            ending = run_to_end(lambda: _talk(url, subprotocol or [], options, wait, stack))
    except (ArgumentTypeError, ArgumentValueError) as error:
        raise typer.BadParameter(str(error)) from None
    except (OSError, AggregateError, NetloopError) as error:
        raise failure(f"netloop ws: {story(error)}") from None
    if ending.code not in CLEAN and not ending.is_ours:
        raise failure(f"netloop ws: the server closed the connection: {ending.text}")


# --- what was asked for ---------------------------------------------------------------------------------------------

def _url(where: list[str]) -> str:
    if len(where) != 1:
        raise typer.BadParameter("netloop ws takes URL, or --listen PORT [HOST]", param_hint="URL")
    return where[0] if "://" in where[0] else f"ws://{where[0]}"


def _trust(url: str, insecure: bool) -> dict[str, Any]:
    """The option that accepts any certificate."""
    if not insecure:
        return {}
    if not url.lower().startswith(("wss:", "https:")):
        raise typer.BadParameter("only wss:// has certificates", param_hint="--insecure")
    return unverified()


def _refuse_options(of_a_client: dict[str, Any]) -> None:
    for name, value in of_a_client.items():
        if value:
            raise typer.BadParameter("a server that listens has no use for it", param_hint=name)


# --- doing it -------------------------------------------------------------------------------------------------------

async def _talk(url: str, subprotocols: list[str], options: dict[str, Any], wait: float | None, stack: ExitStack) -> Ending:
    from ..websocket import WebSocket
    from .ws_conversation import Conversation
    from .ws_prompt import Pipe, Prompt, is_wanted

    websocket = await WebSocket(url, subprotocols, **options)
    face = stack.enter_context(Prompt()) if is_wanted() else Pipe()
    if wait is None:
        wait = 0 if os.isatty(0) else WAIT_S
    face.notice(f"connected to {websocket.url}{_agreed(websocket)}")
    return await Conversation(websocket, face, wait).hold()


def _agreed(websocket: WebSocket) -> str:
    return "".join(f", {what}" for what in (websocket.protocol, websocket.extensions) if what)


def _serve(where: list[str], subprotocols: list[str]) -> None:
    from .ws_echo import serve

    if len(where) not in (1, 2):
        raise typer.BadParameter("netloop ws takes URL, or --listen PORT [HOST]", param_hint="PORT")
    port, host = port_number(where[0]), where[1] if len(where) == 2 else None
    run_to_end(lambda: serve(port, host, subprotocols))
