import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.parser cimport MessageParser
from netloop.http.receiver cimport MessageReceiver
from netloop.http.rules cimport read_response_framing, read_version
from netloop._engine.field_buffer cimport is_value

cdef MessageReceiver _NOBODY
cdef int _CR, _LF, _NO_BODY


cdef class ResponseParser(MessageParser):
    cdef str _method                # of the request that is to be answered, None without one
    cdef bint _may_switch           # it asked for another protocol
    cdef bytes _known_line
    cdef int _known_status
    cdef str _known_reason

    cdef object work_for(self, MessageReceiver receiver)
    cdef bint may_change_hands(self) except -1
    cpdef object expect(self, str method, bint upgrade=*)
    cpdef object _make_llhttp(self, object target)
    cdef bint _may_begin(self) except -1
    @cython.locals(data=bytes, at=Py_ssize_t)
    cdef bint _skip_line_ends(self) except -1
    cdef object _check_head(self, MessageHead head)
    cdef object _read_start_line(self, MessageHead head)
    cdef bint _may_end_early(self) except -1
