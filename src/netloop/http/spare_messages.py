"""SpareMessages: requests and responses that were sent, and may serve again.

To make and to free the two, with all that streams have, takes a fifth of the time of a short request.  So they are kept
when nobody has them any more; `references` says how many references there are to the request if that is so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server_response import ServerResponse

__all__ = ["SpareMessages"]

MOST_SPARE = 64             # as many as the poller has under way at once


class SpareMessages:
    """Those of one server: each response knows its request, and who is kept behind it."""

    if TYPE_CHECKING:
        most: int                           # 0 for a server with classes of its own: they may keep what they like
        answered: ServerResponse | None     # the newest that a listener for the end of its request sent, and may still hold
        _first: ServerResponse | None
        _count: int

    def __init__(self) -> None:
        self.most = MOST_SPARE
        self.answered = self._first = None
        self._count = 0

    def take(self) -> ServerResponse | None:
        """A response that may serve again, if there is one."""
        answered, self.answered = self.answered, None
        if answered is not None:
            self.give_back(answered, 1)
        spare = self._first
        if spare is not None:
            self._first, spare._next_spare = spare._next_spare, None
            self._count -= 1
        return spare

    def give_back(self, response: ServerResponse, references: int) -> None:
        """It was sent: keep it and its request, if nobody else does."""
        if self._count < self.most and response._is_spare(references):
            response._forget()
            self._first, response._next_spare = response, self._first
            self._count += 1
