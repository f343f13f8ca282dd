"""The `netloop` command.

    netloop run app.py          run a script, then the loop, as `node app.js` does
    netloop demo                start services to try, and watch what happens
    netloop tcp HOST PORT       a two-way pipe between the terminal and a socket
    netloop udp HOST PORT       the same with datagrams
    netloop dns NAME            what name servers know of a name
    netloop http GET URL        ask a web server
    netloop ws URL              talk to a WebSocket server

There is a file for each command, whose function `command` typer reads: its parameters are the options, its
docstring is the help.  What only one command needs (the network, rich) is imported when that command runs, so
that all of them start quickly.
"""

from __future__ import annotations

from typing import Annotated

import typer

from . import demo, dns, http, run, tcp, udp, ws

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})


def _show_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__
        typer.echo(f"netloop {__version__}")
        raise typer.Exit


@app.callback()
def main(version: Annotated[bool, typer.Option("--version", help="Show the version, and exit.",
                                               callback=_show_version, is_eager=True)] = False) -> None:
    """Node's networking model for Python, at the speed of the kernel."""


# Whatever follows the script belongs to it, options included.
app.command("run", context_settings={"allow_interspersed_args": False})(run.command)
app.command("demo")(demo.command)
app.command("tcp")(tcp.command)
app.command("udp")(udp.command)
app.command("dns")(dns.command)
app.command("http")(http.command)
app.command("ws")(ws.command)
