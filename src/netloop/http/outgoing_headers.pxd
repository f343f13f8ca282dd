from netloop.http.head cimport OutgoingHead
from netloop.stream.writable cimport Writable


cdef class OutgoingHeaders(Writable):
    cdef dict _headers                  # lower-case name -> name as given, value; None when there are none
    cdef readonly bint _framed          # the head is made

    cdef OutgoingHead _begin_head(self)
