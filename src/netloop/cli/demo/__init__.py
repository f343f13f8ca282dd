"""`netloop demo`: services to try, and a line for everything that happens at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ..ending import failure, reason

if TYPE_CHECKING:
    from rich.console import Console

    from .service import Service

__all__ = ["command"]

FIRST_PORT = 8124       # as in Node's documentation of net


def command(
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, show_default=False, help=(
        "Where the first service listens; the others follow.  0: the system chooses each.  "
        "Without it they listen at 8124 and after, HTTP at 12010, HTTPS at 12443, UDP at 41234."))] = None,
    host: Annotated[str, typer.Option(metavar="HOST", help=(
        "The address to listen on.  Only this machine can reach the default."))] = "127.0.0.1",
) -> None:
    """Start services to try, say what to type, and show what happens.  Ctrl-C stops them."""
    from rich.console import Console

    from ...loop import run
    from .log import Log
    from .services import SERVICES

    last = 65536 - len(SERVICES)
    if port is not None and port > last:
        raise typer.BadParameter(f"the {len(SERVICES)} services need as many ports: at most {last}",
                                 param_hint="--port")
    console = Console(highlight=False, soft_wrap=True)
    able = [service for service in SERVICES if service.missing() is None]
    with Log(console, {service.name: service.colour for service in able}) as log:
        services = [service(log) for service in able]
        try:
            run(lambda: _start(services, host, _ports(services, port), console))
        except OSError as error:
            raise failure(f"netloop demo: {reason(error)}{_way_out(error)}") from None


def _ports(services: Sequence[Service], first: int | None) -> list[int]:
    if first is None:
        return [service.own_port or FIRST_PORT + index for index, service in enumerate(services)]
    return [first and first + index for index in range(len(services))]


async def _start(services: Sequence[Service], host: str, wanted: Sequence[int], console: Console) -> None:
    ports = [await service.start(host, port) for service, port in zip(services, wanted, strict=True)]
    _introduce(services, host, ports, console)


def _introduce(services: Sequence[Service], host: str, ports: Sequence[int], console: Console) -> None:
    from rich.table import Table

    from .services import SERVICES

    table = Table(box=None, show_header=False, padding=(0, 3, 0, 0))
    for service, port in zip(services, ports, strict=True):
        table.add_row(f"[{service.colour}]{service.name}[/]", service.summary,
                      f"[bold]{service.try_it(host, port)}[/]")
    console.print(f"{len(services)} services listen on {host}.  Try them from other terminals:\n")
    console.print(table)
    for kind in SERVICES:
        if why := kind.missing():
            console.print(f"\n{why}", markup=False)
    console.print("\nWhat happens is shown here.  Ctrl-C stops them.\n")


def _way_out(error: OSError) -> str:
    """What to do about it, if we know."""
    code = getattr(error, "code", None)
    if code == "EADDRINUSE":
        return ".  Choose another port to begin with: netloop demo --port 9000"
    if code == "EACCES":
        return ".  Ports below 1024 are the administrator's: netloop demo --port 9000"
    return ""
