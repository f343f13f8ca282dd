"""RequestParser: what a server reads.

A client that keeps its connection sends mostly the same fields again: only the request line is new, and what
Content-Length says.  Of such a head the fields were judged before, so llhttp and the checks see the line alone, and where
the body ends is what a number says.  If the line is the same too, the head is the one before once more.  Other fields that
say where the message ends, or what becomes of the connection, are judged each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpRequestParser

from .._engine.head_lines import EXPECT, HOST, LENGTH, METHOD, TARGET, VERSION
from . import faults
from .constants import METHODS
from .faults import Fault
from .framing import CHUNKED, FIXED, NO_BODY
from .message_head import MessageHead
from .parser import MessageParser
from .receiver import MessageReceiver
from .rules import check_host, read_request_framing, read_version
from .settings import LENIENCIES, RELAXED, ParserSettings

__all__ = ["RequestParser"]

_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_METHOD, _TARGET, _VERSION, _HOST, _LENGTH, _EXPECT = METHOD, TARGET, VERSION, HOST, LENGTH, EXPECT
_NO_BODY, _FIXED, _CHUNKED = NO_BODY, FIXED, CHUNKED
_MOST_KNOWN = 1024          # bytes of a head that is kept to compare the next with: an idle connection has them
_METHODS = {method.encode(): method for method in METHODS}


class RequestParser(MessageParser):
    """Parses requests.  A request that asks to leave HTTP has ``head.upgrade`` set.

    Of a CONNECT request everything after the head belongs to the tunnel (RFC 9110 section 9.3.6); of one with Upgrade
    what follows its body.
    """

    if TYPE_CHECKING:
        _known: MessageHead | None      # the last head that says no more about the message than how long it is
        _known_host: bytes | None       # of the request before, which is checked: the next will have the same
        _known_method: bytes

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings) -> None:
        MessageParser.__init__(self, receiver, settings, _CHUNKED_HEAD)
        self._known = self._known_host = None
        self._known_method = b"GET"

    def _make_llhttp(self, target: object) -> Any:
        parser = HttpRequestParser(target)
        if self.settings.insecure:
            parser.set_dangerous_leniencies(**LENIENCIES)
        elif self.settings.relaxed:
            parser.set_dangerous_leniencies(**RELAXED)
        return parser

    def _read_familiar_head(self) -> bool:
        known = self._known
        if known is None:
            return False
        if known.stands_in(self._data, self._position):
            self._position += len(known.section)
            self._message_complete = True       # as llhttp said of the line
            self._begin(known, True)
            return True
        head = MessageHead.__new__(MessageHead)
        if not (head.read_another(known, self._data, self._position) and len(head.section) <= self._max_size
                and head.split_plain_request_line(self._known_method)):
            return False
        head.method = _METHODS[self._known_method]
        head.url = head.text(_TARGET)
        if head.count(_LENGTH):
            head.content_length = head.number(_LENGTH)
            head.framing = _FIXED
        if self._parse(head.first_line_alone(), True):
            self._position += len(head.section)
            self._get_to_know(head)
            self._begin(head, True)
        return True

    def _get_to_know(self, head: MessageHead) -> None:
        """The next one may have the same fields."""
        if len(head.section) <= _MOST_KNOWN:
            self._known = head

    def _check_head(self, head: MessageHead) -> Fault | None:
        fault = self._read_start_line(head)
        if fault is not None:
            return fault
        if self._known_host is None or head.count(_HOST) != 1 or not head.equals(_HOST, self._known_host):
            fault = check_host(head, self.settings)
            if fault is not None:
                return fault
            self._known_host = head.value(_HOST)
        fault = read_request_framing(head, self.settings)
        if fault is None and head.method == "CONNECT":
            head.upgrade = True
            head.framing = NO_BODY
        if fault is None and self._decides_little(head):
            self._get_to_know(head)
        return fault

    def _decides_little(self, head: MessageHead) -> bool:
        """Whether the fields are such that another head with the same fields needs no look at them."""
        return (head.framing != _CHUNKED and head.keep_alive and not head.upgrade and head.minor_version == 1
                and not head.count(_EXPECT) and not self.settings.insecure and not self.settings.relaxed)

    def _read_start_line(self, head: MessageHead) -> Fault | None:
        """RFC 9112 section 3: three parts with a single space between; llhttp takes more."""
        if head.split_plain_request_line(self._known_method):
            head.method = _METHODS[self._known_method]
            head.url = head.text(_TARGET)
            return None
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
        method = head.value(_METHOD) or b""
        if method not in _METHODS:
            return faults.UNKNOWN_METHOD    # llhttp knows those of RTSP, and PRI of HTTP/2
        if method != b"CONNECT":                # of which the line decides as well
            self._known_method = method
        head.method = _METHODS[method]
        head.url = target
        return None
