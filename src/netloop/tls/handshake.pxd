import cython

from netloop._engine.timer_lists cimport Timer
from netloop.diagnostics cimport Channel
from netloop.tls.choice cimport protocols_in_common
from netloop.tls.client_hello cimport HelloReader, read_whole_hello
from netloop.tls.options cimport TLSOptions
from netloop.tls.record cimport RecordLayer
from netloop.tls.secure_context cimport SecureContext
from netloop.tls.socket cimport TLSSocket

cdef Channel _START, _END, _ERROR


cdef class Handshake(Timer):
    cdef TLSSocket _socket
    cdef TLSOptions _options
    cdef object _choice, _key_log, _context
    cdef HelloReader _hello
    cdef bytes _received
    cdef bint _waits
    cdef long long _began

    @cython.locals(options=TLSOptions)
    cdef object begin(self)
    @cython.locals(whole=tuple, hello=tuple)
    cdef object receive(self, bytes data)
    # a server's choice
    @cython.locals(options=TLSOptions)
    cdef object _choose(self, tuple hello)
    @cython.locals(options=TLSOptions)
    cdef bint _has_a_choice(self) except -1
    cpdef object _chosen(self, SecureContext context, tuple protocols)
    cpdef object _refuse(self, object error, bytes alert)
    # the steps
    @cython.locals(options=TLSOptions)
    cdef object _connect(self, SecureContext chosen, tuple protocols, bytes received=*)
    cdef object _step(self)
    cdef object _tell_keys(self)
    # its end
    cdef object close(self)
    cdef object publish_end(self, TLSSocket socket)
