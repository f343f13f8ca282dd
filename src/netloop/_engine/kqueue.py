"""The poller on macOS and the BSDs: one kqueue, through the standard `select` module.

kqueue watches *filters*, not descriptors: reading and writing are two of them, added and deleted one by one,
and reported one by one.  So a descriptor that can do both comes twice, and is dispatched twice, which does no
harm: readiness means "try".  For the same reason the flags of an event say nothing that matters here.  A peer
that finished or a connection that broke (EV_EOF) is reported by the filter that is watched, and the system
call that follows tells what happened.

Closing a descriptor deletes its filters, as with epoll.  A poller in plain Python costs a few microseconds
for each event; `busy_poll` has no effect on it.
"""

from __future__ import annotations

import select as _select
from typing import Any, Self

from .poller import Poller

if not hasattr(_select, "kqueue"):
    raise ImportError("netloop needs epoll (Linux) or kqueue (macOS, BSD), and this platform has neither")

__all__ = ["KqueuePoller"]

select: Any = _select       # typed by platform: on Linux a checker would find no kqueue in it

READABLE = 1                # as in poller.pxd
WRITABLE = 2
FILTERS = ((READABLE, select.KQ_FILTER_READ), (WRITABLE, select.KQ_FILTER_WRITE))
MASKS = {name: mask for mask, name in FILTERS}
BATCH = 256                 # events taken at once, as the poller on epoll does


class KqueuePoller(Poller):
    """A poller on a kqueue of its own; `fileno()` can be watched by another loop."""

    _queue: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)         # not __init__, which subclasses need not call
        self._queue = select.kqueue()
        return self

    def fileno(self) -> int:
        return int(self._queue.fileno())

    def close(self) -> None:
        """Give the queue back to the system: no turn follows."""
        self._queue.close()

    @property
    def closed(self) -> bool:
        return bool(self._queue.closed)

    def control(self, fd: int, old_mask: int, mask: int) -> None:
        """Hook of `Poller`: watch `fd` for `mask`, no longer for `old_mask`.  Raises what the system says."""
        changes = [select.kevent(fd, name, select.KQ_EV_ADD if mask & bit else select.KQ_EV_DELETE)
                   for bit, name in FILTERS if (mask ^ old_mask) & bit]
        if changes:
            self._queue.control(changes, 0)

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """Hook of `Poller`: (fd, mask) of what is ready, within `timeout` seconds (negative: no limit)."""
        events = self._queue.control(None, BATCH, None if timeout < 0 else timeout)
        return [(event.ident, MASKS[event.filter]) for event in events if event.filter in MASKS]
