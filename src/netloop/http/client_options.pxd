cdef class RequestOptions:
    cdef readonly str protocol, host, method, path
    cdef readonly int port, default_port
    cdef readonly object socket_path, auth, headers, timeout, signal, create_connection, settings
    cdef readonly bint set_host, set_default_headers, join_duplicate_headers
    cdef readonly int max_redirects
    cdef readonly frozenset joined_names
    cdef readonly dict connect, own_headers
    cdef readonly bint only_address
    cdef public object proxy


cpdef str checked_method(object method)
cpdef str checked_path(object path)
cdef str _checked_host(object host, str name)
