"""ServerResponse: the answer to one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.references import is_ours_alone
from .._engine.tick_queue import recent
from ..errors import StateError, invalid_type
from ..stream.base import Stream
from .constants import STATUS_CODES
from .containment import contain
from .date import date_line
from .field_names import field_name
from .framing import frame_response
from .head import OutgoingHead, filled_head, new_head, pairs, status_line
from .incoming_message import IncomingMessage
from .informing_message import InformingMessage
from .outgoing_message import OutgoingMessage
from .outlet import Outlet
from .receiver import MessageReceiver

if TYPE_CHECKING:
    from typing import Self

    from ..stream import Duplex
    from ..stream.state import Callback
    from .head import Headers
    from .signatures import response_off, response_on

__all__ = ["ResponseOwner", "ServerResponse"]


class ResponseOwner(MessageReceiver):
    """The connection that a response belongs to: it hears what becomes of it."""

    def response_sent(self, response: ServerResponse) -> None:
        """The outlet has all of it."""

    def response_destroyed(self, response: ServerResponse) -> None:
        """A program gave it up before that."""


class ServerResponse(InformingMessage):
    """The answer to a request; the server makes it.

    Attributes:
        req: the request.
        status_code: 200 by default; status_message: by default the usual phrase for it.
        send_date, strict_content_length, should_keep_alive: see `OutgoingMessage`.

    Events, besides those of `OutgoingMessage`:
        close: the response is complete, or the connection was lost before that.

    Source: https://nodejs.org/api/http.html#class-httpserverresponse
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = response_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = response_on      # type: ignore[assignment]
        off = remove_listener = response_off

        status_code: int
        _message: str | None
        _head: OutgoingHead | None      # what write_head fills, or has filled for a response before
        _head_written: bool
        _connection: ResponseOwner | None
        _keep_alive_text: str
        _refuses_body: bool
        _task: Any
        _next_spare: ServerResponse | None

    def __init__(self, req: IncomingMessage) -> None:
        self._start_for(req)

    def _start_for(self, req: IncomingMessage) -> None:
        """What __init__ does; to call a C function is cheaper than to call a class."""
        self._start(req._loop)
        self.req = req
        self.status_code = 200
        self._message = self._connection = None
        self._information = self._task = self._next_spare = None
        self._keep_alive_text = "Connection: keep-alive\r\n"
        self._refuses_body = self._expected = self._head_written = False
        self.send_date = True

    def _is_spare(self, references: int) -> bool:
        """Whether it was sent, and only the caller has it: then it, and its request, may serve again.

        `references`: how many there are to the request, if nobody keeps it.

        One that was sent at once, while nobody listened: of what else there is in a stream nothing was used.
        """
        return (self._events_owed and self._listeners is None and self._max_listeners is None
                and self._capture_rejections is None and is_ours_alone(self, 1) and self.req._is_spare(references))

    def _forget(self) -> None:
        """Let go of what it refers to while it waits for the next request."""
        request = self.req
        request.socket = request._head = request._source = request._headers_read = None     # type: ignore[assignment]
        request._trailer_fields = None
        self._headers = self._task = None

    def _belong(self, connection: ResponseOwner, keep_alive: bool, keep_alive_text: str, refuses_body: bool) -> None:
        """This is how a server's connection answers, and says whether it goes on."""
        self._connection = connection
        self.should_keep_alive = keep_alive
        self._keep_alive_text = keep_alive_text
        self._refuses_body = refuses_body

    # --- the head ------------------------------------------------------------------------------------------------

    def write_head(self, status_code: int, status_message: str | Headers | None = None,
                   headers: Headers | None = None) -> Self:
        """Set status, and header fields: they win over those of `set_header`; returns the response.

        `headers` is a mapping, a list of pairs, or a flat list of names and values, which may repeat names; it may
        stand in the place of `status_message`.  The head leaves with the first chunk of the body, or at `end`.

        Raises:
            StateError: it was written before (ERR_HTTP_HEADERS_SENT).
            ArgumentValueError: ERR_HTTP_INVALID_STATUS_CODE, ERR_INVALID_CHAR, ERR_INVALID_HTTP_TOKEN.

        Source: https://nodejs.org/api/http.html#responsewriteheadstatuscode-statusmessage-headers
        """
        if self._framed or self._head_written:
            raise StateError("Cannot write headers after they are sent to the client", "ERR_HTTP_HEADERS_SENT")
        if status_message is not None and not isinstance(status_message, str):
            headers, status_message = status_message, None
        if status_message is None:
            status_message = self._message
        line = status_line(status_code, status_message)
        if self._headers is None:
            head = filled_head(self._head, headers, self._joined_names)
        else:
            fields = [] if headers is None else pairs(headers)
            head = new_head(self._head)
            self._add_others(head, fields)
            head.add_all(fields, self._joined_names)
            self._note_given(fields)
        self.status_code = status_code
        self._message = status_message
        self._start_line = line
        self._head = head
        self._head_written = True
        return self

    def _add_others(self, head: OutgoingHead, fields: list[tuple[str, Any]]) -> None:
        """Those of `set_header` that `write_head` does not give itself."""
        given = {field_name(name).lower for name, _ in fields}
        for lower, (name, value) in (self._headers or {}).items():
            if lower not in given:
                head.add(name, value, self._joined_names)

    def _note_given(self, fields: list[tuple[str, Any]]) -> None:
        """So that `get_header` tells of those of `write_head` as well, where there are others."""
        noted: dict[str, tuple[str, Any]] = {}
        for name, value in fields:
            before = noted.get(name.lower())
            if before is not None:              # a name that is repeated has several values
                value = [*(before[1] if isinstance(before[1], list) else [before[1]]), value]
            noted[name.lower()] = name, value
        self._headers = {**(self._headers or {}), **noted}

    @property
    def status_message(self) -> str | None:
        """What the status line says after the code; None until the head is made, unless a program chose it."""
        if self._message is None and self._has_head():
            return STATUS_CODES.get(self.status_code, "unknown")
        return self._message

    @status_message.setter
    def status_message(self, message: str | None) -> None:
        self._message = message

    def _has_head(self) -> bool:
        return self._framed or self._head_written

    def _complete_head(self, length: int) -> OutgoingHead:
        head = self._head
        if head is None or not self._head_written:
            self._start_line = status_line(self.status_code, self._message)
            self._head = head = self._begin_head(head)
        if self._removed is not None and "date" in self._note_removed(head):
            self.send_date = False
        if not self.use_chunked_encoding_by_default:
            head.removed_coding = True
        date = date_line(recent(self._loop)) if self.send_date and not head.date_given else ""
        request = self.req
        if self._expected and not request.complete:
            self.should_keep_alive = False      # what comes next, the body or another request, nobody can tell
        of_request = request._head
        minor_version = 1 if of_request is None else of_request.minor_version
        method = "GET" if request.method is None else request.method
        self._framing = frame_response(head, self.status_code, method, minor_version, length,
                                       self.should_keep_alive, self._keep_alive_text, date)
        self._content_length = head.content_length
        self.should_keep_alive = head.keep_alive
        return head

    def _refuse_body(self, chunk: bytes) -> None:
        if self._refuses_body and chunk:
            raise StateError("Adding content for this request method or response status is not allowed",
                             "ERR_HTTP_BODY_NOT_ALLOWED")

    # --- the connection ------------------------------------------------------------------------------------------

    def _attach(self, outlet: Outlet) -> None:
        outlet.hold()
        if self._information is not None:
            self._send_information(outlet)
        OutgoingMessage._attach(self, outlet)
        outlet.release()

    def assign_socket(self, socket: Duplex) -> None:
        """Write to this stream: for responses that a program makes itself.

        Source: `assignSocket`, which Node has without documentation
        """
        if not callable(getattr(socket, "write", None)):
            raise invalid_type("socket", "a Duplex", socket)
        self._attach(Outlet(socket))

    def detach_socket(self, socket: Duplex) -> None:
        """Write to it no more.

        Source: `detachSocket`, which Node has without documentation
        """
        self._detach()

    def _on_sent_all(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.response_sent(self)

    def _lose_connection(self) -> None:
        """The client went away."""
        self._connection = None
        self._detach()
        self.destroy()

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.response_destroyed(self)
        callback(error)

    def _emit_closed(self) -> None:
        """Nothing is emitted after that: listeners that refer to the response are not left to the garbage collector."""
        self._emit0("close")
        self._listeners = None

    def _emit_error(self, error: Exception) -> None:
        if self._has_listeners("error"):
            Stream._emit_error(self, error)
        elif not self.destroyed:                # that is told to the server, as `client_error`
            contain(self._loop, error, self)

    def _answer_failure(self) -> bool:
        """Make it a 500, if nothing of the head was sent; False if it was.  The listener failed."""
        if (self._framed and self._unsent_head is None) or self._writable_state.ending or self.destroyed:
            return False
        if self._writable_state.length or self._connection is None:
            return False
        self._framed = self._head_written = False
        self._headers = self._unsent_head = self._length = self._trailers = None
        self._removed = self._message = None
        self.status_code = 500
        self.set_header("Content-Type", "text/plain")
        self.end("Internal Server Error\n")
        return True

    def __repr__(self) -> str:
        state = "sent" if self._sent_all else "begun" if self.headers_sent else "not begun"
        return f"<ServerResponse {self.status_code} to {self.req!r}, {state}>"


if __file__.endswith(".py"):
    # What an extension type has by itself: no head, before it gets one.
    ServerResponse._head = None
