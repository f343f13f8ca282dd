from netloop._engine.arity cimport most_arguments
from netloop._engine.datagram_batch cimport Departure, new_departure
from netloop._engine.datagram_handle cimport DatagramHandle
from netloop._engine.peers cimport Peer, find_peer
from netloop._engine.poller cimport Poller
from netloop.diagnostics cimport Channel
from netloop.events.emitter cimport EventEmitter

cdef Channel _MESSAGE, _SEND, _DROP, _ERROR, _CLOSE
cdef Py_ssize_t _LARGEST_FOR_SURE


cdef class Endpoint(EventEmitter):
    cdef readonly str type
    cdef readonly int _family
    cdef public Poller _loop
    cdef readonly DatagramSocketHandle _handle    # None until bound, and after close()
    cdef public bint _connected
    cdef public bint _closed
    cdef readonly bint _closed_told
    cdef readonly bint _refd
    cdef Py_ssize_t _pauses                 # iterations that have more than enough
    cdef object _message_listener           # the only one, if it takes both arguments: it is called without a detour
    cdef public object _receive_block_list, _send_block_list

    # receiving
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)
    cdef object _find_message_listener(self)
    cdef object _receive(self, bytes message, object sender)
    cdef object _receive_failed(self, int error, str syscall)

    # sending
    cpdef Departure _depart(self, Departure departure)
    cpdef object _departed(self, Departure departure, object failure)


cdef class DatagramSocketHandle(DatagramHandle):
    cdef public Endpoint socket
