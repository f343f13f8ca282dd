from netloop.tls.socket cimport TLSSocket


cdef class Choice:
    cdef TLSSocket _socket
    cdef object _options, _hello, _chosen, _refuse, _context

    cpdef object begin(self)
    cpdef object _named(self, object error, object context)
    cdef object _choose_protocol(self)
    cpdef object _answered(self, object error, object answer)
    cdef object _finish(self, object protocol)
    cdef object _server_context(self, tuple protocols)
