"""add_abort_signal: let an AbortSignal destroy a stream.

Source: https://nodejs.org/api/stream.html#streamaddabortsignalsignal-stream
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .base import Stream
from .status import check_stream

if TYPE_CHECKING:
    from ..events.abort import Signal

__all__ = ["add_abort_signal"]

S = TypeVar("S", bound=Stream)


def add_abort_signal(signal: Signal, stream: S) -> S:
    """Destroy `stream` with an AbortError when `signal` aborts; returns the stream.

    The error's `cause` is the signal's reason.

    Raises:
        ArgumentTypeError: no signal, or no stream (ERR_INVALID_ARG_TYPE).
    """
    from .signals import when_aborted
    from .watch import StreamWatch

    check_stream("stream", stream)
    forget = when_aborted(signal, stream.destroy)
    StreamWatch(stream, lambda error: forget(), error=False, cleanup=True).start()
    return stream
