import cython

from netloop.http.field_names cimport FieldName, field_name
from netloop.http.head cimport OutgoingHead, new_head
from netloop.http.tokens cimport validate_header_name, validate_header_value
from netloop.stream.writable cimport Writable


cdef class OutgoingHeaders(Writable):
    cdef dict _headers                  # lower-case name -> name as given, value; None when there are none
    cdef public frozenset _joined_names    # of the option `unique_headers`
    cdef readonly bint _framed          # the head is made
    cdef set _removed                   # lower-case names of fields that shall not be sent, also when there were none

    cdef set _note_removed(self, OutgoingHead head)
    @cython.locals(known=FieldName)
    cpdef object set_header(self, object name, object value)
    cdef bint _has_head(self) except -1
    cdef object _refuse_after_head(self, str verb)
    cdef OutgoingHead _begin_head(self, OutgoingHead spare)


cdef object _check_value(str name, object value)
