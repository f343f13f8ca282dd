"""MessageParser: bytes in, events out.  It knows no socket, no stream and no clock.

    receiver = Receiver()                       # a MessageReceiver: its methods are the events
    parser = RequestParser(receiver, settings)  # or ResponseParser
    parser.feed(data)                           # as it came from the peer, cut anywhere
    parser.finish()                             # the peer has finished

llhttp judges every byte of heads, chunk lines and trailers.  What it cannot do behind httptools is to stop: it would
run from one message into the next.  So the bytes are handed to it in pieces that end where a section of the message
may end, and nowhere later:

    HEAD        up to an empty line                         llhttp parses, `rules` looks at the whole
    FIXED       as many bytes as Content-Length said        llhttp counts along, if it saw that field
    CHUNK_LINE  up to a line end; the CRLF after the chunk before is part of it
    CHUNK_DATA  as many bytes as that line said             llhttp counts along
    TRAILERS    up to an empty line
    UNTIL_CLOSE everything
    END         the message is complete; the next step says so
    LEAVING     the message asked to leave HTTP, and what follows it belongs to another protocol
    GONE        nothing is parsed any more: after that, after an error, after close()
    CLOSING     the message was the last of its connection

We only cut; where llhttp sees the end of a message at another place than we do, that is an error.  A body goes to the
receiver without a copy when it comes alone, and every event is followed by a look whether the receiver wants a pause.
The same bytes give the same events however they are cut, but for the sizes of the body's chunks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserUpgrade

from . import faults, framing
from .faults import Evidence, Fault, ParseError, llhttp_fault
from .message_head import MessageHead, split_fields, unfold
from .receiver import MessageReceiver
from .rules import LARGEST, are_field_lines, refused_in_trailers
from .sections import Sections
from .settings import ParserSettings

__all__ = ["MessageParser", "CHUNK_LINE_SIZE"]

CHUNK_LINE_SIZE = 16384         # bytes of a chunk's size and extensions; as Node's limit of extensions

_HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _UNTIL_CLOSE, _END, _LEAVING, _GONE, _CLOSING = range(10)
_FRAMED_FIXED, _FRAMED_CHUNKED, _FRAMED_UNTIL_CLOSE = framing.FIXED, framing.CHUNKED, framing.UNTIL_CLOSE
_LINE_LIMIT = CHUNK_LINE_SIZE
_LARGEST = LARGEST
_HEX = b"\r\n0123456789abcdefABCDEF"
_CR, _LF = b"\r\n"
_TOO_LARGE = {_HEAD: faults.HEAD_TOO_LARGE, _CHUNK_LINE: faults.CHUNK_LINE_TOO_LARGE,
              _TRAILERS: faults.TRAILERS_TOO_LARGE}
_LEFT = "Pause on CONNECT/Upgrade"
_FIXED_HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


class MessageParser(Sections):
    """Parses the messages of one connection; see the module.  `RequestParser` and `ResponseParser` are its kinds."""

    if TYPE_CHECKING:
        paused: bool
        settings: ParserSettings
        _receiver: MessageReceiver
        _chunked_head: bytes
        _llhttp: Any
        _feed_llhttp: Any
        _max_size: int
        _max_fields: int
        _state: int
        _running: bool
        _ended: bool
        _remaining: int
        _trailers: list[bytes] | None
        _message_complete: bool
        _wants_to_leave: bool
        _leaves: bool
        _last: bool
        _counting_alone: bool
        _priming: bool
        _after_chunk: bool

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings, chunked_head: bytes) -> None:
        """`chunked_head`: a head that makes llhttp expect chunks."""
        Sections.__init__(self, settings.insecure)
        self.settings = settings
        self._receiver = receiver
        self._chunked_head = chunked_head
        self._max_size = settings.max_header_size
        self._max_fields = settings.max_fields
        self._state = _HEAD
        self.paused = self._running = self._ended = False
        self._remaining = 0
        self._trailers = None
        self._wants_to_leave = self._leaves = self._last = self._priming = self._after_chunk = self._counting_alone = False
        self._start_llhttp()

    def _start_llhttp(self) -> None:
        """A new llhttp parser: the first, or where the old one waits for a body that does not come."""
        self._llhttp = self._make_llhttp(self)
        self._feed_llhttp = self._llhttp.feed_data
        self._message_complete = False

    # --- the owner's side ----------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Parse bytes from the peer.  What a paused parser does not look at is kept for `resume`.

        After `on_upgrade`, `on_error` and `close` it does nothing.
        """
        if self._state == _GONE:
            return
        if self._position < len(self._data):
            data = self._data[self._position:] + data
        self._data = data
        self._position = 0
        if not self._running:
            self._run()

    def finish(self) -> None:
        """The peer has finished: that ends a body that goes on until then, and is an error within a message."""
        self._ended = True
        if not self._running:
            self._run()

    def pause(self) -> None:
        """No event until `resume`."""
        self.paused = True

    def resume(self) -> None:
        """Go on, with what was kept first."""
        self.paused = False
        if not self._running:
            self._run()

    def close(self) -> None:
        """No event any more.  Let go of what would keep the receiver alive; call it when the connection is gone."""
        self._state = _GONE
        self._drop_data()
        self._receiver = MessageReceiver()
        self._llhttp = self._feed_llhttp = None

    def is_idle(self) -> bool:
        """Whether it is between two messages, and no byte of the next one has come."""
        return self._state in (_HEAD, _CLOSING) and self._nothing_but_line_ends() and self._position == len(self._data)

    @property
    def kept(self) -> int:
        """How many bytes a paused parser keeps."""
        return len(self._data) - self._position

    # --- steps ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._running = True
        try:
            while not self.paused and self._step():
                pass
            if self._ended and not self.paused:
                self._end_input()
        finally:
            self._running = False
        if self._position == len(self._data):
            self._drop_data()

    def _step(self) -> bool:
        """Do the next piece of work; False when there is none until more bytes come."""
        state = self._state
        if state == _END:
            return self._complete()
        if state == _LEAVING:
            return self._leave()
        if self._position == len(self._data):
            return False
        if state == _HEAD:
            return self._read_head()
        if state == _FIXED:
            return self._read_fixed()
        if state == _CHUNK_LINE:
            return self._read_chunk_line()
        if state == _CHUNK_DATA:
            return self._read_chunk_data()
        if state == _TRAILERS:
            return self._read_trailers()
        if state == _UNTIL_CLOSE:
            return self._read_until_close()
        return state == _CLOSING and self._read_after_last()

    def _end_input(self) -> None:
        self._ended = False
        if self._state == _UNTIL_CLOSE:
            self._state = _END
            self._message_complete = True
            self._complete()
        elif self._state in (_FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS) or (
                self._state == _HEAD and not self._nothing_but_line_ends()):
            self._fail(faults.EARLY_END)

    # --- llhttp --------------------------------------------------------------------------------------------------

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

    def _before(self, piece: bytes) -> bytes:
        """What brings a new llhttp parser to where the old one was before `piece`."""
        before = b"" if self._pieces is None else b"".join(self._pieces)
        before = before[:max(0, len(before) - len(piece))]
        if self._state == _CHUNK_LINE:
            return self._chunked_head + (b"1\r\n_" if self._after_chunk else b"") + before
        return self._chunked_head + b"0\r\n" + before if self._state == _TRAILERS else before

    # --- the head ------------------------------------------------------------------------------------------------

    def _read_head(self) -> bool:
        if self._section_size == 0:
            if not self._may_begin():
                return False
            if self._read_familiar_head():
                return True
        end = self._section_end()
        if not self._parse_section(end, self._max_size):
            return False
        if end >= 0:
            section = self._whole_section()
            if section[0] == _CR or section[0] == _LF:
                section = section.lstrip(b"\r\n")
            if section:
                self._begin_message(section)
            else:                   # empty lines before the start line: of them only the size counts
                self._forget_pieces()
        return True

    def _begin_message(self, section: bytes) -> None:
        insecure = self.settings.insecure
        head = MessageHead.__new__(MessageHead)
        head.read(unfold(section) if insecure else section, self._max_fields)
        fault = self._check_head(head)
        if self.settings.relaxed and not are_field_lines(section, head.first_field):
            fault = faults.INVALID_FIELD_LINE
        if fault is not None:
            self._fail(fault)
            return
        self._forget_section()
        self._begin(head, False)

    def _begin(self, head: MessageHead, familiar: bool) -> None:
        """The head is in order.  `familiar`: llhttp did not see the fields."""
        self._counting_alone = familiar
        self._last = not head.keep_alive and not self.settings.insecure
        self._state = _END
        self._after_chunk = False
        if head.framing == _FRAMED_FIXED and head.content_length > 0:
            self._state = _FIXED
            self._remaining = head.content_length
        elif head.framing == _FRAMED_CHUNKED:
            self._state = _CHUNK_LINE
        elif head.framing == _FRAMED_UNTIL_CLOSE:
            self._state = _UNTIL_CLOSE
        if self._state == _END and not self._message_complete:
            if not self._may_end_early():
                self._fail(faults.DISAGREEMENT)
                return
            self._start_llhttp()
            self._message_complete = True
        if self._wants_to_leave:
            self._wants_to_leave = False
            self._prime(head)
        self._receiver.on_head(head)
        self._leaves = head.upgrade

    def _prime(self, head: MessageHead) -> None:
        """llhttp takes what follows a request to upgrade for another protocol.  But its body comes first."""
        if self._state == _FIXED or self._state == _CHUNK_LINE:
            self._start_llhttp()
            self._priming = True
            self._feed_llhttp(self._chunked_head if self._state == _CHUNK_LINE else _FIXED_HEAD % head.content_length)
            self._priming = False

    # --- the body ------------------------------------------------------------------------------------------------

    def _read_fixed(self) -> bool:
        chunk = self._take(self._remaining)
        self._remaining -= len(chunk)
        if not self._counting_alone and not self._parse(chunk, False):
            return False
        if self._remaining == 0:
            self._state = _END
        self._receiver.on_body(chunk)
        return True

    def _read_until_close(self) -> bool:
        self._receiver.on_body(self._take(len(self._data)))
        return True

    def _read_chunk_line(self) -> bool:
        """The size of a chunk.  The CRLF of the chunk before, if there was one, comes first."""
        unread = 2 - self._section_size if self._after_chunk and self._section_size < 2 else 0
        end = self._line_end(self._position + unread)
        if not self._parse_section(end, _LINE_LIMIT + 4):
            return False
        if end < 0:
            return True
        size = _chunk_size(self._whole_section())
        if size < 0:                    # no number: llhttp is insecure, and reads until the end what we read in chunks
            self._fail(faults.DISAGREEMENT if size == -1 else faults.CHUNK_TOO_LARGE)
            return False
        self._forget_section()
        self._remaining = size
        if size:
            self._state = _CHUNK_DATA
        else:
            self._state = _TRAILERS
            self._tail = b"\r\n"        # an empty line ends the trailers also when it comes at once
        return True

    def _read_chunk_data(self) -> bool:
        chunk = self._take(self._remaining)
        self._remaining -= len(chunk)
        if not self._parse(chunk, False):
            return False
        if self._remaining == 0:
            self._state = _CHUNK_LINE
            self._after_chunk = True
        self._receiver.on_body(chunk)
        return True

    def _read_trailers(self) -> bool:
        end = self._section_end()
        if not self._parse_section(end, self._max_size):
            return False
        if end >= 0:
            section = self._whole_section()
            insecure = self.settings.insecure
            if self.settings.relaxed and not are_field_lines(section, 0):
                self._fail(faults.INVALID_FIELD_LINE)
                return False
            self._trailers = split_fields(unfold(section) if insecure else section, 0, len(section)) or None
            if self._trailers is not None:
                if not insecure and refused_in_trailers(self._trailers):
                    self._fail(faults.FORBIDDEN_TRAILER)
                    return False
                del self._trailers[self._max_fields:]
            self._forget_section()
            self._state = _END
        return True

    # --- the end -------------------------------------------------------------------------------------------------

    def _complete(self) -> bool:
        if not self._message_complete:
            self._fail(faults.DISAGREEMENT)
            return False
        self._message_complete = False
        trailers = self._trailers
        self._trailers = None
        self._state = _LEAVING if self._leaves else _CLOSING if self._last else _HEAD
        self._receiver.on_message_complete(trailers)
        return True

    def _leave(self) -> bool:
        rest = self._take(len(self._data))
        self._state = _GONE
        self._receiver.on_upgrade(rest)
        return False

    def _read_after_last(self) -> bool:
        """RFC 9112 section 9.6: no further request is processed.  Line ends are what some old clients send."""
        if self._data[self._position:].strip(b"\r\n"):
            self._fail(faults.AFTER_CLOSE)
        self._position = len(self._data)
        return False

    def _fail(self, fault: Fault, evidence: Evidence | None = None) -> None:
        data = self._data
        position = self._position
        self._state = _GONE
        self._drop_data()
        self._forget_section()
        self._receiver.on_error(ParseError(fault, data, position, evidence))

    # --- what the kinds of messages differ in --------------------------------------------------------------------

    def _make_llhttp(self, target: object) -> Any:
        """A parser of httptools that calls `target`."""
        raise NotImplementedError

    def _may_begin(self) -> bool:
        """A first byte came; False after an error."""
        return True

    def _read_familiar_head(self) -> bool:
        """A shorter way for a head that is like one before; False when it does not lead there, and nothing was read."""
        return False

    def _check_head(self, head: MessageHead) -> Fault | None:
        """Check the head, complete what it says, and see how its body ends."""
        raise NotImplementedError

    def _may_end_early(self) -> bool:
        """Whether the message may end with its head although llhttp waits for a body."""
        return False

    # --- called by llhttp ----------------------------------------------------------------------------------------

    def on_message_complete(self) -> None:
        if self._message_complete:
            raise RuntimeError("a message after the message")       # llhttp makes a fault of it
        self._message_complete = True


def _chunk_size(line: bytes) -> int:
    """The number that a chunk line begins with, maybe after an empty one; -1 if there is none, -2 if it is too large.

    Read digit by digit, for it is done for each chunk: by the methods of bytes and int it takes ten times as long.
    """
    size = digits = 0
    for byte in line:
        if 0x30 <= byte <= 0x39:                    # 0 to 9
            value = byte - 0x30
        elif 0x61 <= byte | 0x20 <= 0x66:           # a to f, A to F
            value = (byte | 0x20) - 0x57
        elif digits == 0 and byte in b"\r\n":
            continue
        else:
            break
        if size > _LARGEST >> 4:
            return -2
        size = size * 16 + value
        digits += 1
    if digits == 0 or (byte not in b"\r\n;" and line.lstrip(_HEX).partition(b";")[0].strip()):
        return -1                                   # insecure, white space may follow
    return size
