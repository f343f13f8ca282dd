import cython

cdef int _HEADER_BYTES, _HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME, _ALPN, _HOST_NAME
cdef Py_ssize_t _LARGEST_HELLO, _MESSAGE_BYTES


cdef class HelloReader:
    cdef readonly bytearray received
    cdef bytearray _message
    cdef bytes _header
    cdef Py_ssize_t _missing

    @cython.locals(at=Py_ssize_t, part=bytes)
    cpdef object receive(self, bytes data)
    @cython.locals(message=bytearray, end=Py_ssize_t)
    cdef object _look(self, bint is_handshake)


@cython.locals(record=Py_ssize_t, message=Py_ssize_t)
cdef bint _is_whole(bytes data) except -1
cdef object _read_body(bytes data)
@cython.locals(at=Py_ssize_t, kind=cython.int, length=Py_ssize_t)
cdef object _read_extensions(bytes data)
@cython.locals(at=Py_ssize_t, length=Py_ssize_t)
cdef object _read_server_name(bytes names)
@cython.locals(at=Py_ssize_t)
cdef list _read_protocols(bytes names)
