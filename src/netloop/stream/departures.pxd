import cython

from netloop._engine.poller cimport Poller

cdef long long _LONGEST_WAIT_NS


cdef class Gatherer:
    cpdef object flush(self)


cdef class Departures:
    cdef list _gatherers
    cdef Poller _loop

    cdef int add(self, Gatherer gatherer, Poller loop) except -1
    cdef int _keep(self, Gatherer gatherer, Poller loop) except -1
    @cython.locals(gatherer=Gatherer)
    cpdef object leave(self)
