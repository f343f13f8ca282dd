"""Whether the peer of an idle connection has gone, asked of the kernel: the poller may not have told yet."""

cdef extern from *:
    """
    #include <poll.h>

    /* FIN, reset or error.  Bytes do not count where the system can tell: TLS may have something to say at any time. */
    static int netloop_hung_up(int fd) {
    #ifdef POLLRDHUP
        struct pollfd asked = { .fd = fd, .events = POLLRDHUP };
    #else
        struct pollfd asked = { .fd = fd, .events = POLLIN };
    #endif
        return poll(&asked, 1, 0) > 0;
    }
    """
    bint netloop_hung_up(int fd) nogil


cpdef bint hung_up(int fd):
    """Whether the peer has finished, or the connection failed."""
    return netloop_hung_up(fd)
