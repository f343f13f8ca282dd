cdef class ParserSettings:
    cdef readonly Py_ssize_t max_header_size
    cdef readonly Py_ssize_t max_fields         # of the flat list: two for a field
    cdef readonly bint insecure
    cdef readonly bint require_host_header
