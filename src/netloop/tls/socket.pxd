import cython

from netloop.events.emitter cimport EventEmitter
from netloop.net.server cimport Server as NetServer
from netloop.stream.state cimport ReadableState
from netloop.tls.inspected cimport InspectedStream
from netloop.tls.options cimport TLSOptions

cdef class TLSSocket(InspectedStream)   # as far as the handshake must know it

from netloop.tls.handshake cimport Handshake


cdef class TLSSocket(InspectedStream):
    cdef public bint authorized
    cdef public object authorization_error, alpn_protocol, servername
    cdef readonly Handshake _handshake
    cdef readonly object _tls_server, _model
    cdef public object _host, _session
    cdef object _last_session
    cdef set _handshaking

    cdef object _set_up_tls(self, TLSOptions options, object carrier, object server)
    cdef object _listener_added(self, object event)
    cdef object _forget_listeners(self)
    @cython.locals(server=EventEmitter)
    cdef object _announce_secure(self)
    @cython.locals(handshake=Handshake)
    cdef object _end_handshake(self)
    # the handshake
    cdef object _handshake_done(self)
    @cython.locals(options=TLSOptions)
    cdef object _verify(self)
    cdef object _asked_name(self)
    cpdef object _context_for(self, object name)
    cdef object _session_for(self, object context)
    @cython.locals(server=EventEmitter)
    cdef bint _wants_key_log(self) except -1
    cdef object _look_for_session(self)


@cython.locals(socket=TLSSocket, state=ReadableState)
cpdef TLSSocket accepted(NetServer server, TLSOptions options, int fd, list system_options)
@cython.locals(socket=TLSSocket)
cpdef TLSSocket over_stream(NetServer server, TLSOptions options, object stream)
