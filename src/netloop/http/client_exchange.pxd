import cython

from netloop.diagnostics cimport Channel
from netloop.http.client_request cimport ClientRequest
from netloop.http.client_sending cimport RequestSending
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.incoming_response cimport IncomingResponse
from netloop.http.message_head cimport MessageHead
from netloop.http.outlet cimport Outlet
from netloop.http.receiver cimport MessageReceiver
from netloop.http.response_parser cimport ResponseParser

cdef Channel _UNASKED
cdef int _NO_BODY
cdef object _SETTINGS
cdef list _spare_parsers
cdef Py_ssize_t _most_spare


cdef class ClientExchange(MessageReceiver):
    cdef readonly object socket
    cdef readonly bint responded, served
    cdef ResponseParser _parser
    cdef Outlet _outlet
    cdef ClientRequest _request
    cdef IncomingResponse _response
    cdef MessageHead _head
    cdef bint _informational, _complete, _reusable, _peer_ended

    cdef object _start(self, object socket)
    # the request
    cpdef object serve(self, ClientRequest request)
    cpdef object _attach(self, ClientRequest request)
    cpdef object expect(self, RequestSending request)
    cpdef object give_up(self, RequestSending request)
    @cython.locals(request=ClientRequest)
    cpdef object _finish_exchange(self)
    # what the parser says
    @cython.locals(response=IncomingResponse, request=ClientRequest)
    cpdef object on_head(self, MessageHead head)
    @cython.locals(response=IncomingResponse, request=ClientRequest)
    cpdef object on_body(self, bytes chunk)
    @cython.locals(response=IncomingResponse, request=ClientRequest)
    cpdef object on_message_complete(self, list trailers)
    @cython.locals(response=IncomingResponse, request=ClientRequest)
    cpdef object on_upgrade(self, bytes rest)
    cpdef object on_error(self, object error)
    # between two exchanges
    cdef object _rest(self)
    @cython.locals(request=ClientRequest, early=bint)
    cdef object _receive(self, bytes data)
    cdef object _tell_unasked(self, object error)
    # what a response asks for
    cpdef object read_body(self, IncomingMessage message)
    # hooks
    cpdef object _set_idle_timeout(self, long long idle_ms)
    cdef object _over(self, bint keep_alive)
    cdef object _give_back(self, RequestSending request)
    cdef object _on_left(self)
    cdef object _lose(self, object error)


@cython.locals(parser=ResponseParser)
cdef ResponseParser _parser_for(ClientExchange exchange, object settings)
