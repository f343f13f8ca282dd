"""How `netloop http` shows a response.

The head goes to stderr, so that the body can be redirected, which then is exactly what came, with a line that tells how
far it is.  On a terminal text is shown, JSON laid out and coloured, and bytes that are no text are not.
"""

from __future__ import annotations

import json
import os
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from ..http.client_response import charset_of
from ..stream import pipeline
from .printable import printable
from .progress import Row, TransferProgress, is_wanted
from .stdio import STDOUT, Output

if TYPE_CHECKING:
    from ..http import Response
    from .http_body import Body

__all__ = ["show"]

LARGEST_LAID_OUT = 2**20        # bytes: JSON that is longer goes by as it comes


async def show(response: Response, body: Body) -> None:
    """Print the head, and the body as it comes."""
    _show_head(response)
    if not os.isatty(STDOUT):
        await _save_body(body)
    else:
        as_shown = _as_json if _is_json(response) else partial(_as_text, encoding=_encoding(response))
        await pipeline(body, as_shown, partial(_with_line_end, body), Output(STDOUT))


def _show_head(response: Response) -> None:
    from rich.console import Console
    from rich.text import Text

    colour = {2: "green", 3: "cyan"}.get(response.status_code // 100, "red")
    head = Text(f"HTTP/{response.message.http_version} ", style="dim")
    head.append(printable(f"{response.status_code} {response.status_message}"), style=f"not dim bold {colour}")
    raw = response.raw_headers
    for name, value in zip(raw[::2], raw[1::2], strict=True):
        head.append(f"\n{name}: ", style="not dim cyan")
        head.append(printable(value), style="not dim")
    head.append("\n")
    Console(stderr=True, soft_wrap=True, highlight=False).print(head)


async def _save_body(body: Body) -> None:
    """Pass it on byte for byte."""
    with ExitStack() as display:
        if is_wanted():
            display.enter_context(TransferProgress(Row("received", lambda: body.received, body.length)))
        await pipeline(body, Output(STDOUT))


# --- on a terminal --------------------------------------------------------------------------------------------------

def _is_json(response: Response) -> bool:
    kind: str = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def _as_json(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) > LARGEST_LAID_OUT:
            async for piece in _as_text(_again(bytes(gathered), chunks)):
                yield piece
            return
    yield _laid_out(gathered.decode("utf-8", "replace")).encode()


async def _again(gathered: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield gathered
    async for chunk in chunks:
        yield chunk


def _laid_out(text: str) -> str:
    from rich.console import Console
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    try:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pass                            # it only says that it is JSON
    shown = Text(printable(text, "\n\t"))
    JSONHighlighter().highlight(shown)
    console = Console(soft_wrap=True)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def _encoding(response: Response) -> str:
    """That of the body as text, as `Response.text` has it."""
    return charset_of(response.headers.get("content-type", "")) or "utf-8"


async def _as_text(chunks: AsyncIterator[bytes], encoding: str = "utf-8") -> AsyncIterator[bytes]:
    decoder = getincrementaldecoder(encoding)("replace")
    async for chunk in chunks:
        text = decoder.decode(chunk)
        if "\0" in text:
            yield b"\n(This is no text.  Redirect the output to keep it.)\n"
            return
        yield printable(text, "\n\t").encode()
    yield printable(decoder.decode(b"", True)).encode()


async def _with_line_end(body: Body, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """End the last line of a body that broke off: what went wrong has a line of its own."""
    last = b""
    async for piece in pieces:
        last = piece or last
        yield piece
    if body.is_cut_short and last and not last.endswith(b"\n"):
        yield b"\n"
