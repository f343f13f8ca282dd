from netloop.http.server_response cimport ServerResponse


cdef class ResponseQueue:
    cdef readonly ServerResponse first
    cdef readonly Py_ssize_t count
    cdef list _others               # behind the first

    cdef object add(self, ServerResponse response)
    cdef object remove_first(self)
    cdef ServerResponse newest(self)
    cdef object remove_newest(self)
    cdef list all(self)
    cdef list take_all(self)
