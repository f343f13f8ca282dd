"""MessageReceiver: what a parser tells, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.poller import Continuation

if TYPE_CHECKING:
    from .faults import ParseError
    from .message_head import MessageHead

__all__ = ["MessageReceiver"]


class MessageReceiver(Continuation):
    """What happens to whom: override the methods.  Each may call `pause`, `resume` and `close` of its parser.

    Of each message: ``on_head``, any number of ``on_body``, ``on_message_complete``; then, if ``head.upgrade`` was
    True after ``on_head``, ``on_upgrade``.  ``on_error`` comes instead of what is missing, and nothing comes after it.

    What a receiver does with a message may wait for those of others, see `proceed_later`.
    """

    def on_head(self, head: MessageHead) -> None:
        """The head is complete."""

    def on_body(self, chunk: bytes) -> None:
        """Bytes of the body; never empty."""

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        """The message is complete.  `trailers`: a flat list of names and values, None when there were none."""

    def on_upgrade(self, rest: bytes) -> None:
        """The connection has left HTTP.  `rest` came after the message already; the parser wants nothing more."""

    def on_error(self, error: ParseError) -> None:
        """This is no HTTP.  The parser wants nothing more."""
