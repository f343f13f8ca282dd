"""IncomingResponse: the `IncomingMessage` of a client.

It tells its request when it is closed.  And it has a short way for those who only want the body: as long as nobody
listens or reads, what comes is kept, and `_take_whole` hands it over and closes, all without an event or a tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..stream.buffer import take_everything
from .incoming_message import IncomingMessage

if TYPE_CHECKING:
    from .client_reading import BodyReading
    from .client_request import ClientRequest

__all__ = ["IncomingResponse"]


class IncomingResponse(IncomingMessage):
    """A response, made by a client's connection."""

    if TYPE_CHECKING:
        _request: ClientRequest | None
        _body: bytes | None                 # once somebody has read the whole of it
        _reading: BodyReading | None        # while that is under way

    def _complete_with(self, trailers: list[bytes] | None) -> None:
        state = self._readable_state
        if self.complete or self._dumped or state.length == 0 or not self._untouched():
            IncomingMessage._complete_with(self, trailers)
            return
        self.complete = True
        self._trailer_fields = trailers
        self._source = None
        state.ended = True

    def _untouched(self) -> bool:
        """Whether nobody has shown an interest yet."""
        state = self._readable_state
        return (self._listeners is None and not state.flow_decided and state.decoder is None
                and not self.destroyed and self.errored is None)

    def _is_empty(self) -> bool:
        """Whether it has no body, and nobody asks for the end of it."""
        state = self._readable_state
        return self.complete and state.length == 0 and not state.did_read and self._untouched()

    def _take_whole(self, max_size: int) -> bytes | None:
        """The whole body, if it is all here and not larger; the response is over then."""
        state = self._readable_state
        if not self.complete or state.end_emitted or state.length > max_size or not self._untouched():
            return None
        chunks = take_everything(state) if state.length else (b"",)
        self._body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        state.did_read = state.end_emitted = self.destroyed = self.closed = True
        self._tell_request()
        return self._body

    def _on_readable_end(self) -> None:
        """The short way of `IncomingMessage`, from which the request hears as well."""
        if self.destroyed or self._has_listeners("close"):
            IncomingMessage._on_readable_end(self)
        else:
            self._source = None
            self.destroyed = self.closed = True
            self._listeners = None
            self._tell_request()

    def _end_unheard(self) -> None:
        IncomingMessage._end_unheard(self)
        self._tell_request()

    def _emit_closed(self) -> None:
        try:
            IncomingMessage._emit_closed(self)
        finally:
            self._tell_request()                    # it waits for that, whatever a listener raises

    def _tell_request(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            request._on_response_closed()
