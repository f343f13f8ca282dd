from netloop.diagnostics cimport Channel
from netloop.net.server cimport Server as NetServer

cdef Channel _CONNECTION


cdef class Server(NetServer):
    cdef readonly object _tls_options
    cdef readonly list _contexts
    cdef bint _alone
    cdef readonly object _handshaking

    cpdef object _accept(self, int fd)
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)
