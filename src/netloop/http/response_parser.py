"""ResponseParser: what a client reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpResponseParser

from . import faults
from .faults import Fault
from .framing import NO_BODY
from .message_head import MessageHead
from .parser import MessageParser
from .receiver import MessageReceiver
from .rules import read_response_framing, read_version
from .settings import LENIENCIES, RELAXED, ParserSettings
from .tokens import is_value

__all__ = ["ResponseParser"]

_NOBODY = MessageReceiver()
_NO_BODY = NO_BODY
_CR, _LF = b"\r\n"
_CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class ResponseParser(MessageParser):
    """Parses responses.  `expect` says to which request the next one belongs; what comes unasked is an error.

    An informational response (1xx) is a message of its own, and its request is still expected to be answered.
    ``head.upgrade`` is set where the connection has left HTTP: 101 to a request that asked for it, 2xx to CONNECT; or all
    that CONNECT is answered with, where this is wanted.
    """

    if TYPE_CHECKING:
        _method: str | None
        _may_switch: bool
        _known_line: bytes | None       # of a response before; most that come are the same
        _known_status: int
        _known_reason: str

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings) -> None:
        MessageParser.__init__(self, receiver, settings, _CHUNKED_HEAD)
        self._method = self._known_line = None
        self._known_status, self._known_reason = 0, ""
        self._may_switch = False

    def work_for(self, receiver: MessageReceiver | None) -> None:
        """Tell somebody else from now on."""
        self._receiver = _NOBODY if receiver is None else receiver
        self._method = None

    def may_change_hands(self) -> bool:
        """Whether the next byte begins another message, which may be anybody's."""
        return not self._running and not self.paused and self.is_idle()

    def expect(self, method: str, upgrade: bool = False) -> None:
        """A request with this method was sent.

        `upgrade`: it asked for another protocol.  Of CONNECT: a refusal leaves HTTP too, its body is for who gets the stream.
        """
        self._method = method
        self._may_switch = upgrade

    def _make_llhttp(self, target: object) -> Any:
        parser = HttpResponseParser(target)
        if self.settings.insecure:
            parser.set_dangerous_leniencies(**LENIENCIES)
        elif self.settings.relaxed:
            parser.set_dangerous_leniencies(**RELAXED)
        return parser

    def _may_begin(self) -> bool:
        if self._method is not None:
            return True
        if not self._skip_line_ends():
            self._fail(faults.UNASKED)
        return False

    def _skip_line_ends(self) -> bool:
        """Some servers send one behind a body; whether that was all."""
        data, at = self._data, self._position
        while at < len(data) and (data[at] == _CR or data[at] == _LF):
            at += 1
        self._position = at
        return at == len(data)

    def _check_head(self, head: MessageHead) -> Fault | None:
        fault = self._read_start_line(head)
        if fault is not None:
            return fault
        method = self._method or ""
        fault = read_response_framing(head, self.settings, method)
        if fault is not None:
            return fault
        if head.status == 101:
            if not self._may_switch or not head.upgrade:
                return faults.UNASKED_SWITCH
        else:
            head.upgrade = method == "CONNECT" and (200 <= head.status < 300 or (self._may_switch and head.status >= 300))
            if head.upgrade:
                head.framing = _NO_BODY
        if head.status >= 200 or head.upgrade:
            self._method = None
        return None

    def _read_start_line(self, head: MessageHead) -> Fault | None:
        """RFC 9112 section 4.  The space after the status may be missing where no reason comes, as llhttp has it."""
        if self._known_line is not None and head.starts_with(self._known_line):
            head.status = self._known_status
            head.reason = self._known_reason
            return None
        version, _, rest = head.start_line.partition(b" ")
        code, _, reason = rest.lstrip(b" ").partition(b" ")
        head.status = int(code)
        head.reason = reason.decode("latin-1")
        if version != b"HTTP/1.1":
            fault = read_version(head, version, self.settings.insecure)
            if fault is not None:
                return fault
        if not self.settings.insecure and not is_value(head.reason):
            return faults.WRONG_REASON
        if head.minor_version == 1:
            self._known_line = head.section[:head.first_field]
            self._known_status, self._known_reason = head.status, head.reason
        return None

    def _may_end_early(self) -> bool:
        """llhttp does not know that the request was HEAD or CONNECT."""
        return True
