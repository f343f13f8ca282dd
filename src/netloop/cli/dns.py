"""`netloop dns`: what name servers know of a name, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .ending import failure, reason, run_to_end
from .printable import printable

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help=(
        "A host name; or an IP address, for the names that it has."))],
    rrtype: Annotated[str | None, typer.Option("--type", "-t", metavar="TYPE", show_default=False, help=(
        "A, AAAA, ANY, CAA, CNAME, MX, NAPTR, NS, PTR, SOA, SRV, TLSA or TXT; both kinds of addresses by default."))] = None,
    server: Annotated[str | None, typer.Option("--server", "-s", metavar="ADDR[:PORT]", show_default=False, help=(
        "Ask this name server instead of the system's."))] = None,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.001, show_default=False, help=(
        "How long to wait for the first try; each further one has twice as long."))] = None,
) -> None:
    """Ask name servers for the records of a name.

    Where mail goes:  netloop dns example.org --type MX

    Ask a certain server:  netloop dns example.org --server 192.0.2.53

    The names of an address:  netloop dns 192.0.2.1
    """
    from rich.console import Console

    from ..errors import NetloopError

    try:
        records = run_to_end(lambda: _ask(name, rrtype and rrtype.upper(), server, timeout))
    except NetloopError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        raise failure(f"netloop dns: {reason(error)}") from None
    Console().print(_table(records))


async def _ask(name: str, rrtype: str | None, server: str | None, timeout: float | None) -> list[Any]:
    from ..dns.records import PtrRecord
    from ..dns.resolver import Resolver
    from ..ip import is_ip

    resolver = Resolver(timeout=-1 if timeout is None else timeout * 1000)
    if server is not None:
        resolver.set_servers([server])
    if is_ip(name) and rrtype is None:
        return [PtrRecord(each) for each in await resolver.reverse(name)]
    if rrtype is None:
        return await _addresses(resolver, name)
    return _as_records(rrtype, await _question(resolver, name, rrtype))


async def _addresses(resolver: Any, name: str) -> list[Any]:
    """Of both kinds; an error only if there are none of either."""
    import asyncio

    answers = await asyncio.gather(resolver.resolve4(name, ttl=True), resolver.resolve6(name, ttl=True),
                                   return_exceptions=True)
    found = [record for answer in answers if isinstance(answer, list) for record in answer]
    if not found:
        raise answers[0]
    return found


def _question(resolver: Any, name: str, rrtype: str) -> Any:
    if rrtype in ("A", "AAAA"):
        ask = resolver.resolve4 if rrtype == "A" else resolver.resolve6
        return ask(name, ttl=True)
    return resolver.resolve(name, rrtype)


def _as_records(rrtype: str, answer: Any) -> list[Any]:
    """The records whole, where a function of `dns` gives a part of them."""
    from ..dns import records

    kinds: dict[str, Any] = {"CNAME": records.CnameRecord, "NS": records.NsRecord, "PTR": records.PtrRecord,
                             "TXT": records.TxtRecord}
    if rrtype == "SOA":
        return [answer]
    return [kinds[rrtype](each) for each in answer] if rrtype in kinds else list(answer)


# --- the table ---

def _table(records: list[Any]) -> Table:
    """A column for each field when all records are of one type; otherwise one for all that a record says."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table("type", box=box.SIMPLE_HEAD, header_style="bold")
    same = len({record.type for record in records}) == 1
    for field in records[0]._fields if same else ("record",):
        table.add_column(field.replace("_", " "), overflow="fold")
    for record in records:
        values = [_shown(value) for value in record]
        # As Text, for what a peer chose must not style the table.
        table.add_row(record.type, *(map(Text, values) if same else [Text("  ".join(values))]))
    return table


def _shown(value: Any) -> str:
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, bytes):
        value = value.hex()
    return printable(str(value))
