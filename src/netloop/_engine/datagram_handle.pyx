"""The handle of a datagram socket: UDP or UNIX.

Receiving: one batch for each readiness.  A flood fills batch after batch, but between two of them everybody else in the
loop has a turn.

Sending: what one turn sends is collected, and leaves in one system call: at the end of the batch whose listeners sent it,
else after the poller has looked for events, and at once when it makes a full batch.  What the kernel's buffer does not
take stays queued, and leaves when there is room.  The queue has a bound; `send` refuses what goes beyond it.  What became
of a departure stands in it, and `on_departed` tells of those for whom it matters: somebody listens, or it failed.

A UNIX socket is writable although the queue of the peer is full, and a level-triggered poller would report that for
ever.  So a flush that could send nothing is tried again by a timer.
"""

from .datagram_batch cimport (
    BATCH, HAS_SEGMENTS, NO_SEGMENTS, ArrivalBatch, Departure, borrow_batch, return_batch, send_batch,
)
from .peers cimport Peer
from .poller cimport FAILED, READABLE, WRITABLE, Handle
from .tick_queue cimport Immediate
from .timer_lists cimport Timer
from .unix cimport EAGAIN, EINTR, ENOBUFS, EWOULDBLOCK, errno, socklen_t

cdef extern from "<errno.h>":
    int ECANCELED, EAFNOSUPPORT, EINVAL, EIO, EMSGSIZE

cdef extern from "<sys/socket.h>":
    cdef struct sockaddr:
        unsigned short sa_family
    int AF_UNIX, AF_UNSPEC
    int bind_socket "bind"(int fd, const sockaddr *name, socklen_t size)
    int connect_socket "connect"(int fd, const sockaddr *name, socklen_t size)
    int getsockname(int fd, sockaddr *name, socklen_t *size)

cdef enum:
    MOST_DEPARTURES = 16384         # 16,384 and 16 MiB: more than a kernel's buffer, less than what hurts
    MOST_QUEUED_BYTES = 16777216
    RETRY_MS = 5                    # how soon to try again when nobody tells that there is room


cdef inline bint not_now(int error):
    # A network interface whose queue is full says ENOBUFS on macOS.
    return error == EAGAIN or error == EWOULDBLOCK or error == EINTR or error == ENOBUFS


