from netloop._engine.field_buffer cimport is_value

cpdef object validate_header_name(object name, str label=*)
cpdef object validate_header_value(object name, object value)
cdef str _shown(str text)
