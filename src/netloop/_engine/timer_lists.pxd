from .tick_queue cimport LoopBase, TickQueue


cdef class Timer:
    cdef readonly long long duration            # milliseconds
    cdef readonly bint repeat
    cdef bint _refd
    cdef long long _started                     # nanoseconds on the monotonic clock
    cdef TimerLists _lists
    cdef TimerList _list                        # where it waits; None when it does not
    cdef Timer _previous, _next
    cpdef on_timeout(self)
    cpdef int start(self, TimerLists lists, long long duration, bint repeat=*) except -1
    cpdef int stop(self) except -1
    cpdef int touch(self) except -1
    cdef int _link(self, long long now) except -1
    cdef void _append_to(self, TimerList timers, long long now)
    cdef void _unlink(self)


cdef class TimerList:
    cdef long long duration
    cdef Timer first, last
    cdef inline long long deadline(self):
        return self.first._started + self.duration * 1000000


cdef class TimerLists:
    cdef LoopBase _loop
    cdef dict _by_duration                      # milliseconds -> TimerList
    cdef list _heap                             # (deadline, number, TimerList): when to look at which list
    cdef long long _number
    cdef readonly long long next_deadline       # nanoseconds; -1 when no timer waits
    cdef int expire(self, long long now, TickQueue ticks) except -1
    cdef int _expire_list(self, TimerList timers, long long now, TickQueue ticks) except -1
    cdef TimerList _list_of(self, long long duration, long long now)
    cdef int _schedule(self, TimerList timers, long long deadline) except -1
