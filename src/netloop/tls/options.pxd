from netloop.tls.secure_context cimport SecureContext


cdef class TLSOptions:
    cdef public bint is_server, verify, request_cert, negotiates
    cdef public SecureContext context
    cdef public object verify_mode
    cdef public tuple protocols
    cdef public object check_identity, sni_callback, alpn_callback, psk
    cdef public int handshake_timeout, close_timeout

    cdef object ssl_context(self, SecureContext context, tuple protocols)
