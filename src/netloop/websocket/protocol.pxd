from netloop.websocket.sender cimport Sender

cdef int _FIN, _CLOSE, _PONG


cdef class Protocol(Sender):
    # the facts, besides close_sent
    cdef readonly object close_received, failure
    cdef readonly bint eof_received
    # pongs
    cdef bint _auto_pong
    cdef Py_ssize_t _max_pending_pongs, _pending_pongs

    cpdef Py_ssize_t send_close(self, object code=*, str reason=*) except -1
    # receiving
    cpdef object receive_eof(self)
    cpdef object output_written(self)
    cpdef object on_ping(self, bytes data)
    cpdef object on_close(self, int code, str reason)
    cpdef object on_failure(self, object error)
