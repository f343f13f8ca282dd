"""How a command ends: in one line and status 1, or with the status that shells give to a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from ..loop.runner import Main

__all__ = ["failure", "reason", "run_to_end", "story"]

T = TypeVar("T")
SIGNAL_STATUS = 128     # plus the signal's number: what a shell reports for a program that the signal killed


def failure(message: str) -> typer.Exit:
    """Print one line on stderr; ``raise failure("netloop tcp: ...")`` ends the command with status 1."""
    typer.echo(message, err=True)
    return typer.Exit(1)


def reason(error: Exception) -> str:
    """What an error says, without the class and number that tracebacks show."""
    if isinstance(error, ExceptionGroup):
        return error.message
    if getattr(error, "code", None) == "ERR_SSL_WRONG_VERSION_NUMBER":
        return "the peer does not speak TLS"        # OpenSSL took what it does speak for a version of TLS
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def story(error: Exception) -> str:
    """The reason, and on a line of its own what a request had done by then, where the error tells."""
    return "\n  ".join([reason(error), *getattr(error, "__notes__", [])[-1:]])


def run_to_end(main: Main[T] | None = None, *, busy_poll: float = 0) -> Any:
    """`netloop.run`, but SIGINT ends the command with status 130 and SIGTERM with 143, quietly."""
    from ..loop.runner import Run

    run = Run(None, busy_poll)
    result = run(main)
    if run.signal is not None:
        raise typer.Exit(SIGNAL_STATUS + run.signal)
    return result
