"""RequestSteps: what a request has been through, and how long each step took; for errors and diagnostics.

    GET https://example.org/: waited 0.0 ms for a socket, looked up the name in 1.2 ms, connected in 20.1 ms, secured the
    connection in 41.0 ms, sent the request in 0.1 ms, failed after 5000.3 ms of waiting for the response

A step is noted when it is over; the first that is not is under way.  A small request is written before there is a
connection: that counts once there is one, and it is secure.
"""

from __future__ import annotations

from time import monotonic_ns
from typing import TYPE_CHECKING

__all__ = ["RequestSteps", "SOCKET", "LOOKUP", "CONNECT", "SECURE", "SEND", "HEAD", "BODY"]

SOCKET, LOOKUP, CONNECT, SECURE, SEND, HEAD, BODY = range(7)
_LOOKUP, _CONNECT, _SECURE = LOOKUP, CONNECT, SECURE

NAMES = ("socket", "lookup", "connect", "secure", "send", "head", "body")
DONE = ("waited {} for a socket", "looked up the name in {}", "connected in {}", "secured the connection in {}",
        "sent the request in {}", "waited {} for the response", "received the body in {}")
UNDER_WAY = ("waiting for a socket", "looking up the name", "connecting", "securing the connection (TLS)",
             "sending the request", "waiting for the response", "receiving the body")


class RequestSteps:
    """When each step of a request was over, in nanoseconds of the monotonic clock."""

    if TYPE_CHECKING:
        started: int
        connects: bool              # a connection is opened for it, in contrast to one that was kept
        secures: bool               # a TLS handshake is done for it
        lookup_failed: bool         # there was one, which is not known beforehand
        _over: list[int]

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """What __init__ does; to call a C function is cheaper than to call a class."""
        self.started = monotonic_ns()
        self.connects = self.secures = self.lookup_failed = False
        self._over = [0, 0, 0, 0, 0, 0, 0]

    def over(self, step: int) -> None:
        """`step` is over now."""
        self._over[step] = monotonic_ns()

    def begin_again(self) -> None:
        """The request is replayed: what was done so far was waiting."""
        self.connects = self.secures = self.lookup_failed = False
        self._over = [0, 0, 0, 0, 0, 0, 0]

    def _skipped(self, step: int) -> bool:
        """Whether the request has to do without `step`."""
        return ((step == _LOOKUP and not self.lookup_failed) or (step == _CONNECT and not self.connects)
                or (step == _SECURE and not self.secures))

    def _done(self) -> list[tuple[int, float]]:
        """The steps that are over, each with its milliseconds; up to the first that is not."""
        before = self.started
        found = []
        for step, over in enumerate(self._over):
            if over:
                at = max(over, before)
                found.append((step, (at - before) / 1e6))
                before = at
            elif not self._skipped(step):
                break
        return found

    def milliseconds(self) -> dict[str, float]:
        """The steps that are over: milliseconds by name (socket, lookup, connect, secure, send, head, body)."""
        return {NAMES[step]: round(spent, 3) for step, spent in self._done()}

    def describe(self) -> str:
        """One sentence for an error: what was done, and what was under way for how long when it failed."""
        done = self._done()
        told = [DONE[step].format(f"{spent:.1f} ms") for step, spent in done]
        step = max([step for step, _ in done], default=-1) + 1
        while self._skipped(step):
            step += 1
        if step == len(NAMES):
            return ", ".join(told)
        spent = (monotonic_ns() - self.started) / 1e6 - sum(spent for _, spent in done)
        return ", ".join([*told, f"failed after {spent:.1f} ms of {UNDER_WAY[step]}"])
