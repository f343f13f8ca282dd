from netloop.http.head cimport OutgoingHead, new_head
from netloop.stream.writable cimport Writable


cdef class OutgoingHeaders(Writable):
    cdef dict _headers                  # lower-case name -> name as given, value; None when there are none
    cdef public frozenset _joined_names    # of the option `unique_headers`
    cdef readonly bint _framed          # the head is made
    cdef set _removed                   # lower-case names of fields that shall not be sent, also when there were none

    cdef set _note_removed(self, OutgoingHead head)
    cdef OutgoingHead _begin_head(self)
