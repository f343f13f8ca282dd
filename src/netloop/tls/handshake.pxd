from netloop._engine.timer_lists cimport Timer
from netloop.diagnostics cimport Channel
from netloop.tls.client_hello cimport HelloReader
from netloop.tls.record cimport RecordLayer
from netloop.tls.socket cimport TLSSocket

cdef Channel _START, _END, _ERROR


cdef class Handshake(Timer):
    cdef TLSSocket _socket
    cdef object _options, _choice, _key_log, _context
    cdef HelloReader _hello
    cdef bint _waits
    cdef long long _began

    cpdef object begin(self)
    cpdef object receive(self, bytes data)
    # a server's choice
    cdef object _choose(self, object hello)
    cpdef object _chosen(self, object context)
    cpdef object _refuse(self, object error, bytes alert)
    # the steps
    cdef object _connect(self, object context, bytes received=*)
    cdef object _step(self)
    cdef object _tell_keys(self)
    # its end
    cpdef object close(self)
    cpdef object publish_end(self, TLSSocket socket)
