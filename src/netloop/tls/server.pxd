from netloop.diagnostics cimport Channel
from netloop.net.server cimport Server as NetServer
from netloop.tls.options cimport TLSOptions
from netloop.tls.socket cimport accepted, over_stream

cdef Channel _CONNECTION


cdef class Server(NetServer):
    cdef readonly TLSOptions _tls_options
    cdef readonly list _contexts
    cdef bint _alone
    cdef readonly set _handshaking

    cpdef object _accept(self, int fd)
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)
