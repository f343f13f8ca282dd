import cython

from netloop.http.framing cimport BodyLength
from netloop.http.head cimport OutgoingHead
from netloop.http.outgoing_headers cimport OutgoingHeaders
from netloop.http.outlet cimport Outlet

cdef int _FIXED, _CHUNKED, _NO_BODY
cdef Py_ssize_t _SMALL


cdef class FramedMessage(OutgoingHeaders):
    cdef public bint strict_content_length, should_keep_alive
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
    # the socket
    cpdef object _attach(self, Outlet outlet)
    cdef object _detach(self)
    # the head
    cdef OutgoingHead _complete_head(self, long long length)
    cdef object _frame(self, long long length)
    cdef bytes _take_head(self, bytes body=*)
    # the body's length
    @cython.locals(size=Py_ssize_t)
    cdef object _check_whole(self, bytes chunk)
    cdef object _count(self, Py_ssize_t size, bint last)
    cdef object _refuse_body(self, bytes chunk)
    # to the outlet
    cdef object _send_whole(self, bytes body)
    cdef Py_ssize_t _try_write(self, bytes chunk) except -2
    cpdef object _write(self, object chunk, object encoding, object callback)
    cdef object _transmit(self, bytes chunk, object callback)
    cpdef object _on_outlet_failed(self, object error)
    cpdef object _final(self, object callback)
    cdef object _finish(self, object callback)
    cdef object _on_sent_all(self)
