from netloop._engine.poller cimport Poller
from netloop._engine.tick_queue cimport recent
from netloop._engine.timer_lists cimport Timer

cdef int _IDLE, _REQUEST, _LINGER


cdef class Clocks:
    cdef object _connection             # untyped: the modules would import each other
    cdef Poller _loop
    cdef ConnectionTimer _idle, _headers, _request
    cdef public bint active             # a message came or was sent since the idle clock was set
    cdef bint _coming                   # a request has begun to come, and its clocks run
    cdef bint _in_head                  # its head is coming; told to checks only
    cdef long long _coming_since        # nanoseconds, in the time of loops; for checks
    cdef long long _idle_since          # the same

    cpdef object nothing_is_coming(self)
    cpdef object head_is_coming(self)
    cpdef object body_is_coming(self)
    cpdef object message_came(self)


cdef class ConnectionTimer(Timer):
    cdef object connection
    cdef int kind
