import cython

cdef int _HOST, _LENGTH, _CODING, _CONNECTION, _UPGRADE, _EXPECT, _KEEP_ALIVE
cdef int _LONGEST, _COLON, _SPACE, _TAB, _CR, _LF, _LOWER_CASE, _NO_BODY
cdef dict _NOTED


cdef class MessageHead:
    cdef public str method, url             # of a request
    cdef public int status                  # of a response
    cdef public str reason
    cdef public int minor_version
    cdef public int framing
    cdef public long long content_length
    cdef public bint keep_alive, upgrade
    cdef readonly bytes expect, keep_alive_parameters
    # noted for `rules`
    cdef readonly bytes host, length, coding, connection, upgrade_to
    cdef readonly bint host_repeated, length_repeated
    cdef bytes _section
    cdef Py_ssize_t _first_field            # where in it
    cdef list _fields                       # None until somebody asks
    cdef Py_ssize_t _most

    cdef int read(self, bytes section, Py_ssize_t most) except -1
    @cython.locals(text=cython.p_uchar, start=Py_ssize_t, at=Py_ssize_t, byte=cython.uchar)
    cdef int _look_for_noted(self, bytes section, Py_ssize_t size) except -1
    @cython.locals(text=cython.p_uchar, colon=Py_ssize_t, name=bytes)
    cdef int _look_at(self, bytes section, Py_ssize_t start, Py_ssize_t end) except -1
    cdef int _note(self, int kind, bytes value) except -1


@cython.locals(text=cython.p_uchar, size=Py_ssize_t, start=Py_ssize_t)
cpdef list split_fields(bytes section, Py_ssize_t at, Py_ssize_t most)
@cython.locals(text=cython.p_uchar)
cdef bytes stripped(bytes section, Py_ssize_t start, Py_ssize_t end)
cpdef bytes unfold(bytes section)
