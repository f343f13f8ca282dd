"""ResponseQueue: the responses of one connection that are not sent yet, in the order of their requests.

The first one has the outlet.  Nearly always it is the only one, so that no list is needed: those behind it exist only
while requests are pipelined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server_response import ServerResponse

__all__ = ["ResponseQueue"]


class ResponseQueue:
    """Responses in order; see the module.  ``count`` says how many there are, ``first`` is None without one."""

    if TYPE_CHECKING:
        first: ServerResponse | None
        count: int
        _others: list[ServerResponse] | None

    def __init__(self) -> None:
        self.first = self._others = None
        self.count = 0

    def add(self, response: ServerResponse) -> None:
        if self.count == 0:
            self.first = response
        else:
            if self._others is None:
                self._others = []
            self._others.append(response)
        self.count += 1

    def remove_first(self) -> None:
        self.first = self._others.pop(0) if self._others else None
        self.count -= 1

    def newest(self) -> ServerResponse | None:
        return self._others[len(self._others) - 1] if self._others else self.first

    def remove_newest(self) -> None:
        if self._others:
            self._others.pop()
            self.count -= 1
        else:
            self.remove_first()

    def all(self) -> list[ServerResponse]:
        return [] if self.first is None else [self.first, *(self._others or ())]

    def take_all(self) -> list[ServerResponse]:
        """All of them; then there are none."""
        responses = self.all()
        self.first = self._others = None
        self.count = 0
        return responses
