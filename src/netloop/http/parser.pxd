import cython

from netloop.http.body_parser cimport BodyParser
from netloop.http.message_head cimport MessageHead, unfold
from netloop.http.receiver cimport MessageReceiver
from netloop.http.rules cimport are_field_lines

cdef int _HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _UNTIL_CLOSE, _END, _LEAVING, _GONE, _CLOSING
cdef int _FRAMED_FIXED, _FRAMED_CHUNKED, _FRAMED_UNTIL_CLOSE
cdef int _CR, _LF


cdef class MessageParser(BodyParser):
    cdef readonly bint paused
    cdef bint _running, _ended
    cdef bint _leaves                       # the receiver agreed to leave HTTP
    cdef bint _last                         # the connection ends with this message

    # the owner's side
    cpdef object feed(self, bytes data)
    cpdef object finish(self)
    cpdef object pause(self)
    cpdef object resume(self)
    cpdef object close(self)
    cpdef bint is_idle(self) except -1
    cpdef Py_ssize_t unread(self) except -1
    # steps
    cdef int _run(self) except -1
    @cython.locals(state=cython.int)
    cdef bint _step(self) except -1
    cdef int _end_input(self) except -1
    # the head
    @cython.locals(end=Py_ssize_t, section=bytes)
    cdef bint _read_head(self) except -1
    @cython.locals(head=MessageHead, insecure=bint)
    cdef object _begin_message(self, bytes section)
    cdef object _begin(self, MessageHead head, bint familiar)
    # the end
    cdef bint _complete(self) except -1
    cdef bint _leave(self) except -1
    cdef bint _read_after_last(self) except -1
    # the kinds
    cdef bint _may_begin(self) except -1
    cdef bint _read_familiar_head(self) except -1
    cdef object _check_head(self, MessageHead head)
    cdef bint _may_end_early(self) except -1
