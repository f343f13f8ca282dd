cdef enum:
    COMPLETE = 0            # the state in which no character is unfinished; the first one, too
    INVALID = 48            # the state that is never left

cdef int advance(int state, const unsigned char *data, Py_ssize_t size) noexcept nogil

cpdef int validate(int state, bytes data, Py_ssize_t start, Py_ssize_t stop) except -1
