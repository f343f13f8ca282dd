cdef class ParserSettings:
    cdef readonly Py_ssize_t max_header_size
    cdef readonly Py_ssize_t max_headers_count
    cdef readonly str validation
    cdef readonly Py_ssize_t max_fields         # of the flat list: two for a field
    cdef readonly bint insecure, relaxed
    cdef readonly bint require_host_header
