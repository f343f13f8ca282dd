import cython

from netloop._engine.timer_lists cimport Timer
from netloop.events.listener cimport call_fitting
from netloop.stream.duplex cimport Duplex
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport write
from netloop.websocket.protocol cimport Protocol

cdef Py_ssize_t _JOINED_BYTES


cdef class Connection(Protocol):
    cdef readonly object loop
    cdef readonly Duplex socket             # None when it is closed
    cdef readonly Py_ssize_t close_timeout, high_water_mark
    cdef WritableState _writing             # the socket's
    cdef bint _drain_is_owed                # is_full() said so
    cdef bint _marked                       # an empty write is under way
    cdef bint _ending                       # the socket was ended
    cdef bint _end_waits                    # the peer has finished; what it sent before may still wait
    cdef public bint heard                  # something came: whoever asks resets it
    cdef list _callbacks                    # of what was sent since the last mark
    cdef ClosingTimer _closing_timer

    cpdef object attach(self, Duplex socket, bytes head, Py_ssize_t close_timeout, Py_ssize_t high_water_mark)
    # hooks
    cpdef object on_drain(self)
    cpdef object on_closed(self)
    # receiving
    cpdef object receive(self, bytes chunk)
    cpdef object pause_receiving(self)
    cpdef object resume_receiving(self)
    cdef object _finish_receiving(self)
    # sending
    cpdef object settle(self)
    cpdef object settle_after_send(self)
    @cython.locals(socket=Duplex)
    cdef object _flush(self)
    cdef object _mark(self)
    cdef object _written(self)
    cpdef object call_when_written(self, object callback)
    cpdef bint is_full(self) except -1
    # ending
    cdef object _proceed_closing(self)
    cdef object _end(self)
    cpdef object destroy_socket(self)
    cpdef object stop_closing_timer(self)


cdef class ClosingTimer(Timer):
    cdef Connection connection
