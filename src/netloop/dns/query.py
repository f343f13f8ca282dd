"""One question to the name servers, and the errors that it may end in."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import resolution_error
from ..loop import Loop
from . import constants
from .request import Done, Request

if TYPE_CHECKING:
    from .channel import Channel

__all__ = ["Query", "query_error"]

_RESOLVE = channel("dns.resolve")

# Those that are also Python's own kinds of errors: TimeoutError, ConnectionRefusedError.
_NUMBERS = {constants.TIMEOUT: errno.ETIMEDOUT, constants.CONNREFUSED: errno.ECONNREFUSED,
            constants.CANCELLED: errno.ECANCELED, constants.NOMEM: errno.ENOMEM}


class Query(Request):
    """A question under way; it ends in ``done(error, records)``.

    `ask` asks c-ares: ``ask(pycares channel, callback)``.  `read` makes records of its answer.
    """

    def __init__(self, loop: Loop, syscall: str, name: str, ask: Callable[[Any, Any], object],
                 read: Callable[[Any], list[Any]], done: Done) -> None:
        super().__init__(loop, f"{syscall} {name}", done)
        self._syscall = syscall
        self._name = name
        self.ask = ask
        self._read = read
        self.channel: Channel | None = None

    def cancel(self) -> None:
        """Nobody is interested any more.  c-ares cannot take one question back, but an answer to nobody is dropped."""
        super().cancel()
        if self.channel is not None:
            self.channel.remove(self)

    def finish(self, answer: Any, status: int | None) -> None:
        """c-ares is done: with an answer, or with the number of what went wrong."""
        if self._over:
            return
        records = [] if status is not None else self._read(answer)
        error = None if records else query_error(status, self._syscall, self._name)
        if _RESOLVE.subscribers is not None:
            _RESOLVE.publish({"hostname": self._name, "syscall": self._syscall, "records": records or None,
                              "error": error, "elapsed_ms": self._elapsed_ms()})
        self._end(error, records)


def query_error(status: int | None, syscall: str, name: str) -> OSError:
    """The error for a status of c-ares; None is an answer without a record of the type."""
    from pycares import errno as ares

    status = ares.ARES_ENODATA if status is None else status
    code = ares.errorcode.get(status, "ARES_UNKNOWN_ARES_ERROR").removeprefix("ARES_")
    return resolution_error(code, name, str(ares.strerror(status)), syscall, _NUMBERS.get(code))
