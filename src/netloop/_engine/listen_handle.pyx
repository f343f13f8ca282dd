"""The handle of a listening socket.

When the process has no descriptor left, the connection stays in the backlog and the readiness stays, so that a
level-triggered poller would report it for ever.  The handle stops looking until a handle of this loop closes, or until
a timer is due, because descriptors are freed elsewhere too.
"""

from .poller cimport READABLE, Handle
from .timer_lists cimport Timer
from .unix cimport (
    EAGAIN, ECONNABORTED, EHOSTDOWN, EHOSTUNREACH, EINTR, EMFILE, ENETDOWN, ENETUNREACH, ENFILE, ENOBUFS, ENOMEM,
    ENOPROTOOPT, EPROTO, EWOULDBLOCK, accept_nonblocking, errno,
)

cdef enum:
    MOST_ACCEPTS = 64       # in one readiness: a flood of connections must not starve those that are there
    RETRY_MS = 100          # how soon to look again when descriptors ran out


cdef inline bint not_now(int error):
    return error == EAGAIN or error == EWOULDBLOCK or error == EINTR


cdef inline bint connection_failed(int error):
    """Whether it was the connection that failed, and not the listening socket: accept(2) says to try again."""
    return (error == ECONNABORTED or error == EPROTO or error == ENETDOWN or error == ENETUNREACH
            or error == EHOSTDOWN or error == EHOSTUNREACH or error == ENOPROTOOPT)


cdef inline bint out_of_resources(int error):
    return error == EMFILE or error == ENFILE or error == ENOBUFS or error == ENOMEM


cdef class ListenHandle(Handle):
    """A listening socket.  A subclass overrides the hooks `on_...`."""

    cpdef int start(self) except -1:
        """Accept from now on."""
        return self._watch(READABLE)

    cdef int on_ready(self, int mask) except -1:
        cdef int fd, count = 0
        while count < MOST_ACCEPTS and self._wanted & READABLE and not self.poller.halted:
            fd = accept_nonblocking(self.fd)
            if fd < 0:
                return self._accept_failed(errno)
            count += 1
            try:
                self.on_connection(fd)
            except Exception as error:
                self.poller.report(error)
            if self.poller.ticks.pending():
                self.poller.ticks.drain(self.poller)
        return 0

    cdef int _accept_failed(self, int error) except -1:
        if not_now(error) or connection_failed(error):
            return 0
        self._watch(0)
        if out_of_resources(error):
            if self not in self.poller._starved:
                self.poller._starved.append(self)
            if self._retry is None:
                self._retry = Retry.__new__(Retry)
                self._retry._handle = self
                self._retry.unref()
            self._retry.start(self.poller.timers, RETRY_MS)
            return 0
        self.on_error(error, "accept")
        return 0

    def resume(self):
        """Look again after descriptors ran out."""
        if self._retry is not None:
            self._retry.stop()
        if self.fd >= 0:
            self.start()

    cpdef int close(self) except -1:
        if self._retry is not None:
            self._retry.stop()
            self._retry._handle = None
            self._retry = None
        return Handle.close(self)

    cpdef on_connection(self, int fd):
        """Hook: a connection was accepted; its descriptor is non-blocking and the callee's to close."""

    cpdef on_error(self, int error, str syscall):
        """Hook: the socket cannot accept any more."""


cdef class Retry(Timer):
    """Looks again for a free descriptor."""

    cpdef on_timeout(self):
        if self._handle is not None:
            self._handle.resume()
