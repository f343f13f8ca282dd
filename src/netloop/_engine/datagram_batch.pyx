"""Batches of datagrams: up to 64 that arrive, or depart, in one system call.

In: `recvmmsg` fills an area of 64 slots.  A slot takes the largest datagram that UDP has, so nothing is truncated, and
4 MiB are set aside, of which the system only finds memory for what is touched.  A batch under way borrows an area and
gives it back, so there are as many as threads receive at once, and not one for each socket.

Out: `sendmmsg` sends the first of a list of departures, in which a message is a bytes object and is not copied.

Where these calls do not exist (macOS, the BSDs), `recvmsg` and `sendmsg` are called for each datagram.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc

from .peers cimport Peer, peer_of_name, socket_name
from .unix cimport iovec

cdef extern from *:
    """
    static int netloop_receive_batch(int fd, netloop_datagram *datagrams, int room) {
    #ifdef __linux__
        return recvmmsg(fd, datagrams, room, MSG_DONTWAIT, NULL);
    #else
        int count = 0;
        while (count < room) {
            ssize_t size = recvmsg(fd, &datagrams[count].msg_hdr, MSG_DONTWAIT);
            if (size < 0)
                return count ? count : -1;      /* an error that came second comes again, or was none */
            datagrams[count++].msg_len = size;
        }
        return count;
    #endif
    }

    static int netloop_send_batch(int fd, netloop_datagram *datagrams, int count) {
    #ifdef __linux__
        return sendmmsg(fd, datagrams, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    #else
        int sent = 0;
        while (sent < count && sendmsg(fd, &datagrams[sent].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            sent++;
        return sent ? sent : -1;
    #endif
    }
    """
    int MSG_TRUNC
    int receive_batch "netloop_receive_batch"(int fd, datagram *datagrams, int room)
    int send_headers "netloop_send_batch"(int fd, datagram *datagrams, int count)

cdef enum:
    # A stride of 64 KiB would put the beginnings of all datagrams into the same few places of the processor's cache.
    STRIDE = 65536 + 320


# --- in -------------------------------------------------------------------------------------------------------------

cdef class ArrivalBatch:
    """An area that datagrams are received into."""

    def __cinit__(self):
        cdef int slot
        self._area = <char *>malloc(BATCH * STRIDE)
        if self._area is NULL:
            raise MemoryError()
        for slot in range(BATCH):
            self._pieces[slot].iov_base = self._area + slot * STRIDE
            self._pieces[slot].iov_len = MOST_BYTES
            self._headers[slot].msg_hdr.msg_name = &self._names[slot]
            self._headers[slot].msg_hdr.msg_namelen = sizeof(socket_name)
            self._headers[slot].msg_hdr.msg_iov = &self._pieces[slot]
            self._headers[slot].msg_hdr.msg_iovlen = 1

    def __dealloc__(self):
        free(self._area)

    cdef int receive(self, int fd):
        """Fill the area with what has arrived; returns how many, or -1 with errno."""
        cdef int used = max(self.count, 0)
        while used:                 # the kernel wrote how long the senders' names are
            used -= 1
            self._headers[used].msg_hdr.msg_namelen = sizeof(socket_name)
        self.at = 0
        self.count = receive_batch(fd, self._headers, BATCH)
        return self.count

    cdef bytes take(self):
        """The next message."""
        cdef int at = self.at
        self.at = at + 1
        return PyBytes_FromStringAndSize(<char *>self._pieces[at].iov_base, self._headers[at].msg_len)

    cdef object sender(self):
        """The RemoteInfo of the message that was taken last."""
        cdef datagram *header = &self._headers[self.at - 1]
        cdef Peer peer = peer_of_name(<socket_name *>header.msg_hdr.msg_name, header.msg_hdr.msg_namelen)
        return peer.info(header.msg_len, header.msg_hdr.msg_flags & MSG_TRUNC)


cdef list _spare = []


cdef ArrivalBatch borrow_batch():
    return _spare.pop() if _spare else ArrivalBatch.__new__(ArrivalBatch)


cdef int return_batch(ArrivalBatch batch) except -1:
    _spare.append(batch)
    return 0


# --- out ------------------------------------------------------------------------------------------------------------

@cython.freelist(64)
cdef class Departure:
    """A datagram on its way out.  `done` tells that the kernel took it, or that `error` or `failure` says why not."""

    def __await__(self):
        return self.owner._wait_for_departure(self).__await__()

    def __repr__(self):
        state = "pending" if not self.done else "sent" if not self.error and self.failure is None else "failed"
        return f"<Departure {len(self.message)} bytes, {state}>"


cpdef Departure new_departure(object owner, bytes message, Peer peer, object listener):
    cdef Departure departure = Departure.__new__(Departure)
    departure.owner, departure.message, departure.peer, departure.listener = owner, message, peer, listener
    return departure


cdef int send_batch(int fd, list departures, Py_ssize_t start):
    """Send from the list as many as one call takes; returns how many went, or -1 with errno: the first cannot."""
    cdef datagram headers[BATCH]
    cdef iovec pieces[BATCH]
    cdef Departure departure
    cdef int count = 0
    while count < BATCH and start + count < len(departures):
        departure = <Departure>departures[start + count]
        pieces[count].iov_base = PyBytes_AS_STRING(departure.message)
        pieces[count].iov_len = PyBytes_GET_SIZE(departure.message)
        headers[count].msg_hdr.msg_iov = &pieces[count]
        headers[count].msg_hdr.msg_iovlen = 1
        headers[count].msg_hdr.msg_name = NULL if departure.peer is None else <void *>&departure.peer.name
        headers[count].msg_hdr.msg_namelen = 0 if departure.peer is None else departure.peer.size
        headers[count].msg_hdr.msg_control = NULL
        headers[count].msg_hdr.msg_controllen = 0
        headers[count].msg_hdr.msg_flags = 0
        count += 1
    return send_headers(fd, headers, count)
