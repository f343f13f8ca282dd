"""ClientConnection: one connection of a client, and the request that it serves at the moment.

An exchange begins with `serve` and is over when the response is complete and the request was sent; then the connection
goes back to its agent, or closes.  Between two exchanges it rests: it goes on reading, for whatever comes then, the
end as well as bytes that nobody asked for, makes an end of it.

    serve -> (tick) attach -> head, body ... complete -> (tick) back to the agent -> rest -> serve ...
                                       \\-> 101, 2xx to CONNECT: the stream is handed over, and this is done

What the socket says first decides: an error before `close`, the end before `close`.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from .._engine.timer_lists import Timer
from ..diagnostics import channel
from .client_steps import CONNECT, LOOKUP
from .faults import EARLY_END, ParseError
from .framing import NO_BODY
from .incoming_message import IncomingMessage
from .message_head import MessageHead
from .outlet import Outlet
from .receiver import MessageReceiver
from .response_parser import ResponseParser

if TYPE_CHECKING:
    from .agent import Agent
    from .agent_pool import Origin
    from .client_options import RequestOptions
    from .client_request import ClientRequest

__all__ = ["ClientConnection"]

_UNASKED = channel("http.client.unasked")
_NO_BODY = NO_BODY

# FIN or worse came, whether the poller has told or not.  Bytes do not count: TLS may have something to say at any time.
_GONE = getattr(select, "POLLRDHUP", select.POLLIN) | select.POLLHUP | select.POLLERR


class ClientConnection(MessageReceiver):
    """A connection to an origin."""

    if TYPE_CHECKING:
        socket: Any
        agent: Agent
        origin: Origin
        options: RequestOptions
        keep_alive_hint_ms: int         # what the server said in Keep-Alive; -1: nothing
        responded: bool                 # a byte of the response came
        _parser: ResponseParser
        _outlet: Outlet
        _request: ClientRequest | None
        _response: IncomingMessage | None
        _informational: bool
        _complete: bool                 # the response is
        _reusable: bool                 # as far as the response says
        _peer_finished: bool
        _taken: bool                    # by `agent_remove`
        _error: Exception | None
        _idle: IdleTimer | None

    def __init__(self, socket: Any, agent: Agent, origin: Origin, options: RequestOptions) -> None:
        self.socket = socket
        self.agent = agent
        self.origin = origin
        self.options = options
        self.keep_alive_hint_ms = -1
        self._outlet = Outlet(socket)
        self._parser = ResponseParser(self, options.settings)
        self._request = self._response = self._error = self._idle = None
        self.responded = self._informational = self._complete = self._reusable = self._peer_finished = False
        self._taken = False
        socket.on("data", self._on_data)
        socket.on("end", self._on_end)
        socket.on("error", self._on_error)
        socket.on("close", self._on_close)
        socket.on("timeout", self._on_timeout)
        socket.on("agent_remove", self._on_agent_remove)
        if getattr(socket, "connecting", False):
            socket.on("lookup", self._on_lookup)
            socket.once("connect", self._on_connect)

    # --- serving -------------------------------------------------------------------------------------------------

    def serve(self, request: ClientRequest, reused: bool) -> None:
        """Begin an exchange, on the next tick: whoever made the request may add listeners until then."""
        if self._idle is not None:
            self._idle.stop()
        self._request = request
        self._response = None
        self.responded = self._informational = self._complete = self._reusable = False
        request._assign(self, reused)
        request._loop.next_tick(self._attach, (request,))

    def _attach(self, request: ClientRequest) -> None:
        if self._request is not request:
            return                                  # destroyed meanwhile, and this with it
        if self._parser.settings is not request._settings:
            self._parser = ResponseParser(self, request._settings)
        self.expect(request)
        request._begin(self._outlet)

    def expect(self, request: ClientRequest) -> None:
        """Tell the parser what is asked: where a response ends depends on it."""
        if not self.responded:
            self._parser.expect(request._method, request._upgrading)

    def give_up(self, request: ClientRequest) -> None:
        """The request was destroyed.  Where nothing of it was sent, or all was over, the connection lives on."""
        if self._request is request:
            self._request = None
            untouched = request.reused_socket and not request._framed and not self._taken
            if untouched or (self._complete and self._reusable and request._sent_all and not self._taken):
                self.agent._released(self)
            else:
                self.socket.destroy()

    def _finish_exchange(self) -> None:
        """The response is complete.  When the request was sent too, this is over."""
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
        if self._taken:
            self.hand_over()
        elif self._reusable and request._keep_alive and not self._peer_finished:
            self.agent._released(self)
        else:
            self.agent._removed(self)
            self.retire()

    # --- between two exchanges -----------------------------------------------------------------------------------

    def rest(self, idle_ms: int) -> None:
        """Be idle, for at most so many milliseconds; -1: for ever."""
        if idle_ms >= 0:
            if self._idle is None:
                self._idle = IdleTimer()
                self._idle.connection = self
                self._idle.unref()
            self._idle.start(self.socket._loop.timers, idle_ms)

    def usable(self) -> bool:
        """Whether it can serve a request: open, nothing unsent, and no FIN of the peer in the kernel."""
        socket = self.socket
        if socket.destroyed or self._peer_finished or not socket.writable or socket._writable_state.length > 0:
            return False
        fd = socket.fileno() if hasattr(socket, "fileno") else -1
        return fd < 0 or not _is_gone(fd)

    def retire(self) -> None:
        """Close it: it is not needed any more."""
        self.socket.destroy()

    # --- what the parser says ------------------------------------------------------------------------------------

    def on_head(self, head: MessageHead) -> None:
        request = self._request
        if request is None:
            return                                  # given up
        if head.status < 200 and head.status != 101:
            self._informational = True
            request._on_information(head)
            return
        self._reusable = head.keep_alive and not head.upgrade
        if self._reusable and self.agent.keep_alive:
            self.keep_alive_hint_ms = _keep_alive_hint(head.fields)
        has_body = head.framing != _NO_BODY and not head.upgrade and head.content_length != 0
        response = self._response = IncomingMessage(self.socket)
        response._open(head, self, has_body)
        request._on_response(response, head.upgrade)

    def on_body(self, chunk: bytes) -> None:
        response, request = self._response, self._request
        if response is None or response._receive(chunk):
            return
        if request is not None and request._unheard:
            request._unheard = False
            response._dump()
        else:
            self._parser.pause()
            self.socket.pause()

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        if self._informational:
            self._informational = False
            return
        self._complete = True
        response = self._response
        if response is not None and self._request is not None:
            response._complete_with(trailers)
            self._request._loop.next_tick(self._finish_exchange)

    def on_upgrade(self, rest: bytes) -> None:
        request, self._request = self._request, None
        self.hand_over()
        if request is not None:
            request._on_upgrade(self.socket, rest)

    def on_error(self, error: ParseError) -> None:
        request, response = self._request, self._response
        if request is None:
            if _UNASKED.subscribers is not None:
                _UNASKED.publish({"socket": self.socket, "error": error})
        elif error.code == EARLY_END.code:
            self._lose(None)
            return
        elif response is not None and not self._complete:
            request._on_response_lost(error)
        else:
            self._request = None
            request.destroy(error)
        self.socket.destroy()

    # --- what a response asks for --------------------------------------------------------------------------------

    def read_body(self, message: IncomingMessage) -> None:
        """There is room for more."""
        if message is self._response and self._parser.paused:
            self._parser.resume()
            if not self._parser.paused and not self.socket.destroyed:
                self.socket.resume()

    def message_destroyed(self, message: IncomingMessage, error: Exception | None) -> None:
        """A program destroyed the response before it was complete: the rest is not wanted."""
        if message is self._response and not self._complete:
            request, self._request = self._request, None
            self.socket.destroy()
            if request is not None:
                request._exchange_over()

    # --- what the socket says ------------------------------------------------------------------------------------

    def _on_lookup(self, *_: Any) -> None:
        if self._request is not None:
            self._request.steps.over(LOOKUP)

    def _on_connect(self) -> None:
        self.socket.remove_listener("lookup", self._on_lookup)
        if self._request is not None:
            self._request.steps.over(CONNECT)

    def _on_data(self, data: bytes) -> None:
        self.responded = True
        self._parser.feed(data)

    def _on_end(self) -> None:
        self._peer_finished = True
        if self._request is None:
            self.agent._removed(self)
            self.socket.destroy()
            return
        self._parser.finish()
        if self._request is not None and not self._complete and self._response is None:
            self._lose(None)

    def _on_error(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self._lose(error)

    def _on_close(self, had_error: bool = False) -> None:
        self.agent._removed(self)
        if self._idle is not None:
            self._idle.stop()
        if self._peer_finished and self._parser.paused and not self._complete:
            return                                  # all came, and waits for a slow reader
        self._lose(self._error)
        self._parser.close()

    def _lose(self, error: Exception | None) -> None:
        """The connection is gone; whatever was under way on it fails."""
        request, response = self._request, self._response
        if request is None:
            return
        if response is not None and not self._complete:
            request._on_response_lost(error)
        elif response is None:
            self._request = None
            request._on_connection_lost(self, error)
        else:
            self._request = None
            request._exchange_over()
        if not self.socket.destroyed:
            self.socket.destroy()

    def _on_timeout(self) -> None:
        if self._request is not None:
            self._request._on_timeout(self._response)

    def _on_agent_remove(self) -> None:
        """Somebody takes the stream for himself: now, or when the exchange is over."""
        self._taken = True
        if self._request is None:
            self.hand_over()
        else:
            self.agent._removed(self)

    def hand_over(self) -> None:
        """The stream is somebody else's now: it waits for him to read it, and knows nothing of us."""
        socket = self.socket
        self.agent._removed(self)
        socket.remove_listener("data", self._on_data)
        socket.remove_listener("end", self._on_end)
        socket.remove_listener("error", self._on_error)
        socket.remove_listener("close", self._on_close)
        socket.remove_listener("timeout", self._on_timeout)
        socket.remove_listener("agent_remove", self._on_agent_remove)
        if hasattr(socket, "set_timeout"):
            socket.set_timeout(0)
        state = socket._readable_state
        state.flowing = state.flow_decided = False      # nobody asked for its data yet
        self._parser.close()

    def __repr__(self) -> str:
        return f"<ClientConnection {'idle' if self._request is None else self._request!r} on {self.socket!r}>"


class IdleTimer(Timer):
    """How long a connection may be idle."""

    if TYPE_CHECKING:
        connection: ClientConnection

    def on_timeout(self) -> None:
        self.connection.retire()


def _is_gone(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, _GONE)
    return bool(poll.poll(0))


def _keep_alive_hint(fields: list[bytes]) -> int:
    """Milliseconds that the server will keep the connection, as ``Keep-Alive: timeout=5`` says; -1 when it does not."""
    for at in range(0, len(fields) - 1, 2):
        if len(fields[at]) == 10 and fields[at].lower() == b"keep-alive":
            for parameter in fields[at + 1].split(b","):
                name, _, value = parameter.strip().partition(b"=")
                if name.lower() == b"timeout" and value.isdigit() and len(value) < 10:
                    return int(value) * 1000
    return -1
