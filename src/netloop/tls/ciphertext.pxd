import cython

from netloop.diagnostics cimport Channel
from netloop.net.socket cimport Socket
from netloop.tls.record cimport RecordLayer

cdef Channel _WRITE
cdef Py_ssize_t _CHUNK_BYTES, _ENOUGH, _MOST_ANSWERS, _MOST_HELD


cdef class CiphertextStream(Socket):
    cdef public RecordLayer _records
    cdef readonly object _carrier
    cdef readonly bint _secure
    cdef bint _sending, _promised, _delivering
    cdef list _behind, _gathered, _waiting
    cdef Py_ssize_t _gathered_size
    cdef Py_ssize_t _answers_behind
    cdef object _done, _waiting_callback
    cdef bytes _encrypted, _held

    cdef object _set_up_sending(self, object carrier)
    # writes
    @cython.locals(data=bytes, taken=Py_ssize_t)
    cdef Py_ssize_t _try_write(self, bytes chunk) except -2
    cpdef object _write(self, object chunk, object encoding, object callback)
    cpdef object _writev(self, list chunks, object callback)
    @cython.locals(records=RecordLayer)
    cdef object _encrypt(self, list chunks, object callback)
    cdef object _encrypt_what_waited(self)
    # what waits for more
    cdef bint _is_delivering(self) except -1
    @cython.locals(held=bytes)
    cdef bint _hold(self, bytes chunk) except -1
    @cython.locals(held=bytes)
    cdef bytes _take_held(self)
    @cython.locals(data=bytes, taken=Py_ssize_t)
    cdef object _pack(self)
    cdef object _pack_in_time(self)
    cdef object _gather(self, bytes data)
    cdef object _send_gathered(self)
    # what the record layer says by itself
    @cython.locals(data=bytes)
    cdef object _send_answer(self)
    cdef object _send_alert(self)
    cdef object _send_at_once(self, bytes data)
    # ciphertext
    cdef object _send_ciphertext(self, list pieces, object callback)
    @cython.locals(result=cython.int)
    cdef object _transmit(self, list pieces)
    @cython.locals(promised=bint)
    cdef object _transmitted(self, object error)
    # hook
    cdef object _handshake_failed(self, object error)
