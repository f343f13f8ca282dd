"""ClientExchange: what a client's connection does with a request and its response; the part that knows no agent.

    serve -> (tick) attach -> head, body ... complete -> (tick) over
                                       \\-> 101, answer to CONNECT: the stream is handed over

An exchange is over when the response is complete and the request was written.  The parser tells `ClientExchange`, its
receiver, and a response asks it, its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from .client_options import DEFAULT_SETTINGS
from .faults import EARLY_END, UNASKED, ParseError
from .framing import NO_BODY
from .incoming_message import IncomingMessage
from .incoming_response import IncomingResponse
from .message_head import MessageHead
from .outlet import Outlet
from .receiver import MessageReceiver
from .response_parser import ResponseParser

if TYPE_CHECKING:
    from .client_request import ClientRequest
    from .client_sending import RequestSending
    from .settings import ParserSettings

__all__ = ["MOST_SPARE", "ClientExchange", "keep_spare_parsers"]

_UNASKED = channel("http.client.unasked")
_NO_BODY = NO_BODY
_SETTINGS = DEFAULT_SETTINGS
MOST_SPARE = 1000               # parsers that wait for the next exchange, of any connection; as in Node


class ClientExchange(MessageReceiver):
    """The request that a connection serves, and the response to it.

    To override: `_over()`, the exchange is; `_give_back(request)`, the request was given up; `_on_left()`, the
    connection has left HTTP; `_lose(error)`, it is of no use any more.
    """

    if TYPE_CHECKING:
        socket: Any
        responded: bool                 # a byte of the response came
        served: bool                    # a response came whole, to this request or one before
        _parser: ResponseParser | None      # None between two exchanges
        _outlet: Outlet
        _request: ClientRequest | None
        _response: IncomingResponse | None
        _head: MessageHead | None       # of the last response
        _informational: bool
        _complete: bool                 # the response is
        _reusable: bool                 # as far as the response says
        _peer_ended: bool               # the peer ended, broke or spoiled the connection; else its end is the program's

    def _start(self, socket: Any) -> None:
        self.socket = socket
        self._outlet = Outlet(socket)
        self._parser = None
        self._request = self._response = self._head = None
        self.responded = self.served = self._informational = self._complete = self._reusable = False
        self._peer_ended = False

    # --- the request ---------------------------------------------------------------------------------------------

    def serve(self, request: ClientRequest) -> None:
        """Begin an exchange, on the next tick: whoever made the request may add listeners until then."""
        self._request = request
        self._response = None
        self.responded = self._informational = self._complete = self._reusable = False
        request._assign(self, self.socket, self.served)
        request._loop.next_tick(self._attach, (request,))

    def _attach(self, request: ClientRequest) -> None:
        if self._request is not request:
            return                                  # destroyed meanwhile, and this with it
        parser = self._parser
        if parser is None or parser.settings is not request._settings:
            self._parser = _parser_for(self, request._settings)
        self.expect(request)
        self._set_idle_timeout(request._idle_ms)
        request._begin(self._outlet)

    def expect(self, request: RequestSending) -> None:
        """Tell the parser what is asked: where a response ends depends on it."""
        if not self.responded and self._parser is not None:
            self._parser.expect(request._method, request._wants_to_leave())

    def give_up(self, request: RequestSending) -> None:
        """The request was destroyed."""
        if self._request is request:
            self._request = None
            self._give_back(request)

    def _finish_exchange(self) -> None:
        """The response is complete.  When the request was written too, this is over."""
        request = self._request
        if request is None or not self._complete:
            return
        if not request._sent_all:
            if not self._reusable:                  # nobody reads the rest of the request
                self._request = None
                self.socket.destroy()
                request._exchange_over()
            return
        if not request._writable_state.finished:    # the response came before the stream took all of the request
            return
        self._request = self._response = None
        request._exchange_over()
        self._over(request._keep_alive and request.should_keep_alive)

    # --- what the parser says ------------------------------------------------------------------------------------

    def on_head(self, head: MessageHead) -> None:
        request = self._request
        if request is None:
            return                                  # given up
        if head.status < 200 and head.status != 101:
            self._informational = True
            request._on_information(head)
            return
        self._head = head
        self._reusable = head.keep_alive and not head.upgrade
        response = self._response = IncomingResponse.__new__(IncomingResponse)
        response._start(self.socket, self.socket._loop)
        response._request = request
        response._body = response._reading = None
        has_body = head.framing != _NO_BODY and not head.upgrade and head.content_length != 0
        IncomingMessage._open(response, head, self, has_body)
        request._on_response(response, head.upgrade)

    def on_body(self, chunk: bytes) -> None:
        response, request = self._response, self._request
        if response is None or IncomingMessage._receive(response, chunk):
            return
        if request is not None and request._unheard:
            request._unheard = False
            response._dump()
        else:
            if self._parser is not None:
                self._parser.pause()
            self.socket.pause()

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        if self._informational:
            self._informational = False
            return
        self._complete = self.served = True
        response, request = self._response, self._request
        if response is not None and request is not None:
            IncomingResponse._complete_with(response, trailers)
            request._loop.next_tick(self._finish_exchange)

    def on_upgrade(self, rest: bytes) -> None:
        request, response = self._request, self._response
        self._request = self._response = None
        if response is not None:
            response._request = None                # each would keep the other, and the response this
        self._on_left()
        if request is not None:
            request._on_upgrade(self.socket, rest)

    def on_error(self, error: ParseError) -> None:
        request, response = self._request, self._response
        if request is None:
            self._tell_unasked(error)
        elif error.code == EARLY_END.code:
            self._lose(None)
            return
        elif response is not None and not self._complete:
            request._on_response_lost(error)
        else:
            self._request = None
            request.destroy(error)
        self.socket.destroy()

    # --- between two exchanges -----------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Keep nothing that is not needed while there is no request: most connections are idle most of the time."""
        self._head = None
        parser = self._parser
        if parser is not None and parser.may_change_hands():
            self._parser = None
            if parser.settings is _SETTINGS and len(_spare_parsers) < _most_spare:
                parser.work_for(None)
                _spare_parsers.append(parser)
            else:
                parser.close()                      # it and llhttp refer to each other

    def _receive(self, data: bytes) -> None:
        parser, request = self._parser, self._request
        early = not self.responded and request is not None and request.reused_socket and request._nothing_sent()
        if parser is not None and not early:
            self.responded = True
            parser.feed(data)
        else:                                       # a request that was not written goes to another connection
            self._peer_ended = True
            self._tell_unasked(ParseError(UNASKED, data))
            self.socket.destroy()

    def _tell_unasked(self, error: ParseError) -> None:
        if _UNASKED.subscribers is not None:
            _UNASKED.publish({"socket": self.socket, "error": error})

    # --- what a response asks for --------------------------------------------------------------------------------

    def read_body(self, message: IncomingMessage) -> None:
        """There is room for more."""
        parser = self._parser
        if message is self._response and parser is not None and parser.paused:
            parser.resume()
            if not parser.paused and not self.socket.destroyed:
                self.socket.resume()

    def message_destroyed(self, message: IncomingMessage, error: Exception | None) -> None:
        """A program destroyed the response before it was complete: the rest is not wanted."""
        if message is self._response and not self._complete:
            request, self._request = self._request, None
            self.socket.destroy()
            if request is not None:
                request._on_response_destroyed(error)

    # --- hooks ---------------------------------------------------------------------------------------------------

    def _set_idle_timeout(self, idle_ms: int) -> None:
        """The socket's idle timeout for this request; -1: the agent's."""

    def _over(self, keep_alive: bool) -> None:
        """The exchange is over; whether the request wanted the connection to go on."""

    def _give_back(self, request: RequestSending) -> None:
        """The request was given up."""

    def _on_left(self) -> None:
        """The stream is not HTTP's any more."""

    def _lose(self, error: Exception | None) -> None:
        """The connection is gone; whatever was under way on it fails."""


_spare_parsers: list[ResponseParser] = []
_most_spare = MOST_SPARE


def keep_spare_parsers(most: int) -> None:
    """Keep so many from now on."""
    global _most_spare
    _most_spare = most
    del _spare_parsers[most:]


def _parser_for(exchange: ClientExchange, settings: ParserSettings) -> ResponseParser:
    if settings is not _SETTINGS or not _spare_parsers:
        return ResponseParser(exchange, settings)
    parser = _spare_parsers.pop()
    parser.work_for(exchange)
    return parser
