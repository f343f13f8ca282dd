"""compose: several streams and functions as one Duplex, that is written at the first and read at the last.

Source: https://nodejs.org/api/stream.html#streamcomposestreams
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError, invalid_value
from .abort import add_abort_signal
from .base import Stream
from .duplex import Duplex
from .pipeline import pipeline
from .status import has_readable_half, has_writable_half

if TYPE_CHECKING:
    from ..events.abort import Signal
    from .readable import Readable

__all__ = ["compose", "compose_readable"]


def compose(*streams: Any) -> Duplex:
    """A Duplex whose writes go to the first of `streams` and whose reads come from the last.

    Each is piped into the next.  Whatever is no stream is made one as `Duplex.from_` does: iterables,
    coroutine functions, async generator functions.  An error in any of them destroys all and the Duplex.

    Raises:
        ArgumentValueError: nothing to compose (ERR_MISSING_ARGS), or a stream that cannot be read before
            others or cannot be written behind others (ERR_INVALID_ARG_VALUE).
        ArgumentTypeError: what cannot be made a stream (ERR_INVALID_ARG_TYPE).
    """
    from .duplex_from import duplex_from
    from .joined import JoinedDuplex

    if not streams:
        raise ArgumentValueError("compose needs at least one stream; got 0", "ERR_MISSING_ARGS")
    if len(streams) == 1:
        return duplex_from(streams[0])
    parts = [stream if isinstance(stream, Stream) else duplex_from(stream) for stream in streams]
    for index, (part, given) in enumerate(zip(parts, streams, strict=True)):
        if index < len(parts) - 1 and not has_readable_half(part):
            raise invalid_value(f"streams[{index}]", "readable", given)
        if index > 0 and not has_writable_half(part):
            raise invalid_value(f"streams[{index}]", "writable", given)

    read_half = parts[-1] if has_readable_half(parts[-1]) else None
    write_half = parts[0] if has_writable_half(parts[0]) else None
    composed = JoinedDuplex(read_half, write_half)

    def on_done(error: Exception | None) -> None:
        # Without halves of its own the Duplex has nothing else that could end it.
        if error is not None or read_half is write_half is None:
            composed.destroy(error)

    pipeline(*parts, on_done)
    return composed


def compose_readable(stream: Readable, other: Any, *, signal: Signal | None = None) -> Duplex:
    """`stream.compose(other)`: `stream` piped through `other`; `signal` destroys the result."""
    composed = compose(stream, other)
    return composed if signal is None else add_abort_signal(signal, composed)
