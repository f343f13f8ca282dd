import cython

from netloop.http.client_connection cimport ClientConnection


cdef class Origin:
    cdef readonly str name
    cdef readonly dict active, idle
    cdef readonly object waiting
    cdef public int opening


cdef class AgentPool:
    cdef public object max_sockets, max_total_sockets, max_free_sockets
    cdef readonly bint newest_first
    cdef readonly dict origins
    cdef readonly int total, waiting

    cdef Origin origin(self, str name)
    @cython.locals(connection=ClientConnection)
    cdef ClientConnection take_idle(self, Origin origin)
    cdef bint may_open(self, Origin origin) except -1
    cdef object open(self, Origin origin)
    cdef object _spare(self)
    cdef object wait(self, Origin origin, object request, object options)
    cpdef object leave(self, Origin origin, object request)
    cdef object opened(self, ClientConnection connection)
    cdef object open_failed(self, Origin origin)
    cdef bint may_keep(self, Origin origin) except -1
    @cython.locals(origin=Origin)
    cdef object keep(self, ClientConnection connection)
    @cython.locals(origin=Origin)
    cdef bint remove(self, ClientConnection connection) except -1
    cdef object _forget_empty(self, Origin origin)
    cdef object next_waiting(self, Origin origin)
    cdef tuple next_to_open(self)
