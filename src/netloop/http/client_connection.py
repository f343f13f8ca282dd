"""ClientConnection: one connection of an agent, in its exchanges and between them.

Between two exchanges it rests: it goes on reading, for whatever comes then, the end as well as bytes that nobody asked
for, makes an end of it.  What the socket says first decides: an error before `close`, the end before `close`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.timer_lists import Timer
from ..net.socket import Socket
from .client_exchange import ClientExchange
from .client_steps import CONNECT, LOOKUP, SECURE

if TYPE_CHECKING:
    from .agent_core import AgentCore
    from .agent_pool import Origin
    from .client_options import RequestOptions
    from .client_sending import RequestSending
    from .faults import ParseError

__all__ = ["ClientConnection"]

_EVENTS = ("data", "end", "error", "close", "timeout", "agent_remove")
_MOST_HINTS = 100


class ClientConnection(ClientExchange):
    """A connection to an origin."""

    if TYPE_CHECKING:
        agent: AgentCore
        origin: Origin
        options: RequestOptions
        _taken: bool                    # by `agent_remove`
        _error: Exception | None
        _idle: IdleTimer | None

    def __init__(self, socket: Any, agent: AgentCore, origin: Origin, options: RequestOptions) -> None:
        self._start(socket)
        self.agent = agent
        self.origin = origin
        self.options = options
        self._error = self._idle = None
        self._taken = False
        for event, listener in self._listeners():
            socket.on(event, listener)
        if getattr(socket, "connecting", False):
            socket.on("lookup", self._on_lookup)
            socket.once("connect", self._on_connect)
        if getattr(socket, "secure_connecting", False):
            socket.once("secure_connect", self._on_secure_connect)

    def _listeners(self) -> Any:
        return zip(_EVENTS, (self._on_data, self._on_end, self._on_error, self._on_close, self._on_timeout,
                             self._on_agent_remove), strict=True)

    # --- between two exchanges -----------------------------------------------------------------------------------

    def _set_idle_timeout(self, idle_ms: int) -> None:
        if idle_ms < 0:
            idle_ms = self.agent.timeout or 0
        socket = self.socket
        if (getattr(socket, "timeout", None) or 0) != idle_ms and hasattr(socket, "set_timeout"):
            socket.set_timeout(idle_ms)             # not every Duplex has a clock

    def _over(self, keep_alive: bool) -> None:
        if self._taken:
            self._on_left()
        elif keep_alive and self._reusable and not self._peer_ended:
            self.agent._released(self)
        else:
            self.agent._removed(self)
            self.retire()

    def _give_back(self, request: RequestSending) -> None:
        """Where nothing of the request was sent, or all was over, the connection lives on."""
        untouched = request.reused_socket and request._nothing_sent()
        if not self._taken and (untouched or (self._complete and self._reusable and request._sent_all)):
            self.agent._released(self)
        else:
            self.socket.destroy()

    def rest(self, idle_ms: int) -> None:
        """Be idle, for at most so many milliseconds; -1: for ever."""
        self._rest()
        self._set_idle_timeout(-1)                  # that of the request was for the request
        if idle_ms >= 0:
            if self._idle is None:
                self._idle = IdleTimer()
                self._idle.connection = self
                self._idle.unref()
            self._idle.start(self.socket._loop.timers, idle_ms)

    def rouse(self) -> None:
        """It is idle no longer."""
        if self._idle is not None:
            self._idle.stop()

    def usable(self) -> bool:
        """Whether it can serve a request: open, and nothing unsent."""
        stream = self.socket
        if self._peer_ended:
            return False
        if type(stream) is not Socket:
            return not stream.destroyed and stream.writable and stream._writable_state.length == 0
        socket: Socket = stream                 # nearly always, and of a known type no attribute is looked up
        state = socket._writable_state
        return not (socket.destroyed or state.ending or socket.errored is not None or state.length > 0)

    def still_connected(self) -> bool:
        """Whether it can serve another one, after all that has reached the kernel by now.

        What came before a request was written is no answer to it.  So it is read first: the end, or bytes that nobody
        asked for, close the connection; a session ticket of TLS leaves it as it was.
        """
        stream = self.socket
        if isinstance(stream, Socket) and self.usable():
            socket: Socket = stream
            socket._receive_now()
        return self.usable() and not stream._readable_state.ended and stream._readable_state.length == 0

    def retire(self) -> None:
        """Close it: it is not needed any more."""
        self.socket.destroy()

    def keep_alive_hint(self) -> int:
        """Milliseconds that the server will keep the connection, as ``Keep-Alive: timeout=5`` says; -1 when it does not."""
        said = None if self._head is None else self._head.keep_alive_parameters
        if said is None:
            return -1
        hint = _hints.get(said)
        if hint is None:
            hint = _keep_alive_hint(said)
            if len(_hints) < _MOST_HINTS:
                _hints[said] = hint
        return hint

    # --- what the socket says ------------------------------------------------------------------------------------

    def _on_lookup(self, error: Exception | None = None, *_: Any) -> None:
        if self._request is None:
            return
        if error is None:
            self._request.steps.over(LOOKUP)
        else:
            self._request.steps.lookup_failed = True

    def _on_connect(self) -> None:
        self.socket.remove_listener("lookup", self._on_lookup)
        if self._request is not None:
            self._request.steps.over(CONNECT)

    def _on_secure_connect(self) -> None:
        if self._request is not None:
            self._request.steps.over(SECURE)

    def _on_data(self, data: bytes) -> None:
        self._receive(data)

    def _on_end(self) -> None:
        self._peer_ended = True
        if self._request is None:
            self.agent._removed(self)
            self.socket.destroy()
            return
        if self._parser is not None:
            self._parser.finish()
        if self._request is not None and not self._complete and self._response is None:
            self._lose(None)

    def _on_error(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        if hasattr(error, "syscall"):               # the system found it broken; others are those of a program
            self._peer_ended = True
        self._lose(error)

    def _on_close(self, had_error: bool = False) -> None:
        self.agent._removed(self)
        self.rouse()
        self._idle = None                           # it refers to us, and so does the socket, which we need still
        self._leave_socket()
        parser = self._parser
        if (self._peer_ended and self._error is None and parser is not None and parser.paused
                and not self._complete):
            return                                  # all came, and waits for a slow reader
        self._lose(self._error)
        if parser is not None:
            parser.close()

    def _lose(self, error: Exception | None) -> None:
        request, response = self._request, self._response
        if request is None:
            return
        if response is not None and not self._complete:
            request._on_response_lost(error)
        elif response is None:
            self._request = None
            request._on_connection_lost(self._peer_ended and not self.responded, error)
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
            self._on_left()
        else:
            self.agent._removed(self)

    def on_error(self, error: ParseError) -> None:
        """What came is no response: it is told, the socket is destroyed, and nothing of us stays on it."""
        ClientExchange.on_error(self, error)
        self.agent._removed(self)
        self.rouse()
        self._stop_listening()

    def _leave_socket(self) -> None:
        for event, listener in (*self._listeners(), ("lookup", self._on_lookup), ("connect", self._on_connect),
                                ("secure_connect", self._on_secure_connect)):
            self.socket.remove_listener(event, listener)

    def _stop_listening(self) -> None:
        self._leave_socket()
        if self._parser is not None:
            self._parser.close()

    def _on_left(self) -> None:
        """The stream is somebody else's now: it waits for him to read it, and knows nothing of us."""
        socket = self.socket
        self.agent._removed(self)
        self._stop_listening()
        if hasattr(socket, "set_timeout"):
            socket.set_timeout(0)
        state = socket._readable_state
        state.flowing = state.flow_decided = False      # nobody asked for its data yet

    def __repr__(self) -> str:
        return f"<ClientConnection {'idle' if self._request is None else self._request!r} on {self.socket!r}>"


class IdleTimer(Timer):
    """How long a connection may be idle."""

    if TYPE_CHECKING:
        connection: ClientConnection

    def on_timeout(self) -> None:
        self.connection.retire()


_hints: dict[bytes, int] = {}       # servers say the same again and again


def _keep_alive_hint(parameters: bytes) -> int:
    for parameter in parameters.split(b","):
        name, _, value = parameter.strip().partition(b"=")
        if name.lower() == b"timeout" and value.isdigit() and len(value) < 10:
            return int(value) * 1000
    return -1
