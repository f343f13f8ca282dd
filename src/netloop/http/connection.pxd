import cython

from netloop._engine.poller cimport proceed_later
from netloop.diagnostics cimport Channel
from netloop.http.connection_ending cimport ConnectionEnding
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.message_head cimport MessageHead
from netloop.http.response_queue cimport ResponseQueue
from netloop.http.server_response cimport ServerResponse
from netloop.http.service cimport Service
from netloop.http.spare_messages cimport SpareMessages
from netloop.stream.idle_stream cimport IdleStream

cdef int _MOST_WAITING, _SHARE, _NO_BODY, _EXPECT
cdef int _LAST, _ENDED, _GONE
cdef Channel _START, _SENT


cdef class ServerConnection(ConnectionEnding):
    # bytes in
    cpdef object on_data(self, bytes data)
    cpdef object _look_around(self)
    cdef object _read_or_stop(self)
    cdef object _wait_for_turn(self)
    cdef object _set_clocks(self)
    cdef object _read_on(self)
    # messages in
    @cython.locals(service=Service, responses=ResponseQueue, most=cython.longlong)
    cpdef object on_head(self, MessageHead head)
    @cython.locals(response=ServerResponse)
    cpdef proceed(self)
    cpdef object on_body(self, bytes chunk)
    cpdef object on_message_complete(self, list trailers)
    cpdef object on_error(self, object error)
    # responses out
    @cython.locals(responses=ResponseQueue, following=ServerResponse, request=IncomingMessage, timed=IdleStream)
    cpdef object response_sent(self, ServerResponse response)
    @cython.locals(following=ServerResponse, most=cython.longlong)
    cdef object _last_was_sent(self, IncomingMessage request)
