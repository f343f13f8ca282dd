cdef int _LOOKUP, _CONNECT


cdef class RequestSteps:
    cdef readonly long long started
    cdef public bint connects
    cdef long long[6] _over

    cdef object _begin(self)
    cpdef object over(self, int step)
    cpdef object begin_again(self)
