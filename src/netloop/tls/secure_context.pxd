cdef class SecureContext:
    cdef readonly list _keys
    cdef object _authorities, _in_pfx, _revocations, _versions, _ciphers, _curve, _dhparam, _options
    cdef bint _server_order, _partial_chain
    cdef object _uses

    cpdef object for_client(self, bint verify, tuple protocols, object psk=*)
    cpdef object for_server(self, object verify, tuple protocols, object psk=*)
    cdef object _context(self, bint is_server, object verify, tuple protocols, object psk=*)
