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

We only cut; where llhttp sees the end of a message at another place than we do, that is an error.  Every event is followed
by a look whether the receiver wants a pause.  The same bytes give the same events however they are cut, but for the sizes
of the body's chunks.

From the bottom up: `sections` cuts, `judged_sections` asks llhttp, `body_parser` reads bodies; here are heads, ends, and
the way from one message to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import faults, framing
from .body_parser import BodyParser
from .faults import Fault
from .message_head import MessageHead, unfold
from .parser_states import CHUNK_DATA, CHUNK_LINE, CLOSING, END, FIXED, GONE, HEAD, LEAVING, TRAILERS, UNTIL_CLOSE
from .receiver import MessageReceiver
from .rules import are_field_lines
from .settings import ParserSettings

__all__ = ["MessageParser"]

_HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS = HEAD, FIXED, CHUNK_LINE, CHUNK_DATA, TRAILERS
_UNTIL_CLOSE, _END, _LEAVING, _GONE, _CLOSING = UNTIL_CLOSE, END, LEAVING, GONE, CLOSING
_FRAMED_FIXED, _FRAMED_CHUNKED, _FRAMED_UNTIL_CLOSE = framing.FIXED, framing.CHUNKED, framing.UNTIL_CLOSE
_CR, _LF = b"\r\n"


class MessageParser(BodyParser):
    """Parses the messages of one connection; see the module.  `RequestParser` and `ResponseParser` are its kinds."""

    if TYPE_CHECKING:
        paused: bool
        _running: bool
        _ended: bool
        _leaves: bool
        _last: bool

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings, chunked_head: bytes) -> None:
        """`chunked_head`: a head that makes llhttp expect chunks."""
        BodyParser.__init__(self, receiver, settings, chunked_head)
        self.paused = self._running = self._ended = self._leaves = self._last = False

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
        self._llhttp = self._feed_llhttp = self._counted = None

    def is_idle(self) -> bool:
        """Whether it is between two messages, and no byte of the next one has come."""
        return self._state in (_HEAD, _CLOSING) and self._nothing_but_line_ends() and self._position == len(self._data)

    def unread(self) -> int:
        """How many bytes came that it has not looked at: within an event, or while it is paused."""
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

    # --- what the kinds of messages differ in --------------------------------------------------------------------

    def _may_begin(self) -> bool:
        """A first byte came; False after an error, and when what came begins nothing."""
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
