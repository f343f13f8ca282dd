cdef enum:
    INLINE = 384            # bytes of fields that need no memory of their own: more than most heads have


cdef class FieldBuffer:
    cdef readonly Py_ssize_t size
    cdef Py_ssize_t _marked     # the size at `mark`, or NEVER
    cdef Py_ssize_t _capacity
    cdef char *_data
    cdef char _inline[INLINE]

    cpdef object clear(self)
    cpdef bint add_field(self, str name, str value) except -1
    cpdef object mark(self)
    cpdef bint repeat(self, dict fields) except -1
    cdef Py_ssize_t _end_of(self, Py_ssize_t at, object name, object value) noexcept
    cpdef object add_number(self, str name, unsigned long long value)
    cpdef object add_text(self, str text)
    cpdef object cut(self, Py_ssize_t start, Py_ssize_t stop)
    cpdef bytes serialise(self, str start_line, bytes body=*)
    cdef char *_room(self, Py_ssize_t needed) except NULL


cpdef bint is_value(str text) except -1
