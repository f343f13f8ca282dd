cdef class Sink:
    cdef object take(self, object chunk)
