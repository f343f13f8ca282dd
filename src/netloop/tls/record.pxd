import cython

from netloop._engine.attempt cimport succeeds

cdef Py_ssize_t _LARGEST_PLAINTEXT, _HEADER_BYTES, _CHUNK_BYTES, _LARGEST_RECORD, _LEAST_OVERHEAD
cdef bint _is_bare
cdef object _give, _take, _shake_hands, _decrypt, _encrypt, _say_goodbye
cdef int _CHANGE_CIPHER_SPEC, _APPLICATION_DATA, _NO_TLS


cdef class RecordLayer:
    cdef readonly bint ended, aside
    cdef object _failure
    cdef object _connection, _incoming, _outgoing
    cdef bint _begun, _established
    cdef bytes _data, _header, _plaintext
    cdef Py_ssize_t _offset, _missing, _given

    cpdef object alpn_protocol(self)
    # receiving
    cpdef object receive(self, bytes data)
    @cython.locals(size=Py_ssize_t)
    cdef bint _comes_alone(self, bytes data) except -1
    cpdef bint handshake(self) except -1
    @cython.locals(pieces=list, first=bytes, piece=bytes, size=Py_ssize_t)
    cpdef bytes read(self)
    cpdef bint has_more(self) except -1
    @cython.locals(size=Py_ssize_t, plaintext=bytes)
    cdef bytes _open_record(self)
    @cython.locals(data=bytes, start=Py_ssize_t, size=Py_ssize_t, at=Py_ssize_t, complete=Py_ssize_t, step=Py_ssize_t)
    cdef bint _feed(self, Py_ssize_t limit) except -1
    @cython.locals(header=bytes, taken=Py_ssize_t, kind=cython.int, version=cython.int, length=Py_ssize_t)
    cdef Py_ssize_t _read_header(self, bytes data, Py_ssize_t at) except -1
    # sending
    cpdef bytes encrypt(self, bytes plaintext)
    @cython.locals(whole=bytes)
    cpdef list encrypt_all(self, list chunks)
    cdef bytes _encrypt_view(self, object view)
    cpdef bytes data_to_send(self)
    cpdef bytes close(self)
