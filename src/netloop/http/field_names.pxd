import cython

from netloop.http.tokens cimport validate_header_name

cdef dict _KINDS, _known
cdef int _MOST_KNOWN, _LONGEST_KNOWN


cdef class FieldName:
    cdef readonly str spelled, lower
    cdef readonly int kind


@cython.locals(known=FieldName)
cpdef FieldName field_name(object name)