cdef class DatagramHandle(Handle):
    """A bound datagram socket.  A subclass overrides the hooks `on_...`."""

    def __cinit__(self, *args, **kwargs):
        self._departures = []

    cdef int on_ready(self, int mask) except -1:
        if self._wanted & READABLE and mask & (READABLE | FAILED):
            self._receive()
        if self._wanted & WRITABLE and mask & (WRITABLE | FAILED):
            self._resume()
        return 0

    # --- opening ----------------------------------------------------------------------------------------------------

    cpdef int bind(self, Peer peer) except? -1:
        """Bind to a local address, a UNIX socket with None to a name of the system's choice; 0 or a negative errno."""
        cdef sockaddr unnamed
        unnamed.sa_family = AF_UNIX
        if peer is None and bind_socket(self.fd, &unnamed, sizeof(unnamed.sa_family)) < 0:
            return -errno
        if peer is not None and bind_socket(self.fd, <sockaddr *>&peer.name, peer.size) < 0:
            return -errno
        return self.adopt()

    cpdef int adopt(self) except? -1:
        """The descriptor is bound: remember where.  Returns 0 or a negative errno."""
        self._bound_size = sizeof(self._bound_name)
        if getsockname(self.fd, <sockaddr *>&self._bound_name, &self._bound_size) < 0:
            return -errno
        self._segmented = HAS_SEGMENTS and (<sockaddr *>&self._bound_name).sa_family != AF_UNIX
        return 0

    cpdef int connect(self, Peer peer) except? -1:
        """Send only there, and receive only from there; returns 0 or a negative errno."""
        return -errno if connect_socket(self.fd, <sockaddr *>&peer.name, peer.size) < 0 else 0

    cpdef int disconnect(self) except? -1:
        """Send and receive to and from everywhere again; returns 0 or a negative errno."""
        cdef sockaddr nobody
        nobody.sa_family = AF_UNSPEC
        # macOS disconnects, and says that it knows no such family.
        if connect_socket(self.fd, &nobody, sizeof(nobody)) < 0 and errno != EAFNOSUPPORT:
            return -errno
        # Linux takes back a port that it had chosen itself, and nobody could answer any more.  Where the
        # port is still ours this fails, and does no harm.
        bind_socket(self.fd, <sockaddr *>&self._bound_name, self._bound_size)
        return 0

    # --- receiving --------------------------------------------------------------------------------------------------

    cpdef int read_start(self) except -1:
        if self.fd >= 0:
            self._watch(self._wanted | READABLE)
        return 0

    cpdef int read_stop(self) except -1:
        """Leave what arrives in the kernel's buffer, which drops what is too much."""
        if self.fd >= 0:
            self._watch(self._wanted & ~READABLE)
        return 0

    cdef int _receive(self) except -1:
        cdef ArrivalBatch batch = borrow_batch()
        cdef int error
        if batch.receive(self.fd) < 0:
            error = errno
            return_batch(batch)
            if not not_now(error):
                self.on_error(error, "recvmsg")     # of ICMP, mostly: the socket goes on
            return 0
        self._in_batch = True
        try:
            while batch.at < batch.count and self.fd >= 0 and not self.poller.halted:
                try:
                    self._deliver(batch)
                except Exception as error_:
                    self.poller.report(error_)
                    self.poller.ticks.drain(self.poller)
        finally:
            self._in_batch = False
            return_batch(batch)
        if self._departures and not self._blocked:
            self._flush()
        return 0

    cdef int _deliver(self, ArrivalBatch batch) except -1:
        cdef bytes message
        while batch.at < batch.count and self.fd >= 0 and not self.poller.halted:
            message = batch.take()
            self.on_message(message, batch.sender())
            if self.poller.ticks.pending():
                self.poller.ticks.drain(self.poller)
        return 0

    cpdef on_message(self, bytes message, object sender):
        """Hook: a datagram arrived; `sender` is a RemoteInfo."""

    cpdef on_error(self, int error, str syscall):
        """Hook: receiving failed with this errno.  The next attempt may succeed."""

    # --- sending ----------------------------------------------------------------------------------------------------

    cpdef int send(self, Departure departure) except -1:
        """Send, now or soon; returns 0, or -ENOBUFS when the queue is full."""
        cdef Py_ssize_t count = len(self._departures) - self._head
        cdef Py_ssize_t queued = self.queued_bytes + len(departure.message)
        if count >= MOST_DEPARTURES or queued > MOST_QUEUED_BYTES:
            return -ENOBUFS
        self._departures.append(departure)
        self.queued_bytes = queued
        if not self._blocked:
            if count + 1 >= BATCH:
                self._flush()
            elif not self._in_batch and not self._collecting:
                self._collect()
        return 0

    cdef int _collect(self) except -1:
        self._collecting = True
        self.poller.immediates.append(Immediate(self.poller, self.flush, ()))
        return 0

    def flush(self):
        """Send what was collected."""
        self._collecting = False
        if self._departures and not self._blocked:
            self._flush()

    cdef int _flush(self) except -1:
        cdef int sent, error
        while self._head < len(self._departures):
            sent = send_batch(self.fd, self._departures, self._head, self._segmented)
            if sent > 0:
                self._note_sent(sent)
                continue
            error = errno
            if not_now(error):
                return self._block()
            if sent == NO_SEGMENTS and (error == EINVAL or error == EIO or error == EMSGSIZE):
                self._segmented = False         # an old kernel, or an interface that cannot: one by one, then
                continue
            self._note_failed(error)
        self._departures = []
        self._head = 0
        return 0

    cdef int _note_sent(self, Py_ssize_t count) except -1:
        cdef Departure departure
        while count:
            count -= 1
            departure = <Departure>self._departures[self._head]
            self._departures[self._head] = None         # its memory is free now, not when the whole queue is through
            self._head += 1
            self.queued_bytes -= len(departure.message)
            departure.done = True
            if departure.listener is not None:
                self.on_departed(departure)
        return 0

    cdef int _note_failed(self, int error) except -1:
        cdef Departure departure = self._departures[self._head]
        self._departures[self._head] = None
        self._head += 1
        self.queued_bytes -= len(departure.message)
        departure.done, departure.error = True, error
        self.on_departed(departure)
        return 0

    def queued(self):
        """How many departures the kernel did not take yet."""
        return len(self._departures) - self._head

    cpdef on_departed(self, Departure departure):
        """Hook: a departure that somebody listens to was sent, or one failed, which its `error` tells."""

    # --- a full kernel buffer ---------------------------------------------------------------------------------------

    cdef int _block(self) except -1:
        """What is queued keeps the loop alive, also when the handle does not."""
        if not self._blocked:
            self._blocked = True
            self.poller.refs += 1
        return self._watch(self._wanted | WRITABLE)

    cdef int _unblock(self) except -1:
        if self._blocked:
            self._blocked = False
            self.poller.refs -= 1
        if self._retry is not None:
            self._retry.stop()
        return self._watch(self._wanted & ~WRITABLE)

    cdef int _resume(self) except -1:
        cdef Py_ssize_t before = self._head
        del self._departures[:before]
        self._head = 0
        self._flush()
        if not self._departures:
            self._unblock()
        elif self._head == 0:
            self._watch(self._wanted & ~WRITABLE)
            if self._retry is None:
                self._retry = Retry.__new__(Retry)
                self._retry._handle = self
                self._retry.unref()
            self._retry.start(self.poller.timers, RETRY_MS)
        return 0

    # --- ending -----------------------------------------------------------------------------------------------------

    cpdef int close(self) except -1:
        """Send what was collected, cancel what the kernel refuses, and close."""
        if self.fd < 0:
            return 0
        if self._departures and not self._blocked:
            self._flush()
        self._unblock()
        if self._retry is not None:
            self._retry._handle = None
        Handle.close(self)
        while self._head < len(self._departures):
            self._note_failed(ECANCELED)
        self._departures, self._head = [], 0
        return 0


cdef class Retry(Timer):
    """Tries again what nobody tells the time for."""

    cpdef on_timeout(self):
        if self._handle is not None:
            self._handle._resume()
