import cython

from netloop._engine.head_lines cimport HeadLines

cdef int _COLON, _SPACE, _TAB, _CR, _LF, _NO_BODY, _EXPECT, _KEEP_ALIVE


cdef class MessageHead(HeadLines):
    cdef public str method, url             # of a request
    cdef public int status                  # of a response
    cdef public str reason
    cdef public int minor_version
    cdef public int framing
    cdef public long long content_length
    cdef public bint keep_alive, upgrade
    cdef Py_ssize_t _most

    cdef int read(self, bytes section, Py_ssize_t most) except -1
    cdef bint read_another(self, MessageHead known, bytes data, Py_ssize_t start) except -1
    cdef int _start(self, Py_ssize_t most) except -1


@cython.locals(text=cython.p_uchar, size=Py_ssize_t, start=Py_ssize_t)
cpdef list split_fields(bytes section, Py_ssize_t at, Py_ssize_t most)
@cython.locals(text=cython.p_uchar)
cdef bytes stripped(bytes section, Py_ssize_t start, Py_ssize_t end)
cpdef bytes unfold(bytes section)
