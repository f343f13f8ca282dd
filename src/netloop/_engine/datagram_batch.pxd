from .peers cimport Peer, socket_name
from .unix cimport iovec, socklen_t

cdef extern from *:
    """
    #include <errno.h>
    #include <netinet/in.h>
    #include <netinet/udp.h>
    #include <sys/socket.h>

    #ifdef __linux__
    typedef struct mmsghdr netloop_datagram;
    #define NETLOOP_HAS_SEGMENTS 1
    #else                           /* the same layout, and a system call for each datagram */
    typedef struct { struct msghdr msg_hdr; unsigned msg_len; } netloop_datagram;
    #define NETLOOP_HAS_SEGMENTS 0
    #endif
    """
    bint HAS_SEGMENTS "NETLOOP_HAS_SEGMENTS"
    struct msghdr:
        void *msg_name
        socklen_t msg_namelen
        iovec *msg_iov
        size_t msg_iovlen
        void *msg_control
        size_t msg_controllen
        int msg_flags
    ctypedef struct datagram "netloop_datagram":
        msghdr msg_hdr
        unsigned msg_len

cdef enum:
    BATCH = 64                      # datagrams in one system call: enough to amortise it, few enough for the others' patience
    REFUSED = -1
    NO_SEGMENTS = -2
    MOST_BYTES = 65536              # of one datagram; UDP's largest are 65,507 and 65,527 bytes (RFC 768, RFC 8200)


cdef class ArrivalBatch:
    cdef char *_area
    cdef datagram _headers[BATCH]
    cdef iovec _pieces[BATCH]
    cdef socket_name _names[BATCH]
    cdef int count                  # how many arrived
    cdef int at                     # how many were taken

    cdef int receive(self, int fd)
    cdef bytes take(self)
    cdef object sender(self)


cdef ArrivalBatch borrow_batch()
cdef int return_batch(ArrivalBatch batch) except -1


cdef class Departure:
    cdef readonly object owner
    cdef readonly bytes message
    cdef public Peer peer           # None: the one that the socket is connected to
    cdef public object listener     # who wants to hear of it: the owner's business
    cdef public int error           # errno
    cdef public object failure      # what kept it from being sent, when that was no system call
    cdef public bint done
    cdef public str origin          # where it was sent, when that is known: the owner's business


cpdef Departure new_departure(object owner, bytes message, Peer peer, object listener)
cdef int send_batch(int fd, list departures, Py_ssize_t start, bint segmented)
