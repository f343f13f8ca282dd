import cython

from netloop.http.incoming_message cimport IncomingMessage
from netloop.stream.buffer cimport take_everything
from netloop.stream.state cimport ReadableState


cdef class IncomingResponse(IncomingMessage):
    cdef public object _request
    cdef public bytes _body
    cdef public object _reading

    @cython.locals(state=ReadableState)
    cpdef object _complete_with(self, list trailers)
    @cython.locals(state=ReadableState)
    cdef bint _untouched(self) except -1
    @cython.locals(state=ReadableState)
    cdef bint _is_empty(self) except -1
    @cython.locals(state=ReadableState)
    cpdef bytes _take_whole(self, Py_ssize_t max_size)
    cdef object _on_readable_end(self)
    cdef object _end_unheard(self)
    cpdef object _emit_closed(self)
    cdef object _tell_request(self)
