from netloop._engine.poller cimport Poller
from netloop._engine.listen_handle cimport ListenHandle
from netloop.diagnostics cimport Channel
from netloop.events.emitter cimport EventEmitter
from netloop.net.socket cimport Socket, accepted

cdef Channel _CONNECTION, _DROP


cdef class Server(EventEmitter):
    cdef readonly Poller _loop
    cdef readonly ServerHandle _handle      # None when not listening
    cdef object _max_connections
    cdef public bint drop_max_connection
    cdef readonly object _settings, _block_list, _high_water_mark
    cdef list _options_to_set
    cdef readonly bint allow_half_open, pause_on_connect
    cdef readonly Py_ssize_t _connections
    cdef bint _refd, _closing
    cdef readonly bint _tcp                 # what it accepts is known to be TCP
    cdef public object _listening           # the listen() that is under way
    cdef public object _forget_signal       # ends the subscription to its signal
    cdef object _address, _file

    cpdef object _accept(self, int fd)
    cpdef object _connection_closed(self)


cdef class ServerHandle(ListenHandle):
    cdef Server server
