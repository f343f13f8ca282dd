cdef int _LOOKUP, _CONNECT, _SECURE


cdef class RequestSteps:
    cdef readonly long long started
    cdef public bint connects, secures, lookup_failed
    cdef long long[7] _over

    cdef object _begin(self)
    cpdef object over(self, int step)
    cpdef object begin_again(self)
    cdef bint _skipped(self, int step) except -1
