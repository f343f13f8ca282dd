cdef int _LOOKUP, _CONNECT


cdef class RequestSteps:
    cdef readonly long long started
    cdef public bint connects
    cdef list _over

    cpdef object over(self, int step)
    cpdef object begin_again(self)
