cpdef bint is_value(str text) except -1
cpdef object validate_header_name(object name, str label=*)
cpdef object validate_header_value(object name, object value)
cdef str _shown(str text)
