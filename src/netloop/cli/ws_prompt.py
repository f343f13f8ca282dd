"""The two faces of `netloop ws`: a prompt on a terminal, and a pipe for everything else.

The prompt stays at the bottom while messages are printed above it.  A thread reads the line, with readline; a message is
inserted as rows above the row of the cursor, which then goes back to where it was, one row lower, where readline still
thinks it is.  So neither knows of the other.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from ..stream import finished
from .printable import printable
from .stdio import STDIN, STDOUT, BlockingCalls, Input, Output

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Pipe", "Prompt", "is_wanted"]

SIGN = "> "
MOST_HISTORY = 1000     # lines
# Remember the cursor; make sure that there is a row below; insert an empty row where the prompt is.
ABOVE = "\x1b7\n\x1b[A\x1b[L"
BACK = "\n\x1b8\x1b[B"


def is_wanted() -> bool:
    """Whether there is somebody to type and to read, on a terminal that can do more than print."""
    return os.isatty(STDIN) and os.isatty(STDOUT) and os.environ.get("TERM", "dumb") != "dumb"


class Pipe:
    """Lines of the input are messages; messages go to the output, text with a line end, and notices to stderr."""

    has_commands = False

    def __init__(self) -> None:
        self._output = Output(STDOUT)

    async def lines(self) -> AsyncIterator[str]:
        pieces: list[bytes] = []        # of the line that has no end yet
        async for chunk in Input(STDIN):
            first, *more = chunk.split(b"\n")
            pieces.append(first)
            for each in more:
                yield _text(b"".join(pieces))
                pieces = [each]
        if last := b"".join(pieces):
            yield _text(last)

    async def show(self, message: str | bytes) -> None:
        if not self._output.write(message if isinstance(message, bytes) else f"{message}\n"):
            await self._output.drain()

    def notice(self, text: str) -> None:
        typer.echo(text, err=True)

    async def finish(self) -> None:
        self._output.end()
        await finished(self._output)


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


class Prompt:
    """A line to edit at the bottom, with a history that outlives the command.  A ``with`` block restores the terminal."""

    has_commands = True

    def __init__(self) -> None:
        from rich.console import Console

        from ..loop import current

        self._output = Output(STDOUT)
        self._console = Console(highlight=False)
        self._calls = BlockingCalls(current(), "prompt")
        self._readline = _readline()

    # --- going out --------------------------------------------------------------------------------------------------

    async def lines(self) -> AsyncIterator[str]:
        while (line := await self._next_line()) is not None:
            if line:
                yield line

    async def _next_line(self) -> str | None:
        typed: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def on_line(line: str | None, error: OSError | None) -> None:
            if not typed.done():
                typed.set_result(line)

        self._calls.make(_read_line, on_line)
        return await typed

    # --- coming in --------------------------------------------------------------------------------------------------

    async def show(self, message: str | bytes) -> None:
        text, style = (message, "") if isinstance(message, str) else (message.hex(" ") or "nothing", "cyan")
        if not self._print(text, f"{'<' if isinstance(message, str) else '<<'} ", style):
            await self._output.drain()

    def notice(self, text: str) -> None:
        self._print(text, "* ", "dim")

    def _print(self, text: str, sign: str, style: str) -> bool:
        """Print above the prompt; False if the terminal is slow."""
        return self._output.write("".join(f"{ABOVE}{row}{BACK}" for row in _rows(self._console, text, sign, style)))

    async def finish(self) -> None:
        self._calls.stop()
        self._output.write("\r\x1b[K")          # nobody will type there
        self._output.end()
        await finished(self._output)

    # --- the terminal -----------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        import termios

        self._attributes: list[Any] = termios.tcgetattr(STDIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """readline has changed the terminal, and may be waiting for a key for good."""
        import termios

        termios.tcsetattr(STDIN, termios.TCSADRAIN, self._attributes)
        if self._readline is not None:
            with suppress(OSError):
                self._readline.write_history_file(_history())


def _rows(console: Console, text: str, sign: str, style: str) -> list[str]:
    """The text as rows of the terminal, the first of them with a sign."""
    from rich.text import Text

    lines = Text(printable(text, "\n\t"), style=style).wrap(console, max(1, console.width - len(sign)), tab_size=8)
    rows: list[str] = []
    for line in lines:
        with console.capture() as captured:
            console.print(Text.assemble((" " * len(sign) if rows else sign, "dim"), line), end="", soft_wrap=True)
        rows.append(captured.get())
    return rows


def _read_line() -> str | None:
    try:
        return input(SIGN)
    except EOFError:
        return None


def _readline() -> ModuleType | None:
    """The module, with the history of earlier times; None where Python has none: then lines cannot be edited."""
    try:
        import readline
    except ImportError:
        return None
    readline.parse_and_bind("set horizontal-scroll-mode on")       # a prompt of one row: see above
    readline.set_history_length(MOST_HISTORY)
    with suppress(OSError):
        _history().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        readline.read_history_file(_history())
    return readline


def _history() -> Path:
    """Where the history is kept (XDG Base Directory Specification: state)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "netloop", "ws_history")
