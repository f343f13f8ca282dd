from netloop.http.headers cimport decode, distinct, merge
from netloop.http.message_head cimport MessageHead
from netloop.stream.readable cimport Readable


cdef class IncomingHeaders(Readable):
    cdef public bint join_duplicate_headers
    cdef readonly MessageHead _head
    cdef object _headers_read           # `headers`, once somebody asked
    cdef list _trailer_fields

    cdef list _fields(self)
