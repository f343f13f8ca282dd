from netloop._engine.listen_handle cimport ListenHandle
from netloop._engine.poller cimport Poller
from netloop.events.emitter cimport EventEmitter


cdef class HandleServer(EventEmitter):
    cdef readonly Poller _loop
    cdef readonly ServerHandle _handle      # None when not listening
    cdef readonly Py_ssize_t _connections
    cdef bint _refd, _closing
    cdef readonly bint _tcp                 # what it accepts is known to be TCP
    cdef public object _listening           # the listen() that is under way
    cdef public object _forget_signal       # ends the subscription to its signal
    cdef object _address, _file

    cpdef object _accept(self, int fd)
    cpdef object _connection_closed(self)


cdef class ServerHandle(ListenHandle):
    cdef HandleServer server
