from netloop.stream.duplex cimport Duplex
from netloop.stream.gatherer cimport Gatherer
from netloop.stream.writing cimport write

cdef Py_ssize_t _SMALL, _ENOUGH
cdef object _WRITE


cdef class Outlet(Gatherer):
    cdef readonly Duplex stream
    cdef bint _direct
    cdef bytes _first                   # gathered; None when nothing is
    cdef list _others                   # after it
    cdef Py_ssize_t _size               # bytes in all of them
    cdef list _callbacks                # for when they are gone
    cdef int _holders
    cdef bint _release_due              # one of the holders is a tick

    cpdef object send(self, bytes data, object callback=*)
    cpdef object send_soon(self, bytes data, object callback=*)
    cpdef object after_all(self, object callback)
    cpdef object hold(self)
    cpdef object release(self)
    cpdef object _release_now(self)
    cdef bint is_empty(self) except -1
    cpdef bint is_full(self) except -1
    cdef object _write(self, bytes data, object callback)
    cpdef object flush(self)
