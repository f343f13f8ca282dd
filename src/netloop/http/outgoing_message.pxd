import cython

from netloop.http.framing cimport BodyLength
from netloop.http.head cimport OutgoingHead
from netloop.http.outgoing_headers cimport OutgoingHeaders
from netloop.http.outlet cimport Outlet
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport end, write

cdef int _FIXED, _CHUNKED, _NO_BODY
cdef Py_ssize_t _SMALL


cdef class OutgoingMessage(OutgoingHeaders):
    cdef public bint send_date, strict_content_length, should_keep_alive, use_chunked_encoding_by_default
    cdef readonly Outlet _outlet
    # the head
    cdef public int _framing
    cdef public long long _content_length
    cdef str _start_line
    cdef OutgoingHead _unsent_head      # made and not sent yet
    cdef BodyLength _length             # keeps the body to its Content-Length, when it comes in several chunks
    cdef object _trailers
    # what waits for the outlet
    cdef bytes _waiting
    cdef object _sent_callback, _final_callback, _timeout
    cdef bint _flush_wanted
    # the end
    cdef readonly bint _sent_all        # the outlet has everything
    cdef bint _events_owed              # `finish` and `close` were not emitted, for nobody listened

    # Not cpdef where it is called for each message: the look-up for a Python override would cost more than the call.
    @cython.locals(state=WritableState)
    cdef object _start(self, object loop)
    # the socket
    cpdef object _attach(self, Outlet outlet)
    cdef object _detach(self)
    # the head
    cdef OutgoingHead _complete_head(self, long long length)
    cdef object _frame(self, long long length)
    cdef bytes _take_head(self, bytes body=*)
    # the body
    cpdef bint write(self, object chunk, object encoding=*, object callback=*) except -1
    cpdef object end(self, object chunk=*, object encoding=*, object callback=*)
    cdef bint _end_at_once(self, bytes chunk) except -1
    cdef object _send_whole(self, bytes body)
    @cython.locals(size=Py_ssize_t)
    cdef object _check_whole(self, bytes chunk)
    cdef object _count(self, Py_ssize_t size, bint last)
    cdef object _end_in_steps(self, bytes chunk, object callback)
    cdef object _refuse_body(self, bytes chunk)
    # to the outlet
    cdef Py_ssize_t _try_write(self, bytes chunk) except -2
    cpdef object _write(self, object chunk, object encoding, object callback)
    cdef object _transmit(self, bytes chunk, object callback)
    cpdef object _on_outlet_failed(self, object error)
    cpdef object _final(self, object callback)
    cdef object _finish(self, object callback)
    cdef object _on_sent_all(self)
    # afterwards
    cdef object _listener_added(self, object event)


cdef bytes _as_bytes(object chunk, object encoding)
cdef bytes _as_utf8(str text)
