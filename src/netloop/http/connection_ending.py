"""ConnectionEnding: how a connection of a server ends, and what becomes of what is under way.

It ends after a response that says so, at the client's end, after an error, and when a clock (see `clocks`) runs out; or
it is handed over, when the client asks to leave HTTP and somebody listens for that.  What has to wait until the responses
under way are sent, such as the last words to a client that sent no request, waits for `_after_responses`.

    OPEN        requests come
    LAST        no further one is taken
    ENDED       all was said, and the socket ends
    GONE        it is closed, or not ours any more
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import StateError, system_error
from ..stream.duplex import Duplex
from ..stream.idle_stream import IdleStream
from ..stream.sink import Sink
from .clocks import Clocks
from .constants import STATUS_CODES
from .incoming_message import IncomingMessage
from .message_head import MessageHead
from .outlet import Outlet
from .request_parser import RequestParser
from .response_queue import ResponseQueue
from .server_response import ResponseOwner, ServerResponse
from .service import Service

__all__ = ["ConnectionEnding", "ENDED", "GONE", "LAST", "OPEN"]

OPEN, LAST, ENDED, GONE = range(4)      # in this order, and never back
_OPEN, _LAST, _ENDED, _GONE = OPEN, LAST, ENDED, GONE

_CLIENT_ERROR = channel("http.server.client_error")
_LISTENERS = {"end": "on_end", "drain": "on_drain", "timeout": "on_timeout",
              "error": "on_socket_error", "close": "on_close"}


class ConnectionEnding(ResponseOwner):
    """What a `ServerConnection` has, and the part of it that ends."""

    if TYPE_CHECKING:
        service: Service
        socket: Duplex
        outlet: Outlet
        clocks: Clocks
        _incoming: Any              # the Sink that listens to `data`; None when it does not any more
        requests: int
        _parser: RequestParser
        _request: IncomingMessage | None
        _responses: ResponseQueue
        _timed: IdleStream | None   # the socket, if it has a clock
        _due: ServerResponse | None
        _share: int
        _waits_for_turn: bool
        _feeding: bool
        _full: bool
        _stopped: bool
        _client_finished: bool
        _failed: bool
        _phase: int
        _upgrade: tuple[Any, ...] | None
        _last_words: bytes | None

    def __init__(self, service: Service, socket: Duplex) -> None:
        self.service = service
        self.socket = socket
        self.outlet = Outlet(socket)
        self.clocks = Clocks(self)
        self.requests = 0
        self._share = 1                         # until something comes: then it is said anew
        self._parser = RequestParser(self, service.parser_settings)
        self._incoming = self._request = self._upgrade = self._last_words = self._due = None
        self._responses = ResponseQueue()
        self._timed = socket if isinstance(socket, IdleStream) else None
        self._waits_for_turn = False
        self._feeding = self._full = self._stopped = self._client_finished = self._failed = False
        self._phase = _OPEN

    def start(self, incoming: Sink) -> None:
        """Listen to the socket; what `incoming` gets comes to `on_data`."""
        socket = self.socket
        socket.allow_half_open = True           # it is for us to end it
        self._incoming = incoming
        socket._add("data", incoming, False)
        for event, listener in _LISTENERS.items():
            socket._add(event, getattr(self, listener), False)
        self.clocks.start_first()

    # --- the end -------------------------------------------------------------------------------------------------

    def on_end(self) -> None:
        """The client has finished."""
        self.proceed()
        if self._phase == _GONE:
            return
        self._parser.finish()
        if self._phase == _GONE:
            return
        if self.service.http_allow_half_open and (self._responses.count or self._parser.unread()):
            self._client_finished = True        # what came before is answered
            return
        self._lose_all(None)
        self._end()

    def _after_responses(self) -> None:
        """No response is under way: do what waited for that."""
        if self._last_words is not None:
            self.outlet.send(self._last_words)
            self._end(True)
        elif self._upgrade is not None and len(self._upgrade) == 3:
            self._hand_over()
        elif self._phase >= _LAST or (self._request is None and not self._feeding and (
                self.service.closing or (self._client_finished and not self._parser.unread()))):
            self._end()

    def _end(self, linger: bool = False) -> None:
        """Send what is left, and finish; `linger` when the client may be sending still."""
        if self._phase == _GONE:
            return
        self._phase = _ENDED
        self._parser.close()
        linger = linger or self._request is not None
        self.outlet.flush()
        self.socket.end()
        if linger:
            # Who closes with bytes unread resets the connection, and the answer is lost: let the client finish first.
            self.socket.resume()
        then = self.clocks.linger if linger else self.close
        if self.socket.writable_finished:
            then()
        else:
            self.socket.once("finish", then)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._responses.count and self._request is None and self._upgrade is None and self._parser.is_idle()

    def finish_soon(self) -> None:
        """The server closes: end after the responses that are under way."""
        newest = self._responses.newest()
        if self.idle:
            self.close()
        elif newest is not None and not newest._framed:
            newest.should_keep_alive = False

    def close(self) -> None:
        """Now."""
        self.socket.destroy()

    def on_close(self, had_error: bool = False) -> None:
        """The socket is closed."""
        if self._phase == _GONE:
            return
        self._phase = _GONE
        self._incoming = None
        self.clocks.stop()
        self._parser.close()
        self.service.forget(self)
        self._lose_all(None)

    def _lose_all(self, answered: IncomingMessage | None) -> None:
        """The client will not hear the responses that are left."""
        request = self._request
        for response in self._responses.take_all():
            self.service.client_gone(response)
            if response.req is not request and response.req is not answered:
                response.req._lose(_aborted())
            response._lose_connection()
        if request is not None and request is not answered:
            self._request = None
            request._abort(_aborted())

    # --- leaving HTTP --------------------------------------------------------------------------------------------

    def _take_upgrade(self, request: IncomingMessage, head: MessageHead) -> bool:
        """Whether this request leaves HTTP, which is for the listeners to say."""
        event = "connect" if head.method == "CONNECT" else "upgrade"
        if self.service.wants(event, request):
            self._upgrade = event, request
            return True
        if event == "connect":
            self.socket.destroy()
            return True
        head.upgrade = False                    # then it is a request like others
        return False

    def on_upgrade(self, rest: bytes) -> None:
        if self._upgrade is None:
            return
        self._upgrade = *self._upgrade, rest
        if self._responses.count:
            self.socket.pause()
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        assert self._upgrade is not None
        event, request, rest = self._upgrade
        self._upgrade = None
        self._let_go()
        state = self.socket._readable_state
        state.flow_decided = state.flowing = state.paused = False   # until somebody wants the data
        state.end_emitted = False               # should it have come before: he is to hear of it
        self.service.hand_over(event, request, self.socket, rest)

    def _let_go(self) -> None:
        """The socket is not ours any more."""
        self._phase = _GONE
        self.outlet.flush()
        self.clocks.stop()
        self._parser.close()
        self.service.forget(self)
        self.socket._remove_newest("data", self._incoming)
        self._incoming = None
        for event, listener in _LISTENERS.items():
            self.socket._remove_newest(event, getattr(self, listener))

    # --- what goes wrong -----------------------------------------------------------------------------------------

    def client_error(self, error: Exception, status: int) -> None:
        """The client sent something that is no request, or was too slow."""
        if self._phase >= _LAST:
            return
        if _CLIENT_ERROR.subscribers is not None:
            _CLIENT_ERROR.publish({"server": self.service.server, "error": error, "socket": self.socket})
        self._parser.close()
        self._phase = _LAST
        self._failed = True
        answered = self._request is not None and self._upgrade is None and not self._responses.count
        begun = self._give_up_request()
        if self.service.tell_client_error(error, self.socket):
            return
        if begun or self.socket.destroyed:
            self.socket.destroy()
            return
        if answered:                            # a second answer would be taken for that to the next request
            self._end(True)
            return
        self._last_words = (f"HTTP/1.1 {status} {STATUS_CODES.get(status, 'Bad Request')}\r\n"
                            "Connection: close\r\n\r\n").encode()
        if not self._responses.count:
            self._after_responses()

    def _give_up_request(self) -> bool:
        """Abort the request that is coming in, and its response; whether that was begun already."""
        request, self._request = self._request, None
        if request is None:
            return False
        request._abort(_aborted())
        response = self._responses.newest()
        if response is None or response.req is not request:
            return False
        self._responses.remove_newest()
        begun = response._framed
        response._lose_connection()
        return bool(begun)

    def time_is_up(self) -> None:
        """The request did not come in time.

        While it waits for the program, which is to answer still, it has that time once more; not while it waits for a client
        that does not read.
        """
        if self._phase >= _ENDED:
            self.close()                        # it was answered, and the answer not read
        elif self._stopped and self._responses.count and not self.outlet.is_full():
            self.clocks.begin_anew(self._request is None)
        else:
            self.client_error(StateError("Request timeout", "ERR_HTTP_REQUEST_TIMEOUT"), 408)

    def on_socket_error(self, error: Exception) -> None:
        if self._failed:
            return                              # somebody was told, and ends the connection with that error
        if not self.service.tell_client_error(error, self.socket):
            self.socket.destroy()

    def on_timeout(self) -> None:
        """The socket is idle: somebody may want to know, else that is the end of it.

        Between two requests `keep_alive_timeout` counts, as the response before has said.
        """
        if self.idle and self.requests and self.service.keep_alive_timeout:
            return
        heard = self._request is not None and self._request.emit("timeout", self.socket)
        if self._responses.first is not None:
            heard = self._responses.first.emit("timeout", self.socket) or heard
        if not self.service.server.emit("timeout", self.socket) and not heard:
            self.socket.destroy()

    # --- a program gives up --------------------------------------------------------------------------------------

    def response_destroyed(self, response: ServerResponse) -> None:
        """A program gave up: the client must not take what it got for an answer.  One that waits was not begun."""
        if self._phase < _GONE and response is self._responses.first:
            self.socket.destroy(response.errored)

    def message_destroyed(self, message: IncomingMessage, error: Exception | None) -> None:
        """A program destroyed a request: nobody waits for the rest, nor for an answer."""
        if self._phase < _GONE and (not message.complete or message in [response.req for response in self._responses.all()]):
            self.socket.destroy(error)


def _aborted() -> OSError:
    """What a request gets whose client went away."""
    return system_error(errno.ECONNRESET, "read")
