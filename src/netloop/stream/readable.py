"""Readable: a source of data, read by listeners, by read(), by a pipe, or by ``async for``.

The class is the face; what it does is in `intake` (push), `flow` (read, pause and resume) and `pipe`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from .._engine.text import is_text
from ..errors import invalid_type
from .base import Stream
from .flow import data_wanted, pause, read, read_more, readable_unwanted, readable_wanted, resume
from .intake import push, set_encoding, unshift
from .iteration import ReadableIterator
from .pipe import pipe, unpipe, unpipe_all
from .sink import Sink
from .state import ReadableState

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from .signatures import readable_off, readable_on

__all__ = ["Readable"]


class Readable(Stream):
    """A source of data.

    Subclass it and define `_read`, which calls `push`; or give the hooks as functions.

    Parameters:
        high_water_mark: how much is buffered before the source shall stop; bytes (65536), or objects (16).
        encoding: give str decoded so, instead of bytes.
        object_mode: chunks are any objects but None, and are counted, not measured.
        emit_close: emit `close` (default True).
        auto_destroy: destroy the stream after `end` or an error (default True).
        read, destroy, construct: the hooks `_read`, `_destroy` and `_construct` as functions; each gets the
            stream as its first argument.
        signal: an abort signal that destroys the stream with an `AbortError`.
        loop: the loop to live in; by default that of this thread.

    Events:
        data (chunk): a chunk of bytes, str or an object.  A listener for it makes the stream flow.
        readable: there is something to read(), or the end.
        end: all data was consumed.
        pause, resume: the flow was stopped, started.
        error (exception), close: see `Stream`.

    Source: https://nodejs.org/api/stream.html#class-streamreadable
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = readable_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = readable_on      # type: ignore[assignment]
        off = remove_listener = readable_off

    def __init__(self, *, high_water_mark: int | None = None, encoding: str | None = None,
                 object_mode: bool = False, emit_close: bool = True, auto_destroy: bool = True,
                 read: Callable[..., object] | None = None, destroy: Callable[..., object] | None = None,
                 construct: Callable[..., object] | None = None, signal: Any = None,
                 loop: Loop | None = None) -> None:
        state = ReadableState(high_water_mark, object_mode, encoding)
        self._set_up(loop, state, None, emit_close, auto_destroy)
        self._take_options({"_read": read, "_destroy": destroy, "_construct": construct}, signal)

    # --- for the source -------------------------------------------------------------------------------------

    def push(self, chunk: Any, encoding: str | None = None) -> bool:
        """Add a chunk; None is the end.  False means: no more until `_read` is called again.

        Str is stored as bytes of `encoding` ("utf8"), unless the stream has an encoding itself.  An error is
        told as event `error`: ERR_STREAM_PUSH_AFTER_EOF, or ERR_INVALID_ARG_TYPE for what is no data.

        Source: https://nodejs.org/api/stream.html#readablepushchunk-encoding
        """
        return push(self, chunk, encoding)

    def unshift(self, chunk: Any, encoding: str | None = None) -> bool:
        """Put a chunk back to the front of the buffer: a reader took too much.

        After `end` it fails with ERR_STREAM_UNSHIFT_AFTER_END_EVENT.
        Source: https://nodejs.org/api/stream.html#readableunshiftchunk-encoding
        """
        return unshift(self, chunk, encoding)

    def wrap(self, stream: Any) -> Self:
        """Read from an old emitter of `data` and `end` that has pause() and resume(); returns this stream.

        Source: https://nodejs.org/api/stream.html#readablewrapstream
        """
        from .wrap import wrap
        wrap(self, stream)
        return self

    # --- for the consumer -----------------------------------------------------------------------------------

    def read(self, size: int | None = None) -> Any:
        """Take `size` bytes, characters (with an encoding) or one object; None when there is less.

        Without `size` all that is buffered.  After the end of the source a larger `size` gives what is left.
        Source: https://nodejs.org/api/stream.html#readablereadsize
        """
        if size is not None and not isinstance(size, int):
            raise invalid_type("size", "an int", size)
        return read(self, -1 if size is None or size < 0 else size)

    def set_encoding(self, encoding: str) -> Self:
        """Give str from now on.  A character split between two chunks comes out whole.

        Raises:
            ArgumentValueError: the encoding is unknown (ERR_UNKNOWN_ENCODING).

        Source: https://nodejs.org/api/stream.html#readablesetencodingencoding
        """
        set_encoding(self, encoding)
        return self

    def pause(self) -> Self:
        """Stop the flow: from now on chunks stay in the buffer."""
        pause(self)
        return self

    def resume(self) -> Self:
        """Let the data flow, from the next tick on.  Without a `data` listener it is lost."""
        resume(self)
        return self

    def is_paused(self) -> bool:
        """Whether `pause` was called, and `resume` not since."""
        state = self._readable_state
        return state.paused or (state.flow_decided and not state.flowing)

    def pipe(self, destination: Any, *, end: bool = True) -> Any:
        """Write all data to `destination`, at its pace; returns `destination`.

        When the stream ends it ends the destination, unless `end` is False.  Errors are not passed on: see
        `pipeline`.
        Source: https://nodejs.org/api/stream.html#readablepipedestination-options
        """
        return pipe(self, destination, end)

    def unpipe(self, destination: Any = None) -> Self:
        """Take away the pipe to `destination`, or all.  The stream is paused when none is left."""
        if destination is None:
            unpipe_all(self)
        else:
            unpipe(self, destination)
        return self

    # --- with asyncio ---------------------------------------------------------------------------------------

    def __aiter__(self) -> AsyncIterator[Any]:
        """The chunks, one by one.  Leaving the loop early destroys the stream."""
        return self.iterator()

    def iterator(self, *, destroy_on_return: bool = True) -> AsyncIterator[Any]:
        """As ``async for``; with `destroy_on_return` False the stream survives a loop that is left early."""
        return ReadableIterator(self, destroy_on_return)

    def map(self, fn: Callable[..., Any], *, concurrency: int = 1, high_water_mark: int | None = None,
            signal: Any = None) -> Readable:
        """A stream of what `fn` (maybe a coroutine function) makes of each chunk, in order."""
        from .operators import map_
        return map_(self, fn, concurrency=concurrency, high_water_mark=high_water_mark, signal=signal)

    def filter(self, fn: Callable[..., Any], *, concurrency: int = 1, high_water_mark: int | None = None,
               signal: Any = None) -> Readable:
        """A stream of the chunks for which `fn` (maybe a coroutine function) is true."""
        from .operators import filter_
        return filter_(self, fn, concurrency=concurrency, high_water_mark=high_water_mark, signal=signal)

    def flat_map(self, fn: Callable[..., Any], *, concurrency: int = 1, signal: Any = None) -> Readable:
        """A stream of the items of what `fn` returns for each chunk: an iterable or async iterable."""
        from .operators import flat_map
        return flat_map(self, fn, concurrency=concurrency, signal=signal)

    def drop(self, limit: int, *, signal: Any = None) -> Readable:
        """A stream without the first `limit` chunks."""
        from .operators import drop
        return drop(self, limit, signal=signal)

    def take(self, limit: int, *, signal: Any = None) -> Readable:
        """A stream of the first `limit` chunks."""
        from .operators import take
        return take(self, limit, signal=signal)

    def compose(self, stream: Any, *, signal: Any = None) -> Any:
        """This stream through `stream` (a Duplex, an async generator function): a Duplex."""
        from .compose import compose_readable
        return compose_readable(self, stream, signal=signal)

    def for_each(self, fn: Callable[..., Any], *, concurrency: int = 1,
                 signal: Any = None) -> Awaitable[None]:
        """Await `fn` for each chunk."""
        from .operators import for_each
        return for_each(self, fn, concurrency=concurrency, signal=signal)

    def to_array(self, *, signal: Any = None) -> Awaitable[list[Any]]:
        """Await all chunks as a list."""
        from .operators import to_array
        return to_array(self, signal=signal)

    def some(self, fn: Callable[..., Any], *, concurrency: int = 1, signal: Any = None) -> Awaitable[bool]:
        """Whether `fn` is true for a chunk; the stream is destroyed at the first one."""
        from .operators import some
        return some(self, fn, concurrency=concurrency, signal=signal)

    def find(self, fn: Callable[..., Any], *, concurrency: int = 1, signal: Any = None) -> Awaitable[Any]:
        """The first chunk for which `fn` is true, or None; the stream is destroyed then."""
        from .operators import find
        return find(self, fn, concurrency=concurrency, signal=signal)

    def every(self, fn: Callable[..., Any], *, concurrency: int = 1, signal: Any = None) -> Awaitable[bool]:
        """Whether `fn` is true for every chunk; the stream is destroyed at the first other one."""
        from .operators import every
        return every(self, fn, concurrency=concurrency, signal=signal)

    def reduce(self, fn: Callable[..., Any], *initial: Any, signal: Any = None) -> Awaitable[Any]:
        """Fold the chunks with ``fn(previous, chunk)``, from `initial` or else from the first chunk."""
        from .operators import reduce
        return reduce(self, fn, *initial, signal=signal)

    @staticmethod
    def from_(iterable: Iterable[Any] | AsyncIterable[Any], **options: Any) -> Readable:
        """A stream of the items of an iterable or async iterable; bytes and str are one chunk.

        `options` are those of the constructor; `object_mode` is True by default.
        Source: https://nodejs.org/api/stream.html#streamreadablefromiterable-options
        """
        from .sources import from_iterable
        return from_iterable(iterable, **options)

    @staticmethod
    def from_web(reader: Any, **options: Any) -> Readable:
        """A stream of what an `asyncio.StreamReader` reads: asyncio's stands where Node has the web's."""
        from .sources import from_stream_reader
        return from_stream_reader(reader, **options)

    @staticmethod
    def to_web(readable: Readable) -> Any:
        """An `asyncio.StreamReader` that gets what the stream reads."""
        from .sources import to_stream_reader
        return to_stream_reader(readable)

    @staticmethod
    def is_disturbed(stream: Stream) -> bool:
        """Whether the stream was read from, or came to an end or to an error."""
        from .finished import is_disturbed
        return is_disturbed(stream)

    # --- ask ------------------------------------------------------------------------------------------------

    @property
    def readable(self) -> bool:
        """Whether read() may be called: not destroyed, no error, no `end` yet."""
        state = self._readable_state
        return state.readable and not (self.destroyed or state.end_emitted or self.errored is not None)

    @property
    def readable_aborted(self) -> bool:
        """Whether the stream was destroyed or failed before `end`."""
        state = self._readable_state
        return state.readable and not state.end_emitted and (self.destroyed or self.errored is not None)

    @property
    def readable_did_read(self) -> bool:
        """Whether any data was read."""
        return self._readable_state.did_read

    @property
    def readable_encoding(self) -> str | None:
        """The encoding that `set_encoding` or the option set."""
        return self._readable_state.encoding

    @property
    def readable_ended(self) -> bool:
        """Whether `end` was emitted."""
        return self._readable_state.end_emitted

    @property
    def readable_flowing(self) -> bool | None:
        """None: nobody asked for data yet.  True: it goes to `data` listeners.  False: it stays buffered."""
        state = self._readable_state
        return state.flowing if state.flow_decided else None

    @property
    def readable_high_water_mark(self) -> int:
        """The option `high_water_mark`, raised if read() asked for more."""
        return self._readable_state.high_water_mark

    @property
    def readable_length(self) -> int:
        """How much is buffered: bytes, characters or objects."""
        return self._readable_state.length

    @property
    def readable_object_mode(self) -> bool:
        return self._readable_state.object_mode

    # --- how the halves hear of things ----------------------------------------------------------------------

    def _listener_added(self, event: Any) -> None:
        if is_text(event, "data"):
            self._find_sink()
            data_wanted(self)
        elif is_text(event, "readable"):
            readable_wanted(self)

    def _listener_removed(self, event: Any) -> None:
        if is_text(event, "data"):
            self._find_sink()
        elif is_text(event, "readable"):
            readable_unwanted(self)

    def _find_sink(self) -> None:
        found = None if self._listeners is None else self._listeners.get("data")
        self._readable_state.sink = found if isinstance(found, Sink) else None

    def _on_constructed(self) -> None:
        if self._readable_state.need_readable:
            read_more(self, self._readable_state)

    def _on_readable_end(self) -> None:
        if self._auto_destroy:
            self.destroy()
