cdef class Gatherer:
    cpdef object flush(self)
