import cython

from netloop._engine.field_buffer cimport FieldBuffer, is_value
from netloop.http.field_names cimport FieldName, field_name
from netloop.http.tokens cimport validate_header_value

cdef int _LENGTH, _CODING, _CONNECTION, _DATE, _COOKIE, _UPGRADE, _TRAILER, _KEEP_ALIVE
cdef dict _STATUS_LINES
cdef object _last_status
cdef str _last_line

cpdef str status_line(object status, object message=*)
cdef str _exact_value(str name, object value)


cdef class OutgoingHead(FieldBuffer):
    # noted
    cdef public long long content_length
    cdef public bint chunked
    cdef readonly bint date_given, connection_given, close_given, upgrade_given, trailer_given, keep_alive_given
    cdef Py_ssize_t _framing_at, _framing_end
    cdef bint _noted
    # what the program removed on purpose
    cdef public bint removed_length, removed_coding, removed_connection
    # decided by `framing`
    cdef public bint keep_alive

    cdef int _start(self) except -1
    cpdef object add_all(self, object headers, frozenset joined=*)
    @cython.locals(known=FieldName, kind=int, start=Py_ssize_t)
    cpdef object add(self, object name, object value, frozenset joined=*)
    cdef int _note(self, int kind, str value) except -1
    cdef int _note_length(self, long long value) except -1
    cdef int _note_coding(self, str value) except -1
    cpdef object drop_framing(self)
    cpdef object drop_coding(self)


cpdef OutgoingHead new_head(OutgoingHead spare=*)
@cython.locals(head=OutgoingHead)
cpdef OutgoingHead filled_head(OutgoingHead spare, object headers, frozenset joined)
