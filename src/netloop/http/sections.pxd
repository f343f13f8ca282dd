import cython

from netloop._engine.blocks cimport part

cdef int _CR, _LF


cdef class Sections:
    cdef bint _lenient
    # what came and was not looked at yet: _data from _position on
    cdef bytes _data
    cdef Py_ssize_t _position
    # the section that is being read
    cdef list _pieces                       # those before, where it comes in several
    cdef bytes _section                     # the whole, where it came in one
    cdef Py_ssize_t _section_size
    cdef bytes _tail                        # its last three bytes, where it comes in several
    cdef bint _blank                        # the pieces are nothing but line ends

    @cython.locals(start=Py_ssize_t, available=Py_ssize_t)
    cdef bytes _take(self, long long most)
    cdef int _drop_data(self) except -1
    @cython.locals(text=cython.p_uchar, byte=cython.uchar, size=Py_ssize_t, at=Py_ssize_t, end=Py_ssize_t)
    cdef Py_ssize_t _section_end(self) except -2
    @cython.locals(text=cython.p_uchar, size=Py_ssize_t, at=Py_ssize_t)
    cdef Py_ssize_t _line_end(self, Py_ssize_t start) except -2
    cdef Py_ssize_t _end_in(self, bytes tail_and_data) except -2
    @cython.locals(start=Py_ssize_t, stop=Py_ssize_t, data=bytes, over=bint, piece=bytes)
    cdef bint _parse_section(self, Py_ssize_t end, Py_ssize_t limit) except -1
    cdef int _collect(self, bytes piece) except -1
    cdef bytes _whole_section(self)
    cdef int _forget_section(self) except -1
    cdef int _forget_pieces(self) except -1
    cdef bint _nothing_but_line_ends(self) except -1
    # hooks
    cdef bint _parse(self, bytes piece, bint ends_section) except -1
    cdef int _section_too_large(self) except -1
