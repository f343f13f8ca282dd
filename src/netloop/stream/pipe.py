"""pipe(): the data of a source goes to a destination, at the pace of the slowest one.

Each pipe is one small object whose methods are the listeners.  When a destination's write() returns False,
the source is paused and that pipe waits for `drain`; the source resumes when none of its pipes waits any
more.

Errors do not travel along a pipe: the side that failed is unpiped, and the other is left as it is.
`pipeline` is the function that cleans up both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from ..events.emitter import EventEmitter
from .base import Stream

__all__ = ["Pipe", "pipe", "unpipe", "unpipe_all"]


def pipe(source: Any, destination: Any, end: bool) -> Any:
    if not isinstance(destination, EventEmitter):
        raise invalid_type("destination", "a writable stream", destination)
    state = source._readable_state
    connection = Pipe(source, destination, end)
    if state.pipes is None:
        state.pipes = []
    state.pipes.append(connection)
    connection.connect()
    destination.emit("pipe", source)
    if getattr(destination, "writable_need_drain", False):
        connection.wait()
    elif not state.flowing:
        source.resume()
    return destination


def unpipe(source: Any, destination: Any) -> None:
    """Remove the oldest pipe from `source` to `destination`, if there is one."""
    for connection in source._readable_state.pipes or ():
        if connection.destination is destination:
            connection.remove()
            return


def unpipe_all(source: Any) -> None:
    for connection in list(source._readable_state.pipes or ()):
        connection.remove()


class Pipe:
    """The connection of one source to one destination.  Its methods `on_...` are the listeners."""

    if TYPE_CHECKING:
        source: Any                     # a Stream with a readable half
        destination: Any                # an EventEmitter with write() and end()
        write: Callable[[Any], bool]    # the destination's
        ends: bool                      # end the destination when the source ends
        waiting: bool                   # for the destination's `drain`
        removed: bool

    def __init__(self, source: Any, destination: Any, ends: bool) -> None:
        self.source = source
        self.destination = destination
        self.write = destination.write
        self.ends = ends
        self.waiting = self.removed = False

    def connect(self) -> None:
        source, destination = self.source, self.destination
        if source._readable_state.end_emitted:
            source._loop.next_tick(self.on_end)
        else:
            source._add("end", self.on_end, False)
        destination._add("error", self.on_error, True)      # before the user's own, as in Node
        destination._add("close", self.on_gone, True)
        destination._add("finish", self.on_gone, False)
        destination._add("drain", self.on_drain, False)
        source._add("data", self.on_data, False)

    def remove(self) -> None:
        """Take the pipe away; a source without pipes is paused."""
        if self.removed:
            return
        self.removed = True
        source, destination = self.source, self.destination
        source._readable_state.pipes.remove(self)
        source._remove_newest("end", self.on_end)
        source._remove_newest("data", self.on_data)
        destination._remove_newest("error", self.on_error)
        destination._remove_newest("close", self.on_gone)
        destination._remove_newest("finish", self.on_gone)
        destination._remove_newest("drain", self.on_drain)
        if not source._readable_state.pipes:
            source.pause()
        elif self.waiting:
            self.on_drain()     # the others must not wait for this one for ever
        destination.emit("unpipe", source)

    def wait(self) -> None:
        """Stop the source until the destination is drained."""
        if not self.removed:
            self.waiting = True
            self.source.pause()

    # --- listeners ------------------------------------------------------------------------------------------

    def on_data(self, chunk: Any) -> None:
        try:
            more = self.write(chunk)
        except Exception as error:
            self.refused(error)
            return
        if more is False:
            self.wait()

    def on_drain(self) -> None:
        if not self.waiting:
            return
        self.waiting = False
        source = self.source
        for other in source._readable_state.pipes:
            if other.waiting:
                return
        if source.listener_count("data") > 0:
            source.resume()

    def on_end(self) -> None:
        if self.removed:
            return
        if not self.ends:
            self.remove()
            return
        try:
            self.destination.end()
        except Exception as error:
            self.refused(error)

    def refused(self, error: Exception) -> None:
        """write() or end() raised: the destination, which nobody called but us, fails with that."""
        if isinstance(self.destination, Stream):
            self.destination.destroy(error)
        else:
            self.on_error(error)

    def on_gone(self, *_: Any) -> None:     # a socket's `close` has an argument
        self.remove()

    def on_error(self, error: Exception) -> None:
        """The destination failed.  We only leave: without another listener the error is unhandled."""
        destination = self.destination
        self.remove()
        if destination.listener_count("error") > 0:
            return
        if isinstance(destination, Stream) and not destination._error_emitted:
            destination._fail(error)
        else:
            destination.emit("error", error)
