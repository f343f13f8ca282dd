from netloop._engine.timer_lists cimport Timer
from netloop.diagnostics cimport Channel
from netloop.http.client_request cimport ClientRequest
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.message_head cimport MessageHead
from netloop.http.outlet cimport Outlet
from netloop.http.receiver cimport MessageReceiver
from netloop.http.response_parser cimport ResponseParser

cdef Channel _UNASKED
cdef int _NO_BODY


cdef class ClientConnection(MessageReceiver):
    cdef readonly object socket, agent, origin, options
    cdef readonly long long keep_alive_hint_ms
    cdef readonly bint responded
    cdef ResponseParser _parser
    cdef Outlet _outlet
    cdef ClientRequest _request
    cdef IncomingMessage _response
    cdef bint _informational, _complete, _reusable, _peer_finished, _taken
    cdef object _error
    cdef IdleTimer _idle

    # serving
    cpdef object serve(self, ClientRequest request, bint reused)
    cpdef object _attach(self, ClientRequest request)
    cpdef object expect(self, ClientRequest request)
    cpdef object give_up(self, ClientRequest request)
    cpdef object _finish_exchange(self)
    # between two exchanges
    cpdef object rest(self, long long idle_ms)
    cpdef bint usable(self) except -1
    # what the parser says
    cpdef object on_head(self, MessageHead head)
    cpdef object on_body(self, bytes chunk)
    cpdef object on_message_complete(self, list trailers)
    cpdef object on_upgrade(self, bytes rest)
    cpdef object on_error(self, object error)
    # what a response asks for
    cpdef object read_body(self, IncomingMessage message)
    # what the socket says
    cpdef object _on_data(self, bytes data)


cdef class IdleTimer(Timer):
    cdef ClientConnection connection


cdef bint _is_gone(int fd) except -1
cdef long long _keep_alive_hint(list fields) except -2
