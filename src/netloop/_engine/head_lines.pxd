cpdef enum:
    METHOD
    TARGET
    VERSION
    HOST
    LENGTH
    CODING
    CONNECTION
    UPGRADE
    EXPECT
    KEEP_ALIVE
    PARTS


cdef struct Span:
    int start, stop, count      # a head has less than 2 GiB


cdef class HeadLines:
    cdef readonly bytes section
    cdef readonly Py_ssize_t first_field
    cdef Span _spans[PARTS]

    cpdef object read_lines(self, bytes section)
    cpdef bint stands_in(self, bytes data, Py_ssize_t start) except -1
    cpdef bint read_like(self, HeadLines known, bytes data, Py_ssize_t start) except -1
    cpdef bytes first_line_alone(self)
    cpdef bint starts_with(self, bytes line) except -1
    cpdef bint split_request_line(self) except -1
    cpdef bint split_plain_request_line(self, bytes method) except -1
    cpdef int count(self, int part) except -1
    cpdef bint equals(self, int part, bytes value) except -1
    cpdef bytes value(self, int part)
    cpdef str text(self, int part)
    cpdef long long number(self, int part) except -2
    cdef void _take_spans(self, HeadLines known, Py_ssize_t grown) noexcept
    cdef Span *_span(self, int part) except NULL
    cdef bytes _joined(self, int part)
