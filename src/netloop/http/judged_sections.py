"""JudgedSections: the sections of a message, and what llhttp says to them.

llhttp may object to what it is handed, see an end where we see none, or say that what follows is another protocol.  Faults
that it finds in a head, a chunk line or trailers are looked at again, by parsers that begin at the same place, to tell the
user what is wrong (`faults.Evidence`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserUpgrade

from . import faults
from .faults import Evidence, Fault, ParseError, llhttp_fault
from .message_head import MessageHead
from .parser_states import CHUNK_DATA, CHUNK_LINE, FIXED, GONE, HEAD, TRAILERS
from .receiver import MessageReceiver
from .sections import Sections
from .settings import ParserSettings

__all__ = ["JudgedSections"]

_HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _GONE = HEAD, FIXED, CHUNK_LINE, CHUNK_DATA, TRAILERS, GONE
_TOO_LARGE = {_HEAD: faults.HEAD_TOO_LARGE, _CHUNK_LINE: faults.CHUNK_LINE_TOO_LARGE,
              _TRAILERS: faults.TRAILERS_TOO_LARGE}
_LEFT = "Pause on CONNECT/Upgrade"
_FIXED_HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


class BodyCount:
    """Stands between llhttp and an insecure parser, and counts what llhttp takes for the body.

    Where lines may end with LF alone, it takes one that begins a chunk for the end of the line before.
    """

    def __init__(self, parser: JudgedSections) -> None:
        self._parser = parser
        self.size = 0

    def on_body(self, data: bytes) -> None:
        self.size += len(data)

    def on_message_complete(self) -> None:
        self._parser.on_message_complete()


class JudgedSections(Sections):
    """The part of a `MessageParser` that asks llhttp."""

    if TYPE_CHECKING:
        settings: ParserSettings
        _receiver: MessageReceiver
        _chunked_head: bytes
        _llhttp: Any
        _feed_llhttp: Any
        _counted: BodyCount | None
        _state: int
        _after_chunk: bool
        _message_complete: bool
        _wants_to_leave: bool
        _priming: bool

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings, chunked_head: bytes) -> None:
        """`chunked_head`: a head that makes llhttp expect chunks."""
        Sections.__init__(self, settings.insecure)
        self.settings = settings
        self._receiver = receiver
        self._chunked_head = chunked_head
        self._state = _HEAD
        self._wants_to_leave = self._priming = self._after_chunk = False
        self._start_llhttp()

    def _start_llhttp(self) -> None:
        """A new llhttp parser: the first, or where the old one waits for a body that does not come."""
        self._counted = BodyCount(self) if self.settings.insecure else None
        self._llhttp = self._make_llhttp(self if self._counted is None else self._counted)
        self._feed_llhttp = self._llhttp.feed_data
        self._message_complete = False

    def _section_too_large(self) -> None:
        self._fail(_TOO_LARGE[self._state])

    def _parse(self, piece: bytes, ends_section: bool) -> bool:
        try:
            self._feed_llhttp(piece)
        except HttpParserUpgrade as upgrade:
            if self._state == _HEAD and not (ends_section and upgrade.args[0] == len(piece)):
                self._fail(faults.DISAGREEMENT)     # relaxed, it sees the end where no empty line is
                return False
            self._wants_to_leave = True
        except HttpParserError as error:
            if str(error) == _LEFT:             # 101 without the fields that belong to it, which is looked at later
                self._wants_to_leave = True
                return True
            in_section = self._state not in (_FIXED, _CHUNK_DATA)       # there llhttp only counts, and should not object
            self._fail(llhttp_fault(error),
                       Evidence(self._make_llhttp, self._before(piece), piece) if in_section else None)
            return False
        return True

    def _parse_chunk(self, chunk: bytes) -> bool:
        """Hand over a part of a chunk, all of which is body."""
        counted = self._counted
        if counted is None:
            return self._parse(chunk, False)
        counted.size = 0
        if not self._parse(chunk, False):
            return False
        if counted.size != len(chunk):
            self._fail(faults.DISAGREEMENT)
            return False
        return True

    def _before(self, piece: bytes) -> bytes:
        """What brings a new llhttp parser to where the old one was before `piece`."""
        before = b"" if self._pieces is None else b"".join(self._pieces)
        before = before[:max(0, len(before) - len(piece))]
        if self._state == _CHUNK_LINE:
            return self._chunked_head + (b"1\r\n_" if self._after_chunk else b"") + before
        return self._chunked_head + b"0\r\n" + before if self._state == _TRAILERS else before

    def _prime(self, head: MessageHead) -> None:
        """llhttp takes what follows a request to upgrade for another protocol.  But its body comes first."""
        if self._state == _FIXED or self._state == _CHUNK_LINE:
            self._start_llhttp()
            self._priming = True
            self._feed_llhttp(self._chunked_head if self._state == _CHUNK_LINE else _FIXED_HEAD % head.content_length)
            self._priming = False

    def _fail(self, fault: Fault, evidence: Evidence | None = None) -> None:
        data = self._data
        position = self._position
        self._state = _GONE
        self._drop_data()
        self._forget_section()
        self._receiver.on_error(ParseError(fault, data, position, evidence))

    def _make_llhttp(self, target: object) -> Any:
        """A parser of httptools that calls `target`."""
        raise NotImplementedError

    # --- called by llhttp ----------------------------------------------------------------------------------------

    def on_message_complete(self) -> None:
        if self._message_complete:
            raise RuntimeError("a message after the message")       # llhttp makes a fault of it
        self._message_complete = True
