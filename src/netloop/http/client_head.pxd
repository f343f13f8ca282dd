from netloop.http.client_options cimport RequestOptions
from netloop.http.framing cimport frame_request
from netloop.http.head cimport OutgoingHead
from netloop.http.outgoing_message cimport OutgoingMessage

cdef frozenset _NO_CONTENT_EXPECTED


cdef class RequestHead(OutgoingMessage):
    cdef readonly str protocol, host
    cdef readonly str _method, _path
    cdef readonly RequestOptions _options
    cdef readonly list _fields
    cdef bint _expecting
    cdef readonly bint _keep_alive, _upgrading
    cdef OutgoingHead _sent_head

    cdef object _start_head(self, RequestOptions options)
    cdef OutgoingHead _complete_head(self, long long length)
    cdef object _refuse_body(self, bytes chunk)
