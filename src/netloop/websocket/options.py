"""The options that accepted and connecting WebSockets share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from ..errors import invalid_type, invalid_value, out_of_range
from ..timers import milliseconds
from .deflate_options import DeflateOptions
from .masking_keys import KEYS, CustomKeys, MaskingKeys
from .outbound import HIGH_WATER_MARK
from .protocol import MAX_PENDING_PONGS
from .receiver import MAX_BUFFERED_CHUNKS, MAX_FRAGMENTS, MAX_PAYLOAD

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["ConnectionKeywords", "ConnectionOptions", "CLOSE_TIMEOUT_MS", "SLOW_CONSUMER"]

CLOSE_TIMEOUT_MS = 30000            # as in ws
HEARTBEAT_TIMEOUT_MS = 20000        # for the pong, after the ping
MAX_BUFFERED_AMOUNT = 16 * 1024 * 1024      # where a policy for slow consumers begins to act
SLOW_CONSUMER = ("block", "drop", "close")


class ConnectionKeywords(TypedDict, total=False):
    """The keywords, for those who pass them on; `ConnectionOptions` says what they mean."""

    per_message_deflate: bool | dict[str, Any] | DeflateOptions
    max_payload: int
    max_fragments: int
    max_buffered_chunks: int
    max_pending_auto_pongs: int
    auto_pong: bool
    allow_synchronous_events: bool
    skip_utf8_validation: bool
    close_timeout: float | timedelta
    heartbeat: float | timedelta
    heartbeat_timeout: float | timedelta
    high_water_mark: int
    slow_consumer: str
    max_buffered_amount: int
    generate_mask: Callable[[], bytes] | None


class ConnectionOptions:
    """What holds for a connection once it is open.

    Args:
        per_message_deflate: compress: True, False, a `DeflateOptions` or a dict of its keywords.
        max_payload: bytes of a message, after inflating; larger ones end the connection with 1009 (100 MiB; 0: no limit).
        max_fragments: of a message (131072; 0: no limit).
        max_buffered_chunks: that are kept while paused (262144; 0: no limit).
        max_pending_auto_pongs: that wait to be written, before a flood of pings ends the connection (60; 0: no limit).
        auto_pong: answer pings by oneself (True).
        allow_synchronous_events: False: after each `message`, `ping` and `pong` ticks run before the next one (True).
        skip_utf8_validation: False; True replaces what is no UTF-8.
        close_timeout: ms, or a timedelta: how long the peer may take for the closing handshake (30000).
        heartbeat: ms: send a ping whenever nothing came for so long (0: never).
        heartbeat_timeout: ms: end the connection when nothing comes for so long after that ping (20000).
        high_water_mark: bytes: from here on `send` says to wait for `drain` (65536).
        slow_consumer: what `send` does beyond `max_buffered_amount`, if its answer is not heeded: "block" queues on,
            "drop" drops the oldest messages that wait, "close" closes with 1013.
        max_buffered_amount: bytes (16 MiB).
        generate_mask: a function that returns the four bytes of a masking key, for tests.

    Raises:
        ArgumentTypeError, ArgumentValueError: a value cannot be used.
    """

    def __init__(self, *, per_message_deflate: bool | dict[str, Any] | DeflateOptions = False,
                 max_payload: int = MAX_PAYLOAD, max_fragments: int = MAX_FRAGMENTS,
                 max_buffered_chunks: int = MAX_BUFFERED_CHUNKS, max_pending_auto_pongs: int = MAX_PENDING_PONGS,
                 auto_pong: bool = True, allow_synchronous_events: bool = True, skip_utf8_validation: bool = False,
                 close_timeout: float | timedelta = CLOSE_TIMEOUT_MS, heartbeat: float | timedelta = 0,
                 heartbeat_timeout: float | timedelta = HEARTBEAT_TIMEOUT_MS, high_water_mark: int = HIGH_WATER_MARK,
                 slow_consumer: str = "block", max_buffered_amount: int = MAX_BUFFERED_AMOUNT,
                 generate_mask: Callable[[], bytes] | None = None) -> None:
        self.deflate = _deflate_options(per_message_deflate)
        self.max_payload = _size("max_payload", max_payload)
        self.max_fragments = _size("max_fragments", max_fragments)
        self.max_buffered_chunks = _size("max_buffered_chunks", max_buffered_chunks)
        self.max_pending_auto_pongs = _size("max_pending_auto_pongs", max_pending_auto_pongs)
        self.auto_pong = auto_pong
        self.allow_synchronous_events = allow_synchronous_events
        self.skip_utf8_validation = skip_utf8_validation
        self.close_timeout = milliseconds("close_timeout", close_timeout)
        self.heartbeat = milliseconds("heartbeat", heartbeat)
        self.heartbeat_timeout = milliseconds("heartbeat_timeout", heartbeat_timeout)
        self.high_water_mark = _size("high_water_mark", high_water_mark)
        if slow_consumer not in SLOW_CONSUMER:
            raise invalid_value("slow_consumer", f"one of {', '.join(SLOW_CONSUMER)}", slow_consumer)
        self.slow_consumer = slow_consumer
        self.max_buffered_amount = _size("max_buffered_amount", max_buffered_amount)
        if generate_mask is not None and not callable(generate_mask):
            raise invalid_type("generate_mask", "a function that returns four bytes", generate_mask)
        self.keys: MaskingKeys = KEYS if generate_mask is None else CustomKeys(generate_mask)


def _deflate_options(value: Any) -> DeflateOptions | None:
    if value is True:
        return DeflateOptions()
    if value is False or value is None:
        return None
    if isinstance(value, dict):
        return DeflateOptions(**value)
    if not isinstance(value, DeflateOptions):
        raise invalid_type("per_message_deflate", "a bool, a dict or DeflateOptions", value)
    return value


def _size(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_type(name, "an int", value)
    if value < 0:
        raise out_of_range(name, ">= 0", value)
    return value
