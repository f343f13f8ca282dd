import cython

from netloop._engine.text cimport is_text
from netloop.http.head cimport OutgoingHead

cdef int _NO_BODY, _FIXED, _CHUNKED, _UNTIL_CLOSE
cdef frozenset _NO_CONTENT_EXPECTED
cdef str _PLAIN_KEEP_ALIVE, _last_date, _last_connection, _last_joined

cpdef bint has_body(int status, str method) except -1
@cython.locals(framing=int)
cpdef int frame_response(OutgoingHead head, int status, str method, int minor_version, long long length,
                         bint keep_alive, str keep_alive_text=*, str date=*) except -1
@cython.locals(framing=int)
cpdef int frame_request(OutgoingHead head, str method, long long length, bint keep_alive) except -1
cdef int _framing_of(OutgoingHead head, long long length, bint may_chunk) except -1
cdef object _say_framing(OutgoingHead head, int framing, long long length)
@cython.locals(text=str)
cdef object _say_connection(OutgoingHead head, bint keep_alive, str keep_alive_text, str date)
cdef str _joined(str date, str connection)


cdef class BodyLength:
    cdef readonly long long declared, written
    @cython.locals(written=cython.longlong)
    cpdef object add(self, long long size, bint last=*)
