from netloop.diagnostics cimport Channel
from netloop.http.client_sending cimport RequestSending
from netloop.http.incoming_response cimport IncomingResponse
from netloop.http.outgoing_message cimport OutgoingMessage

cdef Channel _END, _ERROR
cdef int _SEND, _BODY


cdef class RequestEnding(RequestSending):
    cdef public bint aborted
    cdef readonly IncomingResponse response
    cdef list _waiters                      # futures of those who await the response
    cdef int _awaiting
    cdef public object _given, _followed
    cdef bint _over, _response_closed, _cut_short
    cdef public bint _unheard, _answered
    cdef bint _close_owed
    cdef object _forget_signal

    cdef object _start_ending(self)
    # with its response
    @cython.locals(response=IncomingResponse)
    cpdef object _exchange_over(self)
    cdef object _on_writable_finish(self)
    cpdef object _on_response_closed(self)
    cpdef object _on_response_destroyed(self, object error)
    cdef object _close_if_done(self)
    # without it
    cpdef object _on_response_lost(self, object error)
    cpdef object _on_connection_lost(self, bint ended_early, object error)
    # because somebody wants it
    cpdef object destroy(self, object error=*)
    cpdef object _destroy(self, object error, object callback)
    cdef object _publish_end(self)
    cpdef object _annotate(self, object error)
    cdef object _annotated(self, object error)
    # who hears of it
    cdef bint _settle(self, IncomingResponse response, object error) except -1
    cdef object _emit_error(self, object error)
    cdef bint _told_by_response(self) except -1
    cpdef object _emit_closed(self)
    cdef object _listener_added(self, object event)
