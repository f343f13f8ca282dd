from netloop._engine.text cimport is_text
from netloop.http.head cimport OutgoingHead

cdef frozenset _NO_CONTENT_EXPECTED
cdef str _PLAIN_KEEP_ALIVE

cpdef bint has_body(int status, str method) except -1
cpdef int frame_response(OutgoingHead head, int status, str method, int minor_version, long long length,
                         bint keep_alive, str keep_alive_text=*) except -1
cpdef int frame_request(OutgoingHead head, str method, long long length, bint keep_alive) except -1
cdef int _frame(OutgoingHead head, long long length, bint may_chunk) except -1
cdef object _say_connection(OutgoingHead head, bint keep_alive, str keep_alive_text)


cdef class BodyLength:
    cdef readonly long long declared, written
    cpdef object add(self, long long size)
    cpdef object finish(self)
    cdef object _mismatch(self, long long actual)
