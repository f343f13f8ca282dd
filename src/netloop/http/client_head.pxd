from netloop.http.framing cimport frame_request
from netloop.http.head cimport OutgoingHead, request_line
from netloop.http.outgoing_message cimport OutgoingMessage


cdef class RequestHead(OutgoingMessage):
    cdef readonly str protocol, host
    cdef readonly str _method, _path
    cdef readonly object _options
    cdef readonly list _fields
    cdef bint _expecting
    cdef readonly bint _keep_alive, _upgrading
    cdef bytes _sent_head

    cpdef object _start_head(self, object options)
    cpdef bytes _make_head(self, long long length)
