import cython

from netloop.http.head cimport OutgoingHead, new_head, status_line
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.outgoing_message cimport OutgoingMessage
from netloop.http.outlet cimport Outlet


cdef class InformingMessage(OutgoingMessage):
    cdef readonly IncomingMessage req
    cdef list _information              # that waits for the outlet
    cdef public bint _expected          # the client may wait for `100 Continue` with its body

    @cython.locals(head=OutgoingHead)
    cpdef object _inform(self, object status, object headers, object callback)
    cdef object _send_information(self, Outlet outlet)
