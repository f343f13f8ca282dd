cdef class StreamDecoder:
    cdef readonly str encoding
    cdef object _decode     # (data, whether it is the last) -> (text, number of bytes used)
    cdef bytes _held        # the beginning of what the next chunk completes

    cpdef str write(self, object chunk)
    cpdef str end(self, object chunk=*)
