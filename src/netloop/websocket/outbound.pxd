import cython

from netloop._engine.poller cimport Poller
from netloop.events.listener cimport call_fitting
from netloop.stream.duplex cimport Duplex
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport write
from netloop.websocket.protocol cimport Protocol

cdef Py_ssize_t _JOINED_BYTES, _COMPRESSED_IN_THREAD


cdef class Outbound(Protocol):
    cdef readonly Poller loop
    cdef readonly Duplex socket             # None when it is closed
    cdef readonly Py_ssize_t high_water_mark
    cdef WritableState _writing             # the socket's
    cdef bint _drain_is_owed                # is_full() said so
    cdef bint _marked                       # an empty write is under way
    cdef list _callbacks                    # of what was put out since the last mark

    cdef object _attach_output(self, Duplex socket, Py_ssize_t high_water_mark)
    # hooks
    cpdef object on_drain(self)
    cdef object _proceed_closing(self)
    cdef object _end(self)
    cpdef object destroy_socket(self)
    # writing
    cpdef object settle(self)
    cpdef object settle_after_send(self)
    @cython.locals(socket=Duplex)
    cdef object _flush(self)
    cdef object _mark(self)
    cdef object _written(self)
    # telling
    cpdef object call_when_written(self, object callback)
    cpdef object call_when_put_out(self, object callback)
    cdef object _detach_output(self)
    cdef list _take_callbacks(self)
    @cython.locals(waiting=Py_ssize_t)
    cpdef bint is_full(self) except -1
    # compressing in threads
    cpdef bint _compress_later(self, int first, bytes payload, bint final) except -1
    cpdef object finish_backlog(self)
