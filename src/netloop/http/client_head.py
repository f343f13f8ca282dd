"""RequestHead: the head of a request: method, request target, and the fields that a client adds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type
from .client_options import checked_method, checked_path
from .framing import NO_CONTENT_EXPECTED, frame_request
from .head import OutgoingHead, listed
from .outgoing_message import OutgoingMessage

if TYPE_CHECKING:
    from typing import Self

    from .client_options import RequestOptions

__all__ = ["RequestHead"]

_NO_CONTENT_EXPECTED = NO_CONTENT_EXPECTED


class RequestHead(OutgoingMessage):
    """The part of `ClientRequest` that makes its head.

    Host, Authorization (of `auth`) and Connection are added; what frames the body is `framing`'s business.  Headers
    given as a list are sent as they are: Host and Authorization are not added then, as in Node.
    """

    if TYPE_CHECKING:
        protocol: str
        host: str
        _method: str
        _path: str
        _options: RequestOptions
        _fields: Any                # headers given as a list
        _expecting: bool            # of the server to say 100 before the body comes
        _keep_alive: bool           # as far as the request says
        _upgrading: bool
        _sent_head: OutgoingHead | None     # for a replay

    def _start_head(self, options: RequestOptions) -> None:
        self._options = options
        self.protocol, self.host = options.protocol, options.host
        self._method, self._path = options.method, options.path
        self.use_chunked_encoding_by_default = options.method not in _NO_CONTENT_EXPECTED
        self._fields = self._sent_head = None
        self._joined_names = options.joined_names
        self._keep_alive = self._upgrading = False
        headers = options.headers
        if headers is None or hasattr(headers, "items"):
            self._headers = options.own_headers.copy()
            if headers is not None:
                for name, value in headers.items():
                    self.set_header(name, value)
            self._expecting = "expect" in self._headers
        else:
            self._fields = headers = listed(headers)
            OutgoingHead().add_all(headers)             # raises what is wrong with them
            self._expecting = "expect" in [name.lower() for name in _names(headers)]

    def set_header(self, name: str, value: Any) -> Self:
        """As that of `OutgoingMessage`.  Host is one str, or a proxy and the server might believe different ones."""
        if isinstance(value, (list, tuple)) and isinstance(name, str) and name.lower() == "host":
            raise invalid_type("the header Host", "a str", value)
        return OutgoingMessage.set_header(self, name, value)

    def _complete_head(self, length: int) -> OutgoingHead:
        head = self._begin_head(None)
        if self._fields is not None:
            head.add_all(self._fields, self._joined_names)
        if self._removed is not None:
            self._note_removed(head)
        if not self._options.set_default_headers:
            head.removed_connection = True
        self._framing = frame_request(head, self._method, length, self.should_keep_alive)
        self._content_length = head.content_length
        self._keep_alive = head.keep_alive
        self._upgrading = head.upgrade_given
        self._start_line = f"{self._method} {self._path} HTTP/1.1\r\n"         # checked on assignment
        self._sent_head = head
        return head

    def flush_headers(self) -> None:
        """Send the head now.  Unless it announces a body, or asks for leave to send it (Expect), that may say there is none.

        So it does where `use_chunked_encoding_by_default` is False, as it is for GET, HEAD, DELETE, OPTIONS, TRACE, CONNECT:
        a body that follows raises ERR_HTTP_BODY_NOT_ALLOWED.

        Source: https://nodejs.org/api/http.html#requestflushheaders
        """
        if not (self.use_chunked_encoding_by_default or self._expecting or self._framed
                or self._writable_state.ending or self.destroyed):
            self._frame(0)
        OutgoingMessage.flush_headers(self)

    def _refuse_body(self, chunk: bytes) -> None:
        if chunk:
            raise StateError(f"this {self._method} request was sent without a body", "ERR_HTTP_BODY_NOT_ALLOWED")

    @property
    def method(self) -> str:
        """What to do with the resource: ``"GET"``.  Checked on assignment."""
        return self._method

    @method.setter
    def method(self, method: str) -> None:
        self._method = checked_method(method)
        self.use_chunked_encoding_by_default = self._method not in _NO_CONTENT_EXPECTED

    @property
    def path(self) -> str:
        """The request target.  Checked on assignment (ERR_UNESCAPED_CHARACTERS), and absolute for a proxy, which is asked
        for paths only (ERR_INVALID_ARG_VALUE).
        """
        return self._path

    @path.setter
    def path(self, path: str) -> None:
        path = checked_path(path)
        if self._options.proxy is not None and self._method != "CONNECT":
            path = self._options.absolute(path)
        self._path = path

    def _url(self) -> str:
        """The absolute URL, see `RequestOptions.url`; a proxy is asked for it anyway."""
        options = self._options
        return self._path if options.proxy is not None and self._method != "CONNECT" else options.url_of(self._path)


def _names(headers: list[Any]) -> list[str]:
    if headers and isinstance(headers[0], (tuple, list)):
        return [field[0] for field in headers]
    return headers[::2]
