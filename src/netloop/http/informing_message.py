"""InformingMessage: the informational responses (1xx) that may come before a response.

They leave at once, or, while other responses are under way on the connection, when it is this one's turn.

Source: RFC 9110 section 15.2
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError, StateError, invalid_type, invalid_value, out_of_range
from .head import new_head, status_line
from .incoming_message import IncomingMessage
from .outgoing_message import OutgoingMessage, check_callback
from .outlet import Outlet
from .tokens import validate_header_name, validate_header_value

if TYPE_CHECKING:
    from .head import Headers

__all__ = ["InformingMessage"]

_ONE_LINK = r"""<[^<>]*>(\s*;\s*[^\s;,="]+(="[^"]*"|=[^\s;,"]*)?)*"""
_LINKS = re.compile(rf"{_ONE_LINK}(\s*,\s*{_ONE_LINK})*")          # RFC 8288 section 3


class InformingMessage(OutgoingMessage):
    """A response before its own head."""

    if TYPE_CHECKING:
        req: IncomingMessage
        _information: list[tuple[bytes, Any]] | None    # to send first, once it is this one's turn
        _expected: bool                                 # the client may wait for `100 Continue` with its body

    def write_continue(self, callback: Any = None) -> None:
        """Send ``100 Continue``: the client may send its body.

        Source: https://nodejs.org/api/http.html#responsewritecontinue
        """
        self._inform(100, None, callback)
        self._expected = False

    def write_processing(self, callback: Any = None) -> None:
        """Send ``102 Processing``: it takes long.

        Source: https://nodejs.org/api/http.html#responsewriteprocessing
        """
        self._inform(102, None, callback)

    def write_early_hints(self, hints: Mapping[str, Any], callback: Any = None) -> None:
        """Send ``103 Early Hints``: `hints` are its fields, ``link`` (a str or a list of them) among them.

        Source: https://nodejs.org/api/http.html#responsewriteearlyhintshints-callback
        """
        if not isinstance(hints, Mapping):
            raise invalid_type("hints", "a mapping", hints)
        for name in hints:
            validate_header_name(name)
        links = next((value for name, value in hints.items() if name.lower() == "link"), None)
        if not links:
            return
        links = list(links) if isinstance(links, (list, tuple)) else [links]
        for link in links:
            validate_header_value("Link", link)
            if not isinstance(link, str) or not _LINKS.fullmatch(link):
                raise invalid_value("hints['link']", "a link, as in '</style.css>; rel=preload; as=style'", link)
        joined = ", ".join(links)
        self._inform(103, {"Link": joined, **{name: value for name, value in hints.items() if name.lower() != "link"}},
                     callback)

    def write_information(self, status_code: int, headers: Headers | None = None, callback: Any = None) -> None:
        """Send an informational response: any 1xx but 101.

        Raises ArgumentValueError (ERR_HTTP_INVALID_STATUS_CODE) for another status.

        Source: https://nodejs.org/api/http.html#responsewriteinformation
        """
        if not isinstance(status_code, int) or not 100 <= status_code <= 199 or status_code == 101:
            error = out_of_range("status code", "from 100 to 199, and not 101", status_code)
            error.code = "ERR_HTTP_INVALID_STATUS_CODE"
            raise error
        self._inform(status_code, headers, callback)

    def _inform(self, status: int, headers: Headers | None, callback: Any) -> None:
        if callback is not None:
            check_callback(callback)
        if self.headers_sent:
            raise StateError("Cannot write informational responses after the head", "ERR_HTTP_HEADERS_SENT")
        head = new_head()
        if headers is not None:
            head.add_all(headers)
        if head.content_length >= 0 or head.chunked:
            raise ArgumentValueError("an informational response has no body", "ERR_INVALID_ARG_VALUE")
        data = head.serialise(status_line(status))
        if self.req._head is not None and self.req._head.minor_version == 0:
            data = b""                          # RFC 9110 section 15.2: MUST NOT, to an HTTP/1.0 client
        if self._outlet is not None:
            self._outlet.send(data, callback)
        elif not self.destroyed:
            if self._information is None:
                self._information = []
            self._information.append((data, callback))

    def _send_information(self, outlet: Outlet) -> None:
        """It is this one's turn."""
        for data, callback in self._information or ():
            outlet.send(data, callback)
        self._information = None
