from netloop.diagnostics cimport Channel
from netloop.net.handle_server cimport HandleServer
from netloop.net.socket cimport Socket, accepted

cdef Channel _CONNECTION, _DROP


cdef class Server(HandleServer):
    cdef readonly bint allow_half_open, pause_on_connect
    cdef public bint drop_max_connection
    cdef readonly object _high_water_mark, _block_list
    cdef list _options_for_tcp
    cdef object _max_connections

    cpdef bint _admits(self, int fd) except -1
