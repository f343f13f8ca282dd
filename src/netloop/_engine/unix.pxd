# The system calls of the engine, and the few lines of C that hide how platforms differ.

from libc.stddef cimport size_t

cdef extern from *:
    """
    #include <errno.h>
    #include <fcntl.h>
    #include <sys/socket.h>
    #include <sys/uio.h>
    #include <time.h>
    #include <unistd.h>

    #ifndef MSG_NOSIGNAL            /* macOS: Python ignores SIGPIPE, which serves the same end */
    #define MSG_NOSIGNAL 0
    #endif

    /* Accepts without the peer's address: most servers never ask for it, and getpeername() tells later. */
    static inline int netloop_accept(int fd) {
    #ifdef SOCK_NONBLOCK
        return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    #else
        int accepted = accept(fd, NULL, NULL);
        if (accepted >= 0) {
            fcntl(accepted, F_SETFL, O_NONBLOCK);
            fcntl(accepted, F_SETFD, FD_CLOEXEC);
        }
        return accepted;
    #endif
    }

    static inline ssize_t netloop_send_pieces(int fd, struct iovec *pieces, int count) {
        if (count == 1)
            return send(fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
        struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
        return sendmsg(fd, &message, MSG_NOSIGNAL);
    }

    /* Makes close() drop what is unsent and send a reset (RST) to the peer. */
    static inline int netloop_linger_zero(int fd) {
        struct linger none = { .l_onoff = 1, .l_linger = 0 };
        return setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }

    static inline long long netloop_monotonic_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1000000000LL + now.tv_nsec;
    }
    """
    int errno
    int EAGAIN, EWOULDBLOCK, EEXIST, EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EINPROGRESS, EBADF, ENOTCONN
    int EPROTO, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT
    int MSG_NOSIGNAL, SHUT_WR, SOL_SOCKET, SO_ERROR
    ctypedef unsigned int socklen_t
    struct iovec:
        void *iov_base
        size_t iov_len

    int accept_nonblocking "netloop_accept"(int fd) nogil
    ssize_t send_pieces "netloop_send_pieces"(int fd, iovec *pieces, int count) nogil
    int linger_zero "netloop_linger_zero"(int fd) nogil
    long long monotonic_ns "netloop_monotonic_ns"() nogil
    ssize_t recv(int fd, void *buffer, size_t size, int flags) nogil
    ssize_t send(int fd, const void *data, size_t size, int flags) nogil
    int shutdown(int fd, int how) nogil
    int close(int fd) nogil
    int getsockopt(int fd, int level, int name, void *value, socklen_t *size) nogil
    int setsockopt(int fd, int level, int name, const void *value, socklen_t size) nogil
