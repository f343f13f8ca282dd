from netloop.events.emitter cimport EventEmitter
from netloop.http.agent_pool cimport AgentPool, Origin
from netloop.http.client_connection cimport ClientConnection
from netloop.http.client_request cimport ClientRequest


cdef class Agent(EventEmitter):
    cdef readonly dict options
    cdef readonly bint keep_alive
    cdef readonly object keep_alive_msecs, timeout, default_port
    cdef readonly str scheduling, protocol
    cdef AgentPool _pool
    cdef long long _buffer_ms
    cdef readonly object _proxies

    cpdef object add_request(self, ClientRequest request, object options)
    cdef object _reuse(self, ClientConnection connection, ClientRequest request)
    cpdef object _open(self, Origin origin, object request, object options)
    cpdef object _released(self, ClientConnection connection)
    cdef long long _idle_timeout(self, ClientConnection connection) except -2
    cpdef object _removed(self, ClientConnection connection)
    cdef object _feed_hungry(self)
