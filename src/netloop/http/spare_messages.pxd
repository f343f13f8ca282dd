import cython

from netloop.http.server_response cimport ServerResponse


cdef class SpareMessages:
    cdef public Py_ssize_t most
    cdef public ServerResponse answered
    cdef ServerResponse _first
    cdef Py_ssize_t _count

    @cython.locals(answered=ServerResponse, spare=ServerResponse)
    cdef ServerResponse take(self)
    cdef object give_back(self, ServerResponse response, Py_ssize_t references)
