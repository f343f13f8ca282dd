from netloop.diagnostics cimport Channel
from netloop.stream.duplex cimport Duplex
from netloop.websocket.deflate cimport Deflate
from netloop.websocket.endpoint cimport Wire
from netloop.websocket.sending cimport SendingEndpoint

cdef Channel _OPEN, _ERROR
cdef int _CONNECTING, _OPENED, _CLOSING, _CLOSED


cdef class WebSocket(SendingEndpoint):
    cdef public str url                     # a client's; "" on a server

    cpdef object _open(self, Duplex socket, bytes head, object agreement, bint is_server)
