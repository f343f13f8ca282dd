"""`netloop run`: a script, then the loop."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .ending import SIGNAL_STATUS, failure, reason, run_to_end

if TYPE_CHECKING:
    from types import FrameType

    from .program import Program

__all__ = ["command"]


def command(
    script: Annotated[str, typer.Argument(metavar="SCRIPT", help="The file to run, or with -m the module.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="ARGS", show_default=False, help=(
        "What the script finds in sys.argv."))] = None,
    module: Annotated[bool, typer.Option("-m", help="SCRIPT is a module, as in python -m.")] = False,
    busy_poll: Annotated[float, typer.Option(metavar="MICROSECONDS", min=0, show_default=False, help=(
        "Look for events that long before falling asleep: faster round trips for more CPU time."))] = 0,
    why: Annotated[bool, typer.Option("--why", help="At Ctrl-C, say what is still open.")] = False,
) -> None:
    """Run a Python script, then the loop until nothing is open any more, as node app.js does.

    An error that nobody handled ends it with a traceback and status 1, Ctrl-C with 130, SIGTERM with 143.
    """
    from .._tracebacks import show

    sys.excepthook = sys.__excepthook__     # typer's, which a script would take for one that somebody chose
    if why:
        _explain_interrupts()
    try:
        _find(script, module).execute(arguments or [])
        if "netloop.loop.loops" in sys.modules:     # else the script has nothing in the loop
            run_to_end(busy_poll=busy_poll)
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        raise typer.Exit(SIGNAL_STATUS + signal.SIGINT) from None
    except Exception as error:
        show(error)
        raise typer.Exit(1) from None


def _find(script: str, module: bool) -> Program:
    from .program import module_program, script_program

    try:
        return module_program(script) if module else script_program(script)
    except (OSError, ImportError) as error:
        if isinstance(error, ImportError) and not f"{script}.".startswith(f"{error.name}."):
            raise                           # the package is there, and fails to import something else
        hint = "; for a package there is netloop run -m" if isinstance(error, IsADirectoryError) else ""
        raise failure(f"netloop run: {script}: {reason(error)}{hint}") from None


def _explain_interrupts() -> None:
    """At SIGINT, say what keeps the loop alive, and be interrupted as usual."""

    def explain(number: int, frame: FrameType | None) -> None:
        from ..loop import active_handles
        found = active_handles()
        typer.echo("\nopen:" if found else "\nnothing is open", err=True)
        for handle in found:
            typer.echo(f"  {handle}", err=True)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, explain)
