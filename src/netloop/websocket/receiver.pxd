import cython

from netloop._engine.masking cimport unmasked_text
from netloop._engine.payload_buffer cimport PayloadBuffer
from netloop.diagnostics cimport Channel
from netloop.websocket.deflate cimport Deflate
from netloop.websocket.frame_reader cimport FrameReader

cdef Channel _FRAME
cdef int _FIN, _RSV1, _OPCODE
cdef int _TEXT, _BINARY, _PING, _PONG


cdef class Receiver(FrameReader):
    cdef public bint fragments              # deliver binary messages as a list of their fragments
    cdef public object owner                # whom diagnostics name
    cdef readonly Deflate deflate
    # limits
    cdef long long _max_payload
    cdef Py_ssize_t _max_fragments
    cdef bint _validating
    # the message under way, when it is not whole in a chunk
    cdef bint _compressed
    cdef Py_ssize_t _fragment_count
    cdef long long _message_size
    cdef PayloadBuffer _buffer
    cdef list _pieces
    # the frame under way
    cdef bint _final
    cdef unsigned int _offset               # of the next byte in the frame, modulo 4

    # hooks
    cpdef object on_message(self, object data, bint is_binary)
    cpdef object on_ping(self, bytes data)
    cpdef object on_pong(self, bytes data)
    cpdef object on_close(self, int code, str reason)
    # data frames
    @cython.locals(start=Py_ssize_t, stop=Py_ssize_t)
    cdef bint _start_data_frame(self, int first, long long size) except -1
    cdef bint _check_limits(self, int first, long long size) except -1
    cdef object _start_payload(self, int first, long long size)
    @cython.locals(buffer=PayloadBuffer, start=Py_ssize_t, stop=Py_ssize_t, opcode=cython.int, pieces=list)
    cdef bint _read_payload(self) except -1
    # whole messages
    @cython.locals(deflate=Deflate)
    cdef object _finish_message(self, int opcode, bint compressed, bytes payload)
    cpdef bint _inflate_later(self, int opcode, bytes payload) except -1
    cdef object _finish_inflated(self, int opcode, bytes payload)
    cdef object _finish_text(self, str text)
    # control frames
    cdef object _take_control_frame(self, int opcode, bytes payload)
    cdef object _stop(self)
    cdef object _publish(self, int first, long long size)


cdef str _text(bytes payload, str errors)
