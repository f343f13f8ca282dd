import cython

from netloop.events.listener cimport call_fitting
from netloop.http.framed_message cimport FramedMessage
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport end, write

cdef int _FIXED, _NO_BODY


cdef class OutgoingMessage(FramedMessage):
    cdef public bint send_date, use_chunked_encoding_by_default

    # Not cpdef where it is called for each message: the look-up for a Python override would cost more than the call.
    @cython.locals(state=WritableState)
    cdef object _start(self, object loop)
    # the body
    cpdef bint write(self, object chunk, object encoding=*, object callback=*) except -1
    cpdef object end(self, object chunk=*, object encoding=*, object callback=*)
    cdef bint _end_at_once(self, bytes chunk) except -1
    cdef object _end_in_steps(self, bytes chunk, object callback)
    cdef object _refuse_late(self, object callback)
    # afterwards
    cdef object _listener_added(self, object event)


cdef bytes _as_bytes(object chunk, object encoding)
cdef bytes _as_utf8(str text)
