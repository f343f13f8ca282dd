import cython

from netloop.events.emitter cimport EventEmitter
from netloop.http.agent_pool cimport AgentPool, Origin
from netloop.http.client_connection cimport ClientConnection
from netloop.http.client_options cimport RequestOptions
from netloop.http.client_request cimport ClientRequest

cdef Py_ssize_t _MOST_NAMES


cdef class AgentCore(EventEmitter):
    cdef readonly dict options
    cdef readonly bint keep_alive
    cdef readonly object keep_alive_msecs, timeout
    cdef AgentPool _pool
    cdef long long _buffer_ms
    cdef readonly object _proxies
    cdef dict _names
    cdef bint _serves_waiting

    # a request wants a connection
    @cython.locals(pool=AgentPool, origin=Origin, connection=ClientConnection)
    cpdef object add_request(self, ClientRequest request, RequestOptions options)
    cdef str _name_of(self, RequestOptions options)
    cdef bint _reused(self, ClientConnection connection, ClientRequest request) except -1
    cpdef object _open(self, Origin origin, object request, object options)
    # a connection is free, or gone
    @cython.locals(origin=Origin)
    cpdef object _released(self, ClientConnection connection)
    cdef bint _keeps(self, ClientConnection connection) except -1
    cdef object _tell_free(self, ClientConnection connection)
    cdef long long _idle_timeout(self, ClientConnection connection) except -2
    cpdef object _removed(self, ClientConnection connection)
    cdef object _serve_waiting(self)
    # hooks
    cpdef bint keep_socket_alive(self, object socket) except -1
    cpdef object reuse_socket(self, object socket, ClientRequest request)
