from netloop._engine.timer_lists cimport Timer
from netloop.diagnostics cimport Channel
from netloop.stream.duplex cimport Duplex

cdef Channel _TIMEOUT


cdef class IdleStream(Duplex):
    cdef IdleTimer _idle

    cdef object _restore_timeout(self, long long duration)
    cdef int _stir(self) except -1
    cdef int _stop_idle_timer(self) except -1
    cdef object _on_idle(self)
    cdef Py_ssize_t _unsent_bytes(self) except -1


cdef class IdleTimer(Timer):
    cdef IdleStream stream
    cdef Py_ssize_t unsent
