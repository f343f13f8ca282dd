import cython

cdef int _HEADER_BYTES, _HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME, _ALPN, _HOST_NAME
cdef Py_ssize_t _MOST_RECEIVED, _MESSAGE_BYTES


@cython.locals(record=Py_ssize_t, message=Py_ssize_t)
cpdef tuple read_whole_hello(bytes data)


cdef class HelloReader:
    cdef bytearray received
    cdef bytearray _message
    cdef bytes _header
    cdef Py_ssize_t _missing

    @cython.locals(at=Py_ssize_t, found=tuple, part=bytes)
    cpdef tuple receive(self, bytes data)
    @cython.locals(message=bytearray, end=Py_ssize_t)
    cdef tuple _look(self, bint is_handshake)


cdef tuple _read_body(bytes data, Py_ssize_t at)
@cython.locals(kind=cython.int, length=Py_ssize_t)
cdef tuple _read_extensions(bytes data, Py_ssize_t at)
@cython.locals(at=Py_ssize_t, length=Py_ssize_t)
cdef object _read_server_name(bytes names)
@cython.locals(at=Py_ssize_t)
cdef list _read_protocols(bytes names)
