from netloop.stream.state cimport ReadableState
from netloop.tls.inspected cimport InspectedStream


cdef class TLSSocket(InspectedStream):
    cdef public bint authorized
    cdef public object authorization_error, alpn_protocol, servername
    cdef readonly object _handshake, _tls_server, _model
    cdef public object _host, _session
    cdef object _last_session

    cpdef object _set_up_tls(self, object options, object carrier, object server)
    cdef object _listener_added(self, object event)
    cdef object _forget_listeners(self)
    # the handshake
    cdef object _handshake_done(self)
    cdef object _verify(self)
    cdef object _asked_name(self)
    cdef object _context_for(self, str name)
    cdef object _session_for(self, object context)
    cdef bint _wants_key_log(self) except -1
    cpdef object _look_for_session(self)


cpdef TLSSocket accepted(object server, object options, int fd, list system_options)
