import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.parser cimport MessageParser
from netloop.http.rules cimport check_host, frame_request, read_version

cdef int _SPACE
cdef dict _METHODS


cdef class RequestParser(MessageParser):
    cdef bytes _known_host

    cpdef object _make_llhttp(self, object target)
    cdef object _check_head(self, MessageHead head)
    @cython.locals(text=cython.p_uchar, at=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, end=Py_ssize_t,
                   method=bytes, target=bytes, name=str)
    cdef object _read_start_line(self, MessageHead head)
