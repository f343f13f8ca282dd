"""RequestParser: what a server reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpRequestParser

from .._engine.head_lines import HOST, METHOD, TARGET, VERSION
from . import faults
from .constants import METHODS
from .faults import Fault
from .framing import NO_BODY
from .message_head import MessageHead
from .parser import MessageParser
from .receiver import MessageReceiver
from .rules import check_host, frame_request, read_version
from .settings import LENIENCIES, RELAXED, ParserSettings

__all__ = ["RequestParser"]

_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_METHOD, _TARGET, _VERSION, _HOST = METHOD, TARGET, VERSION, HOST
_METHODS = {method.encode(): method for method in METHODS}


class RequestParser(MessageParser):
    """Parses requests.  A request that asks to leave HTTP has ``head.upgrade`` set.

    Of a CONNECT request everything after the head belongs to the tunnel (RFC 9110 section 9.3.6); of one with Upgrade
    what follows its body.
    """

    if TYPE_CHECKING:
        _known_host: bytes | None       # of the request before, which is checked: the next will have the same
        _known_method: bytes

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings) -> None:
        MessageParser.__init__(self, receiver, settings, _CHUNKED_HEAD)
        self._known_host = None
        self._known_method = b"GET"

    def _make_llhttp(self, target: object) -> Any:
        parser = HttpRequestParser(target)
        if self.settings.insecure:
            parser.set_dangerous_leniencies(**LENIENCIES)
        elif self.settings.relaxed:
            parser.set_dangerous_leniencies(**RELAXED)
        return parser

    def _check_head(self, head: MessageHead) -> Fault | None:
        fault = self._read_start_line(head)
        if fault is not None:
            return fault
        if not self.settings.insecure and (self._known_host is None or head.count(_HOST) != 1
                                           or not head.equals(_HOST, self._known_host)):
            fault = check_host(head, self.settings.require_host_header)
            if fault is not None:
                return fault
            self._known_host = head.value(_HOST)
        fault = frame_request(head, self.settings)
        if fault is None and head.method == "CONNECT":
            head.upgrade = True
            head.framing = NO_BODY
        return fault

    def _read_start_line(self, head: MessageHead) -> Fault | None:
        """RFC 9112 section 3: three parts with a single space between; llhttp takes more."""
        if not head.split_request_line():
            return faults.NOT_HTTP          # HTTP/0.9 had no version
        insecure = self.settings.insecure
        target = head.text(_TARGET)
        if " " in target:
            if not insecure:
                return faults.EXTRA_SPACE
            target = target.strip(" ")
        if not head.equals(_VERSION, b"HTTP/1.1"):
            fault = read_version(head, head.value(_VERSION) or b"", insecure)
            if fault is not None:
                return fault
        if not head.equals(_METHOD, self._known_method):
            method = head.value(_METHOD) or b""
            if method not in _METHODS:
                return faults.UNKNOWN_METHOD    # llhttp knows those of RTSP, and PRI of HTTP/2
            self._known_method = method
        head.method = _METHODS[self._known_method]
        head.url = target
        return None
