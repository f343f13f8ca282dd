"""A double of `select.kqueue` on top of epoll, faithful in what a poller depends on.

Filters are added and deleted one by one and reported one by one.  Deleting a filter that is not there is
ENOENT, an unknown descriptor EBADF; a change that fails raises when there is no room for events, else it is
reported as an event with EV_ERROR.  Closing a descriptor deletes its filters.  A peer that finished shows as
EV_EOF.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Iterable
from typing import Any, NamedTuple

KQ_FILTER_READ, KQ_FILTER_WRITE = -1, -2
KQ_EV_ADD, KQ_EV_DELETE, KQ_EV_ERROR, KQ_EV_EOF = 0x1, 0x2, 0x4000, 0x8000

_EPOLL = {KQ_FILTER_READ: select.EPOLLIN | select.EPOLLRDHUP, KQ_FILTER_WRITE: select.EPOLLOUT}
_BROKEN = select.EPOLLERR | select.EPOLLHUP


class kevent(NamedTuple):  # noqa: N801  (the name that it doubles)
    ident: int
    filter: int = KQ_FILTER_READ
    flags: int = KQ_EV_ADD
    fflags: int = 0
    data: int = 0


class kqueue:  # noqa: N801
    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._filters: dict[int, set[int]] = {}
        self.closed = False

    def fileno(self) -> int:
        return self._epoll.fileno()

    def close(self) -> None:
        self._epoll.close()
        self.closed = True

    def control(self, changes: Iterable[kevent] | None, room: int,
                timeout: float | None = None) -> list[kevent]:
        failures = []
        for change in changes or ():
            error = self._change(change)
            if error and not room:
                raise OSError(error, os.strerror(error))
            if error:
                failures.append(change._replace(flags=KQ_EV_ERROR, data=error))
        if failures or not room:
            return failures[:room]
        events = self._epoll.poll(-1 if timeout is None else timeout, room)
        return [event for fd, found in events for event in self._events(fd, found)][:room]

    def _change(self, change: kevent) -> int:
        fd, kernel_filter, flags = change[:3]
        filters = self._filters_of(fd)
        if flags & KQ_EV_DELETE:
            if filters is None or kernel_filter not in filters:
                return errno.ENOENT if filters is not None else errno.EBADF
            filters.discard(kernel_filter)
        elif filters is None:
            return errno.EBADF
        else:
            filters.add(kernel_filter)
        self._apply(fd, filters)
        return 0

    def _filters_of(self, fd: int) -> set[int] | None:
        """The filters of an open descriptor, else None.  epoll knows if the number was given away."""
        filters = self._filters.setdefault(fd, set())
        try:
            if filters:
                self._epoll.modify(fd, _mask(filters))
            else:
                os.fstat(fd)
        except FileNotFoundError:
            filters.clear()
        except OSError:
            del self._filters[fd]
            return None
        return filters

    def _apply(self, fd: int, filters: set[int]) -> None:
        try:
            self._epoll.unregister(fd)
        except FileNotFoundError:
            pass
        if filters:
            self._epoll.register(fd, _mask(filters))

    def _events(self, fd: int, found: int) -> list[kevent]:
        ended = found & (_BROKEN | select.EPOLLRDHUP)
        return [kevent(fd, kernel_filter, KQ_EV_EOF if ended else 0)
                for kernel_filter in sorted(self._filters[fd]) if found & (_EPOLL[kernel_filter] | _BROKEN)]


def _mask(filters: set[int]) -> int:
    return sum(_EPOLL[kernel_filter] for kernel_filter in filters)


def install(setattr: Any = setattr) -> None:
    """Make the standard module look as it does where there is a kqueue."""
    for name in ("kqueue", "kevent", "KQ_FILTER_READ", "KQ_FILTER_WRITE", "KQ_EV_ADD", "KQ_EV_DELETE"):
        setattr(select, name, globals()[name])
