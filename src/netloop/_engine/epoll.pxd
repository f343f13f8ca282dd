from libc.stdint cimport uint32_t

from .poller cimport Handle, Poller

cdef extern from "<sys/epoll.h>" nogil:
    enum: EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLERR, EPOLLHUP, EPOLLRDHUP, EPOLLET
    enum: EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, EPOLL_CLOEXEC
    union epoll_data:
        int fd
    struct epoll_event:
        uint32_t events
        epoll_data data
    int epoll_create1(int flags)
    int epoll_ctl(int set, int operation, int fd, epoll_event *event)
    int epoll_wait(int set, epoll_event *events, int room, int milliseconds)

cdef enum:
    GROUP = 64              # handles that receive before the first of them calls listeners, and send after the last
    BATCH = 256             # events taken at once: enough to amortise the call, few enough to stay in the cache


cdef class EpollPoller(Poller):
    cdef readonly int epoll_fd
    cdef epoll_event _events[BATCH]
    cdef public long long longest_wait  # nanoseconds that a write may wait for the rest of its group
    cdef long long _departed            # when the last writes left
    cdef int _prepare(self, int at, int stop) except -1
    cdef int _proceed(self) except -1
    cdef int _finish_group(self) except -1
    cdef int _depart_in_time(self) except -1
    cdef int _put_off(self, int at, int stop) except -1
    cdef int _mask_of(self, uint32_t found) noexcept
    cdef Handle _handle(self, int fd)
    cdef int _collect(self, double timeout) except -1
    cdef int _look_again(self, double timeout) except -1
    cdef int _look(self, int milliseconds) except -1
