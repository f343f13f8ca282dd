from .unix cimport monotonic_ns


cdef class LoopBase:
    cdef readonly Py_ssize_t refs       # what is open and keeps the loop alive
    cdef readonly bint halted           # an error nobody handled: dispatch nothing more
    cdef readonly long long now         # nanoseconds, as of the last wake-up
    cdef bint _turning
    cdef bint _embedded                 # somebody else's loop drives us and must be told of work
    cpdef report(self, object error)
    cpdef on_work(self)
    cdef inline long long time(self):
        """Now: as of the wake-up in a turn, which costs nothing; exact when somebody else's loop runs us."""
        return self.now if self._turning else monotonic_ns()
    cpdef long long clock(self) except -1
    cdef inline int work_came_up(self) except -1:
        if self._embedded and not self._turning:
            self.on_work()
        return 0


cpdef long long recent(LoopBase loop) except -1


cdef class TickQueue:
    cdef list _ring                     # callback, arguments, callback, arguments, ... and None where nothing is
    cdef size_t _head, _tail            # counted on and on: their lowest bits are places

    cdef inline bint pending(self):
        return self._head != self._tail
    cdef int append(self, object callback, object arguments) except -1
    cdef int _grow(self) except -1
    cdef int drain(self, LoopBase loop) except -1


cdef class Immediate:
    cdef readonly object callback
    cdef readonly tuple arguments
    cdef bint _refd, _pending
    cdef LoopBase _loop


cdef class ImmediateQueue:
    cdef list _entries
    cdef inline bint pending(self):
        return len(self._entries) != 0
    cdef int append(self, Immediate immediate) except -1
    cdef int run(self, LoopBase loop, TickQueue ticks) except -1
    cdef int _run_one(self, Immediate immediate, LoopBase loop) except -1
