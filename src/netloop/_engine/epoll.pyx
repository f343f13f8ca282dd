"""The poller on Linux: one epoll set."""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport ceil
from libc.stdint cimport uint32_t

from .poller cimport EDGES, FAILED, MORE, READABLE, WRITABLE, Handle, Poller
from .unix cimport EEXIST, EINTR, close, errno, monotonic_ns

import os

cdef enum:
    ENDING = EPOLLRDHUP | EPOLLPRI      # the peer finished, or a byte is urgent, at which a receive stops


cdef class EpollPoller(Poller):
    """A poller on an epoll set of its own; `fileno()` can be watched by another loop."""

    def __cinit__(self, *args, **kwargs):
        self.epoll_fd = epoll_create1(EPOLL_CLOEXEC)
        if self.epoll_fd < 0:
            raise OSError(errno, os.strerror(errno))
        self.longest_wait = 1_000_000

    def __dealloc__(self):
        if self.epoll_fd >= 0:
            close(self.epoll_fd)

    def fileno(self):
        return self.epoll_fd

    def close(self):
        """Give the set back to the system: no turn follows."""
        if self.epoll_fd >= 0:
            close(self.epoll_fd)
            self.epoll_fd = -1

    @property
    def closed(self):
        return self.epoll_fd < 0

    cdef int _control(self, int fd, int old_mask, int mask) except -1:
        cdef epoll_event event
        cdef int operation = EPOLL_CTL_MOD
        if not mask & (READABLE | WRITABLE):
            operation = EPOLL_CTL_DEL
        elif old_mask == 0:
            operation = EPOLL_CTL_ADD
        event.events = (EPOLLIN if mask & READABLE else 0) | (EPOLLOUT if mask & WRITABLE else 0)
        if mask & EDGES:
            event.events |= <uint32_t>EPOLLET | (ENDING if mask & READABLE else 0)
        event.data.fd = fd
        if epoll_ctl(self.epoll_fd, operation, fd, &event) == 0:
            return 0
        # A closed descriptor of which a duplicate lives stays in the set, under a number that may be another's by now.
        if operation != EPOLL_CTL_ADD or errno != EEXIST or epoll_ctl(self.epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0:
            raise OSError(errno, os.strerror(errno))
        return 0

    cdef int _wait(self, double timeout) except -1:
        cdef int count, stop, at = 0
        count = self._collect(timeout)
        self.now = self._departed = monotonic_ns()
        if count and self.busy_poll:
            self._last_event = self.now
        try:
            if self._first is not None:     # of a group that was interrupted
                self._proceed()
            while at < count and not self.halted:
                stop = min(at + GROUP, count)
                self._gathering = stop - at > 1
                if self._gathering:
                    self._prepare(at, stop)
                while at < stop and not self.halted:
                    at += 1
                    self._dispatch(self._events[at - 1].data.fd, self._mask_of(self._events[at - 1].events))
                    if self._departing or self._packing:
                        self._depart_in_time()
                if self._first is not None:
                    self._proceed()
                self._finish_group()
        finally:
            if at < count:                  # interrupted, and the kernel tells of a change only once
                self._put_off(at, count)
            self._finish_group()
        return count

    cdef int _mask_of(self, uint32_t found) noexcept:
        if found == EPOLLIN:
            return READABLE
        return ((READABLE if found & EPOLLIN else 0) | (WRITABLE if found & EPOLLOUT else 0)
                | (FAILED if found & (EPOLLERR | EPOLLHUP) else 0) | (MORE if found & (ENDING | EPOLLERR | EPOLLHUP) else 0))

    cdef int _prepare(self, int at, int stop) except -1:
        """Let handles receive, and then unpack, before the first of them calls listeners.

        To receive, call, send, receive, call, send drives the processor to and fro between the kernel and us, and each
        side finds its caches full of the other's: with 64 connections, receiving first saves a twentieth of the time of
        a short request, and sending last a fifth of that of one with a body.  For the same reason all unpack, and pack, in
        a row: with TLS that saves a fifteenth.
        """
        cdef Handle handle
        for at in range(at, stop):
            if self._events[at].events == EPOLLIN:
                handle = self._handle(self._events[at].data.fd)
                if handle is not None:
                    handle.prepare()
        if self._unpacking:
            self._unpack()
        return 0

    cdef int _proceed(self) except -1:
        """Have what waits for the rest of the group go on; who waits again goes to the end of the line.

        So all of them run through the same part of our code in a row.  All of the code of a request of HTTP is more than
        the nearest cache of a processor holds, a part of it is not: the second finds there what the first has brought.
        """
        while self._first is not None and not self.halted:
            try:
                self._take_first().proceed()
            except Exception as error:
                self.report(error)
            if self.ticks.pending():
                self.ticks.drain(self)
            if self._departing or self._packing:
                self._depart_in_time()
        return 0

    cdef int _finish_group(self) except -1:
        """Have what listeners wrote leave."""
        if self._packing:
            self._pack()
        self._gathering = False
        if self._departing:
            self._depart()
        return 0

    cdef int _depart_in_time(self) except -1:
        """Where listeners take long, no write waits for all of them."""
        if monotonic_ns() - self._departed > self.longest_wait:
            self._pack()
            self._depart()
            self._departed = monotonic_ns()
        return 0

    cdef int _put_off(self, int at, int stop) except -1:
        """Have the handles of these events called in the next turn."""
        cdef Handle handle
        for at in range(at, stop):
            handle = self._handle(self._events[at].data.fd)
            if handle is not None:
                self._come_back(handle, self._mask_of(self._events[at].events))
        return 0

    cdef Handle _handle(self, int fd):
        return <Handle>self._handles[fd] if fd < len(self._handles) else None

    cdef int _collect(self, double timeout) except -1:
        """Fill `_events`; returns how many."""
        cdef int count = self._look(0) if timeout == 0 or self.busy_poll else 0
        if count or timeout == 0:
            return count
        count = self._look_again(timeout)
        if count:
            return count
        # Round up: a timer must never find that it was woken before its time.
        return self._look(-1 if timeout < 0 else <int>min(ceil(timeout * 1e3), 3600e3))

    cdef int _look_again(self, double timeout) except -1:
        """While the loop was just busy, looking again is cheaper than falling asleep and being woken up."""
        cdef int count
        cdef long long now = monotonic_ns(), end = self._last_event + self.busy_poll
        if timeout > 0:
            end = min(end, now + <long long>(timeout * 1e9))
        while now < end:
            count = self._look(0)
            if count:
                return count
            now = monotonic_ns()
        return 0

    cdef int _look(self, int milliseconds) except -1:
        cdef int count
        if milliseconds == 0:
            count = epoll_wait(self.epoll_fd, self._events, BATCH, 0)
        else:
            with nogil:
                count = epoll_wait(self.epoll_fd, self._events, BATCH, milliseconds)
        if count < 0:
            if errno != EINTR:
                raise OSError(errno, os.strerror(errno))
            PyErr_CheckSignals()
            count = 0
        return count
