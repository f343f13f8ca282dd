import cython

from netloop._engine.timer_lists cimport Timer
from netloop.http.client_exchange cimport ClientExchange
from netloop.http.client_request cimport ClientRequest
from netloop.http.client_sending cimport RequestSending
from netloop.net.socket cimport Socket

cdef int _MOST_HINTS
cdef dict _hints


cdef class ClientConnection(ClientExchange):
    cdef readonly object agent, origin, options
    cdef bint _taken
    cdef object _error
    cdef IdleTimer _idle

    # between two exchanges
    cpdef object _set_idle_timeout(self, long long idle_ms)
    cdef object _over(self, bint keep_alive)
    cdef object _give_back(self, RequestSending request)
    cdef object rest(self, long long idle_ms)
    cdef object rouse(self)
    @cython.locals(socket=Socket)
    cdef bint usable(self) except -1
    @cython.locals(socket=Socket)
    cdef bint still_connected(self) except -1
    cpdef object retire(self)
    cdef long long keep_alive_hint(self) except -2
    # what the socket says
    cpdef object _on_data(self, bytes data)
    @cython.locals(request=ClientRequest)
    cdef object _lose(self, object error)
    cpdef object on_error(self, object error)
    cdef object _stop_listening(self)
    cdef object _on_left(self)


cdef class IdleTimer(Timer):
    cdef ClientConnection connection


cdef long long _keep_alive_hint(bytes parameters) except -2
