"""Batches of datagrams: up to 64 that arrive, or depart, in one system call.

In: `recvmmsg` fills an area of 64 slots.  A slot takes the largest datagram that UDP has, so nothing is truncated, and
4 MiB are set aside, of which the system only finds memory for what is touched.  A batch under way borrows an area and
gives it back, so there are as many as threads receive at once, and not one for each socket.

Out: `sendmmsg` sends the first of a list of departures, in which a message is a bytes object and is not copied.  A run of
messages of one size to one peer, as a burst mostly is, goes through the network stack as one, and the kernel cuts it
into datagrams where they leave (UDP_SEGMENT, udp(7)): that costs about half.

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

    #ifdef __linux__
    #ifndef UDP_SEGMENT
    #define UDP_SEGMENT 103
    #endif
    typedef union {
        char room[CMSG_SPACE(sizeof(unsigned short))];
        struct cmsghdr alignment;
    } netloop_segment_size;

    /* Says that the kernel is to cut what the header has into datagrams of this size. */
    static inline void netloop_set_segments(struct msghdr *header, netloop_segment_size *control, int size) {
        struct cmsghdr *message = &control->alignment;
        header->msg_control = control;
        header->msg_controllen = sizeof control->room;
        message->cmsg_level = IPPROTO_UDP;
        message->cmsg_type = UDP_SEGMENT;
        message->cmsg_len = CMSG_LEN(sizeof(unsigned short));
        *(unsigned short *)CMSG_DATA(message) = size;
    }
    #else
    typedef char netloop_segment_size;
    #define netloop_set_segments(header, control, size) ((void)(control))
    #endif

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
    ctypedef struct segment_size "netloop_segment_size":
        pass
    void set_segments "netloop_set_segments"(msghdr *header, segment_size *control, int size)
    int receive_batch "netloop_receive_batch"(int fd, datagram *datagrams, int room)
    int send_headers "netloop_send_batch"(int fd, datagram *datagrams, int count)

cdef enum:
    # A stride of 64 KiB would put the beginnings of all datagrams into the same few places of the processor's cache.
    STRIDE = 65536 + 320

    MOST_SEGMENT = 1400             # larger ones may not pass the network in one piece, which segments must
    MOST_IN_RUN = 65000             # bytes: together they must not be larger than a datagram can be


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


cdef int send_batch(int fd, list departures, Py_ssize_t start, bint segmented):
    """Send from the list as many as one call takes; returns how many went, or a negative number with errno.

    REFUSED: the first cannot be sent.  NO_SEGMENTS: a run cannot, and perhaps because it is one.
    """
    cdef datagram headers[BATCH]
    cdef iovec pieces[BATCH]
    cdef segment_size controls[BATCH]
    cdef int runs[BATCH]
    cdef Departure departure
    cdef Peer peer = None
    cdef datagram *header = NULL
    cdef size_t size, segment = 0, total = 0
    cdef int at = 0, count = 0, sent
    while at < BATCH and start + at < len(departures):
        departure = <Departure>departures[start + at]
        size = PyBytes_GET_SIZE(departure.message)
        pieces[at].iov_base = PyBytes_AS_STRING(departure.message)
        pieces[at].iov_len = size
        if (segmented and header is not NULL and departure.peer is peer and size and size <= segment
                and total + size <= MOST_IN_RUN):
            header.msg_hdr.msg_iovlen += 1
            runs[count - 1] += 1
            set_segments(&header.msg_hdr, &controls[count - 1], <int>pieces[at - runs[count - 1] + 1].iov_len)
            total += size
            if size < segment:
                segment = 0         # only the last of a run may be shorter
        else:
            peer, header = departure.peer, &headers[count]
            header.msg_hdr.msg_name = NULL if peer is None else <void *>&peer.name
            header.msg_hdr.msg_namelen = 0 if peer is None else peer.size
            header.msg_hdr.msg_iov = &pieces[at]
            header.msg_hdr.msg_iovlen = 1
            header.msg_hdr.msg_control = NULL
            header.msg_hdr.msg_controllen = 0
            header.msg_hdr.msg_flags = 0
            runs[count] = 1
            count += 1
            segment = size if size <= MOST_SEGMENT else 0
            total = size
        at += 1
    sent = send_headers(fd, headers, count)
    if sent < 0:
        return NO_SEGMENTS if runs[0] > 1 else REFUSED
    at = 0
    while sent:
        sent -= 1
        at += runs[sent]
    return at
