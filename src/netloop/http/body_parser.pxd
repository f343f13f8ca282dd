import cython

from netloop.http.judged_sections cimport JudgedSections
from netloop.http.message_head cimport split_fields, unfold
from netloop.http.rules cimport are_field_lines, refused_in_trailers

cdef int _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _END
cdef Py_ssize_t _LINE_LIMIT
cdef long long _LARGEST
cdef bytes _HEX


cdef class BodyParser(JudgedSections):
    cdef Py_ssize_t _max_size, _max_fields
    cdef long long _remaining               # bytes of the body or chunk
    cdef list _trailers
    cdef bint _counting_alone               # llhttp was not told how long the body is

    @cython.locals(chunk=bytes)
    cdef bint _read_fixed(self) except -1
    cdef bint _read_until_close(self) except -1
    @cython.locals(unread=Py_ssize_t, end=Py_ssize_t, size=cython.longlong)
    cdef bint _read_chunk_line(self) except -1
    @cython.locals(chunk=bytes)
    cdef bint _read_chunk_data(self) except -1
    @cython.locals(end=Py_ssize_t, section=bytes, insecure=bint)
    cdef bint _read_trailers(self) except -1


@cython.locals(size=cython.longlong, digits=cython.int, byte=cython.uchar, value=cython.int)
cdef long long _chunk_size(bytes line) except? -1
