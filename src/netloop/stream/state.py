"""What the two halves of a stream remember, `ReadableState` and `WritableState`; default high-water marks.

A state is data only; the functions in `intake`, `flow`, `writing` and `finish` act on it.  A stream has one
of them, or both: the halves never share a flag.  What concerns the stream as a whole (destroyed, closed,
errored) is in `base.Stream`.

An idle connection must stay small, so whatever only a busy stream needs starts as None: the read buffer, the
queue of writes, the callbacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..encoding import StreamDecoder
from ..errors import invalid_type, invalid_value, out_of_range

if TYPE_CHECKING:
    from typing import TypeAlias

    from .gatherer import Gatherer
    from .pipe import Pipe
    from .sink import Sink

    Callback: TypeAlias = Callable[[Exception | None], object]      # what a hook gets, and calls when it is done
    Done: TypeAlias = Callable[[], object] | Callback               # what a user gives, and is called when it is done

__all__ = ["ReadableState", "WritableState", "get_default_high_water_mark", "set_default_high_water_mark"]

_default_bytes = 65536      # 64 KiB, Node's since v22: what one read of a socket gives at most
_default_objects = 16


def get_default_high_water_mark(object_mode: bool = False) -> int:
    """The high-water mark of streams that are not given one: 65536 bytes, or 16 objects.

    Source: https://nodejs.org/api/stream.html#streamgetdefaulthighwatermarkobjectmode
    """
    return _default_objects if object_mode else _default_bytes


def set_default_high_water_mark(object_mode: bool, value: int) -> None:
    """Change the default for streams made from now on; `value` counts objects if `object_mode`, else bytes.

    Raises:
        ArgumentTypeError: `value` is not an int (ERR_INVALID_ARG_TYPE).
        ArgumentValueError: `value` is negative (ERR_OUT_OF_RANGE).

    Source: https://nodejs.org/api/stream.html#streamsetdefaulthighwatermarkobjectmode-value
    """
    global _default_bytes, _default_objects
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_type("value", "an int", value)
    if value < 0:
        raise out_of_range("value", ">= 0", value)
    if object_mode:
        _default_objects = value
    else:
        _default_bytes = value


def chosen_high_water_mark(value: Any, object_mode: bool) -> int:
    """The option `high_water_mark` checked, or the default."""
    if value is None:
        return get_default_high_water_mark(object_mode)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid_value("high_water_mark", "an int >= 0", value)
    return value


class ReadableState:
    """The readable half: chunks that were pushed and not read yet, and who wants them.

    `flowing` is one third of Node's three-state: `flow_decided` is False as long as nobody asked for data in
    either way.
    """

    if TYPE_CHECKING:
        high_water_mark: int
        length: int                     # what is buffered, in bytes, characters or objects
        buffer: Any                     # a deque; None when empty
        offset: int                     # how much of the first chunk was read already
        decoder: StreamDecoder | None
        pipes: list[Pipe] | None
        object_mode: bool
        # the consumer
        flow_decided: bool              # False: nobody asked for data yet (Node's readableFlowing === null)
        flowing: bool                   # chunks go to `data` listeners as they come
        paused: bool                    # pause() was called, and resume() not since
        resume_scheduled: bool
        readable_listening: bool        # `readable` has listeners: they drive the stream by read()
        need_readable: bool             # somebody found nothing and waits for `readable`
        emitted_readable: bool          # `readable` is due or was emitted, and nobody read since
        did_read: bool
        sink: Sink | None               # the only `data` listener, if it is one
        # the source
        reading: bool                   # _read was called and has not pushed yet
        sync: bool                      # we are inside _read, or before its first call
        reading_more: bool              # a tick that fills the buffer is due
        continuous: bool                # the source goes on by itself while push() is True, as a socket does
        ended: bool                     # the source pushed None
        end_due: bool                   # the tick that emits `end` is queued
        end_emitted: bool
        readable: bool                  # False: a Duplex without this half

    def __init__(self, high_water_mark: int | None = None, object_mode: bool = False,
                 encoding: str | None = None) -> None:
        self.start()
        self.high_water_mark = chosen_high_water_mark(high_water_mark, object_mode)
        self.object_mode = object_mode
        if encoding is not None:
            self.decoder = StreamDecoder(encoding)

    def start(self) -> None:
        """Become the state of a stream of bytes with the usual high-water mark, at less cost than by a call of the class."""
        self.high_water_mark = _default_bytes
        self.object_mode = False
        self.length = self.offset = 0
        self.buffer = self.pipes = self.decoder = self.sink = None
        self.flow_decided = self.flowing = self.paused = self.resume_scheduled = False
        self.readable_listening = self.need_readable = self.emitted_readable = self.did_read = False
        self.reading = self.reading_more = self.continuous = False
        self.sync = True        # until the first _read: what a maker pushes before it returns is buffered too
        self.ended = self.end_due = self.end_emitted = False
        self.readable = True

    @property
    def encoding(self) -> str | None:
        """What chunks are decoded from; None for bytes."""
        return None if self.decoder is None else self.decoder.encoding

    def close_half(self) -> None:
        """Nothing is to be read here: the half of a Duplex that its maker switched off."""
        self.readable = False
        self.ended = self.end_emitted = True

    def wants_more(self) -> bool:
        """What `push` answers: whether the source should go on."""
        return not self.ended and (self.length < self.high_water_mark or self.length == 0)

    def drop_buffer(self) -> None:
        self.buffer = None
        self.length = self.offset = 0


class WritableState:
    """The writable half: one write in flight at the sink, and those that wait behind it.

    `length` counts both, in bytes or objects; what the kernel took at once was never counted.
    """

    if TYPE_CHECKING:
        high_water_mark: int
        length: int
        default_encoding: str
        object_mode: bool
        decode_strings: bool
        direct: bool                    # the stream's _try_write may take a chunk at once
        has_writev: bool
        # in flight
        writing: bool                   # _write, or _writev, has not called back yet
        sync: bool                      # we are inside it
        flight_length: int
        flight_callback: Done | list[Done | None] | None     # a list for what _writev took
        # behind it
        corked: int
        clearing: bool                  # the queue is being handed out: not again from inside
        queue: Any                      # a deque of (chunk, encoding, callback); None when empty
        # after it
        completed: list[Done | None] | None     # callbacks that the next tick calls
        need_drain: bool                # write() returned False, so `drain` is owed
        # the end
        ending: bool                    # end() was called
        ended: bool                     # and has returned
        final_called: bool
        final_pending: bool             # _final has not called back yet
        prefinished: bool
        finished: bool
        finish_callbacks: list[Done] | None
        gatherer: Gatherer | None       # who keeps chunks for this stream, to be flushed before anything else is written
        writable: bool                  # False: a Duplex without this half

    def __init__(self, high_water_mark: int | None = None, object_mode: bool = False,
                 decode_strings: bool = True, default_encoding: str = "utf8") -> None:
        self.start()
        self.high_water_mark = chosen_high_water_mark(high_water_mark, object_mode)
        self.object_mode = object_mode
        self.decode_strings = decode_strings
        self.default_encoding = default_encoding

    def start(self) -> None:
        """Become the state of a stream of bytes with the usual high-water mark, at less cost than by a call of the class."""
        self.high_water_mark = _default_bytes
        self.object_mode = False
        self.decode_strings = True
        self.default_encoding = "utf8"
        self.length = self.flight_length = self.corked = 0
        self.flight_callback = self.queue = self.completed = self.finish_callbacks = self.gatherer = None
        self.direct = self.has_writev = False
        self.writing = self.sync = self.clearing = self.need_drain = False
        self.ending = self.ended = self.finished = False
        self.final_called = self.final_pending = self.prefinished = False
        self.writable = True

    def close_half(self) -> None:
        """Nothing is to be written here: the half of a Duplex that its maker switched off."""
        self.writable = False
        self.ending = self.ended = self.finished = True

    def take_flight(self) -> list[Done | None]:
        """End the write in flight: it counts no longer, and its callbacks are the caller's to call."""
        callback = self.flight_callback
        self.writing = False
        self.flight_callback = None
        self.length -= self.flight_length
        self.flight_length = 0
        return callback if isinstance(callback, list) else [callback]

    def take_queue(self) -> list[Done | None]:
        """Drop the writes that wait; their callbacks are the caller's to call."""
        queue = self.queue
        self.queue = None
        return [callback for _, _, callback in queue] if queue is not None else []

    def take_finish_callbacks(self) -> list[Done]:
        callbacks = self.finish_callbacks
        self.finish_callbacks = None
        return callbacks if callbacks is not None else []
