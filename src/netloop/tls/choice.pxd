from netloop.tls.options cimport TLSOptions
from netloop.tls.secure_context cimport SecureContext


cpdef object protocols_in_common(TLSOptions options, tuple offered)


cdef class Choice:
    cdef object _handshake, _socket, _task
    cdef TLSOptions _options
    cdef object _name
    cdef tuple _offered
    cdef SecureContext _context

    cpdef object begin(self)
    cpdef object _named(self, object error, object context)
    cdef object _choose_protocol(self)
    cpdef object _answered(self, object error, object answer)
    cdef object _finish(self, tuple protocols)
    cpdef object cancel(self)
