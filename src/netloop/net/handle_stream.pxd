import cython

from netloop._engine.references cimport begin_without_attributes
from netloop._engine.stream_handle cimport StreamHandle
from netloop.diagnostics cimport Channel
from netloop.stream.duplex cimport Duplex
from netloop.stream.idle_stream cimport IdleStream
from netloop.stream.intake cimport push
from netloop.stream.state cimport ReadableState, WritableState
from netloop.stream.writing cimport write

cdef Channel _READ, _WRITE, _END, _ERROR, _CLOSE


cdef class HandleStream(IdleStream):
    cdef public bint connecting
    cdef readonly SocketHandle _handle      # None until connected, and after destroy()
    cdef readonly bint _refd
    cdef bint _peer_finished
    cdef long long _bytes_received, _bytes_sent
    # what waits for the handle: the write in flight, and the end
    cdef list _unsent
    cdef object _sent_callback
    cdef object _final_callback
    # onread
    cdef object _buffer, _buffer_source, _buffer_callback

    # opening
    cpdef object _start(self, object loop, object high_water_mark, bint allow_half_open)
    cpdef object _own(self, int fd, bint tcp)
    cpdef object _open(self)
    # receiving
    cdef int _receive(self, bytes data) except -1
    cdef bytes _unpack(self, bytes data)
    cdef int _receive_into(self, Py_ssize_t size) except -1
    cdef object _receive_now(self)
    cdef int _finish_receiving(self) except -1
    cpdef object _read(self, Py_ssize_t size)
    # sending
    cpdef bint write(self, object chunk, object encoding=*, object callback=*) except -1
    @cython.locals(taken=Py_ssize_t)
    cdef Py_ssize_t _try_write(self, bytes chunk) except -2
    cpdef object _write(self, object chunk, object encoding, object callback)
    cpdef object _writev(self, list chunks, object callback)
    @cython.locals(result=cython.int)
    cdef object _send(self, list pieces, object callback)
    cdef int _flushed(self) except -1
    cdef object _pack(self)
    @cython.locals(result=cython.int)
    cpdef object _final(self, object callback)
    cdef object _finish(self, object callback)
    # ending
    cdef int _handle_failed(self, int error, str syscall) except -1
    cpdef object _destroy(self, object error, object callback)
    cpdef object _emit_closed(self)
    cdef object _forget_listeners(self)


cdef class SocketHandle(StreamHandle):
    cdef HandleStream socket
