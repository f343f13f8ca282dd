import cython

from netloop._engine.poller cimport Poller
from netloop.http.outlet cimport Outlet

cdef long long _LONGEST_WAIT_NS


cdef class Departures:
    cdef list _outlets

    cdef int add(self, Outlet outlet, Poller loop) except -1
    @cython.locals(outlet=Outlet)
    cpdef object leave(self)
