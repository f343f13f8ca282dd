from netloop.http.agent_core cimport AgentCore
from netloop.http.agent_pool cimport AgentPool
from netloop.http.client_request cimport ClientRequest


cdef class Agent(AgentCore):
    cdef readonly str scheduling, protocol
    cdef readonly object default_port

    cpdef bint keep_socket_alive(self, object socket) except -1
    cpdef object reuse_socket(self, object socket, ClientRequest request)
