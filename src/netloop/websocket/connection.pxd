from netloop._engine.timer_lists cimport Timer
from netloop.stream.duplex cimport Duplex
from netloop.stream.sink cimport Sink
from netloop.websocket.outbound cimport Outbound

cdef Py_ssize_t _INFLATED_IN_THREAD


cdef class Connection(Outbound):
    cdef readonly Py_ssize_t close_timeout
    cdef bint _ending                       # the socket was ended
    cdef bint _end_waits                    # the peer has finished; what it sent before may still wait
    cdef public bint heard                  # something came: whoever asks resets it
    cdef tuple _inflated                    # a message, or why it is none, that waits to be delivered
    cdef ClosingTimer _closing_timer

    cpdef object attach(self, Duplex socket, bytes head, Py_ssize_t close_timeout, Py_ssize_t high_water_mark)
    # hooks
    cpdef object on_closed(self)
    # receiving
    cpdef object receive(self, bytes chunk)
    cpdef object pause_receiving(self)
    cpdef object resume_receiving(self)
    cdef object _finish_receiving(self)
    # inflating in threads
    cpdef bint _inflate_later(self, int opcode, bytes payload) except -1
    cdef object _deliver_inflated(self)
    # ending
    cdef object _proceed_closing(self)
    cdef object _end(self)
    cpdef object destroy_socket(self)
    cpdef object stop_closing_timer(self)


cdef class Incoming(Sink):
    cdef Connection connection

    cdef object take(self, object chunk)


cdef class ClosingTimer(Timer):
    cdef Connection connection
