from netloop.stream.state cimport ReadableState
from netloop.tls.encrypted cimport EncryptedStream


cdef class TLSSocket(EncryptedStream):
    cdef public bint authorized
    cdef public object authorization_error, alpn_protocol, servername
    cdef readonly object _options, _handshake, _tls_server
    cdef public object _host, _session
    cdef object _last_session

    cpdef object _set_up_tls(self, object options, object carrier, object server)
    cpdef object _listener_added(self, object event)
    cpdef object _look_for_session(self)


cpdef TLSSocket accepted(object server, object options, int fd, list system_options)
