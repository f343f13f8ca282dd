import cython

from netloop._engine.framing cimport frame, frame_head, masked_frame
from netloop._engine.utf8 cimport validate
from netloop.diagnostics cimport Channel
from netloop.websocket.deflate cimport Deflate
from netloop.websocket.masking_keys cimport MaskingKeys
from netloop.websocket.receiver cimport Receiver

cdef Channel _FRAME
cdef int _FIN, _RSV1
cdef int _TEXT, _BINARY, _PING, _PONG
cdef Py_ssize_t _MOST_CONTROL_BYTES, _JOINED_BYTES


cdef class Sender(Receiver):
    cdef readonly object close_sent         # the Close; nothing can be sent after it
    cdef bytes _output                      # the first piece, mostly the only one, and those behind it
    cdef list _more_output
    cdef readonly Py_ssize_t output_size    # bytes that wait for take_output
    cdef readonly object _backlog           # what waits for a message to be compressed; or None
    cdef public Py_ssize_t backlog_size     # bytes of it
    cdef MaskingKeys _keys
    cdef bint _sending                      # in the middle of a message
    cdef bint _sending_compressed

    @cython.locals(payload=bytes, first=cython.int, deflate=Deflate)
    cpdef Py_ssize_t send(self, object data, bint final=*, object binary=*, bint compress=*) except -1
    cpdef Py_ssize_t send_ping(self, object data=*) except -1
    cpdef Py_ssize_t send_pong(self, object data=*) except -1
    cpdef Py_ssize_t send_frame(self, bytes whole, Py_ssize_t size, bint forget=*) except -1
    cpdef Py_ssize_t put_whole(self, bytes whole, Py_ssize_t size, bint forget) except -1
    cdef int _check_open(self) except -1
    cdef Py_ssize_t _send_control_frame(self, int opcode, object data) except -1
    # output
    cpdef bint _compress_later(self, int first, bytes payload, bint final) except -1
    cdef Py_ssize_t _send_frame(self, int first, bytes payload) except -1
    @cython.locals(size=Py_ssize_t, whole=bytes)
    cpdef Py_ssize_t put_frame(self, int first, bytes payload) except -1
    cdef int _put_out(self, bytes piece) except -1
    @cython.locals(first=bytes, more=list)
    cpdef list take_output(self)
    cdef object _publish_sent(self, int first, Py_ssize_t size)


@cython.locals(text=str)
cdef bytes _payload(object data)
