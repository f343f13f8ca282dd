from .datagram_batch cimport ArrivalBatch, Departure
from .peers cimport Peer, socket_name
from .poller cimport Handle
from .timer_lists cimport Timer
from .unix cimport socklen_t


cdef class DatagramHandle(Handle):
    # opening
    cdef socket_name _bound_name
    cdef socklen_t _bound_size
    cpdef int bind(self, Peer peer) except? -1
    cpdef int adopt(self) except? -1
    cpdef int connect(self, Peer peer) except? -1
    cpdef int disconnect(self) except? -1

    # receiving
    cdef bint _in_batch                 # what its listeners send leaves when it is through
    cpdef int read_start(self) except -1
    cpdef int read_stop(self) except -1
    cdef int _receive(self) except -1
    cdef int _deliver(self, ArrivalBatch batch) except -1
    cpdef on_message(self, bytes message, object sender)
    cpdef on_error(self, int error, str syscall)

    # sending
    cdef list _departures
    cdef Py_ssize_t _head               # the first that is not sent
    cdef readonly Py_ssize_t queued_bytes
    cdef bint _segmented                # runs of messages of one size to one peer may leave as one
    cdef bint _collecting               # an immediate will flush
    cdef bint _blocked                  # the kernel's buffer is full
    cdef Retry _retry
    cpdef int send(self, Departure departure) except -1
    cdef int _collect(self) except -1
    cdef int _flush(self) except -1
    cdef int _note_sent(self, Py_ssize_t count) except -1
    cdef int _note_failed(self, int error) except -1
    cdef int _block(self) except -1
    cdef int _unblock(self) except -1
    cdef int _resume(self) except -1
    cpdef on_departed(self, Departure departure)


cdef class Retry(Timer):
    cdef DatagramHandle _handle
