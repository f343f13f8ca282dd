import cython

from netloop._engine.timer_lists cimport Timer
from netloop.diagnostics cimport Channel
from netloop.net.handle_stream cimport HandleStream
from netloop.net.socket cimport Socket
from netloop.stream.intake cimport push
from netloop.tls.ciphertext cimport CiphertextStream
from netloop.tls.record cimport RecordLayer

cdef Channel _READ, _END


cdef class EncryptedStream(CiphertextStream):
    cdef public bint truncated
    cdef readonly bint _is_client
    cdef object _waiting_end
    cdef int _close_timeout
    cdef CloseTimer _close_timer

    cdef object _set_up_stream(self, object carrier, bint is_client, int close_timeout)
    # opening
    cpdef object _open(self)
    cdef object _become_secure(self)
    # receiving
    cdef int _receive(self, bytes data) except -1
    cdef bytes _unpack(self, bytes data)
    @cython.locals(records=RecordLayer, plaintext=bytes, more=bint)
    cdef object _deliver(self)
    cdef int _finish_receiving(self) except -1
    cdef object _finish_plaintext(self)
    cpdef object _read(self, Py_ssize_t size)
    cdef object _read_start(self)
    cdef object _read_stop(self)
    cdef object _protocol_failed(self, object error)
    # ending
    cpdef object _final(self, object callback)
    cpdef object _destroy(self, object error, object callback)
    cdef int _handle_failed(self, int error, str syscall) except -1
    # hooks
    cpdef object _begin_handshake(self)
    cdef object _receive_handshake(self, bytes data)
    cdef object _handshake_cut(self)
    cdef object _end_handshake(self)
    cdef object _announce_secure(self)
    cdef object _look_for_session(self)


cdef class CloseTimer(Timer):
    cdef EncryptedStream socket
