from .poller cimport Handle
from .timer_lists cimport Timer


cdef class ListenHandle(Handle):
    cdef Retry _retry
    cpdef int start(self) except -1
    cdef int _accept_failed(self, int error) except -1
    cpdef on_connection(self, int fd)
    cpdef on_error(self, int error, str syscall)


cdef class Retry(Timer):
    cdef ListenHandle _handle
