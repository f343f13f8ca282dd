"""The events and options of the streams, typed: for editors and type checkers.  See events/signatures.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, TypeVar, overload

from ..events.signatures import (
    AnyListener,
    E,
    EmitterEvent,
    ErrorListener,
    Listener,
    ListenerListener,
    NameAndListener,
    NoArguments,
    OneError,
    PlainListener,
)

if TYPE_CHECKING:
    from ..loop import Loop
    from .readable import Readable

OneChunk: TypeAlias = Callable[[Any], object]
OneSource: TypeAlias = "Callable[[Readable], object]"

ChunkListener = TypeVar("ChunkListener", bound=OneChunk)
SourceListener = TypeVar("SourceListener", bound=OneSource)

_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]
_ReadableSignal: TypeAlias = Literal["close", "end", "pause", "readable", "resume"]
_WritableSignal: TypeAlias = Literal["close", "drain", "finish", "prefinish"]
_DuplexSignal: TypeAlias = _ReadableSignal | _WritableSignal
_PipeEvent: TypeAlias = Literal["pipe", "unpipe"]

ReadableEvent: TypeAlias = EmitterEvent | _ReadableSignal | Literal["data"]
WritableEvent: TypeAlias = EmitterEvent | _WritableSignal | _PipeEvent
DuplexEvent: TypeAlias = ReadableEvent | WritableEvent


class DuplexOptions(TypedDict, total=False):
    """The keyword arguments of `Duplex`, for what passes them on."""

    allow_half_open: bool
    readable: bool
    writable: bool
    high_water_mark: int | None
    readable_high_water_mark: int | None
    writable_high_water_mark: int | None
    object_mode: bool
    readable_object_mode: bool
    writable_object_mode: bool
    writable_corked: int
    encoding: str | None
    decode_strings: bool
    default_encoding: str
    emit_close: bool
    auto_destroy: bool
    read: Callable[..., object] | None
    write: Callable[..., object] | None
    writev: Callable[..., object] | None
    final: Callable[..., object] | None
    destroy: Callable[..., object] | None
    construct: Callable[..., object] | None
    signal: Any
    loop: Loop | None


# --- Readable -----------------------------------------------------------------------------------------------

@overload
def readable_on(self: E, event: Literal["data"], listener: OneChunk) -> E: ...
@overload
def readable_on(self: object, event: Literal["data"]) -> Callable[[ChunkListener], ChunkListener]: ...
@overload
def readable_on(self: E, event: _ReadableSignal, listener: NoArguments) -> E: ...
@overload
def readable_on(self: object, event: _ReadableSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def readable_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def readable_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def readable_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def readable_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def readable_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def readable_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def readable_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the stream.  Without `listener`, a decorator."""


def readable_off(self: E, event: ReadableEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the stream."""
    return self


# --- Writable -----------------------------------------------------------------------------------------------

@overload
def writable_on(self: E, event: _PipeEvent, listener: OneSource) -> E: ...
@overload
def writable_on(self: object, event: _PipeEvent) -> Callable[[SourceListener], SourceListener]: ...
@overload
def writable_on(self: E, event: _WritableSignal, listener: NoArguments) -> E: ...
@overload
def writable_on(self: object, event: _WritableSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def writable_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def writable_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def writable_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def writable_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def writable_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def writable_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def writable_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the stream.  Without `listener`, a decorator."""


def writable_off(self: E, event: WritableEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the stream."""
    return self


# --- Duplex -------------------------------------------------------------------------------------------------

@overload
def duplex_on(self: E, event: Literal["data"], listener: OneChunk) -> E: ...
@overload
def duplex_on(self: object, event: Literal["data"]) -> Callable[[ChunkListener], ChunkListener]: ...
@overload
def duplex_on(self: E, event: _PipeEvent, listener: OneSource) -> E: ...
@overload
def duplex_on(self: object, event: _PipeEvent) -> Callable[[SourceListener], SourceListener]: ...
@overload
def duplex_on(self: E, event: _DuplexSignal, listener: NoArguments) -> E: ...
@overload
def duplex_on(self: object, event: _DuplexSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def duplex_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def duplex_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def duplex_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def duplex_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def duplex_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def duplex_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def duplex_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the stream.  Without `listener`, a decorator."""


def duplex_off(self: E, event: DuplexEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the stream."""
    return self
