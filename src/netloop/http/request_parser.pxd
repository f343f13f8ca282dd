import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.parser cimport MessageParser
from netloop.http.rules cimport check_host, frame_request, read_version

cdef int _METHOD, _TARGET, _VERSION, _HOST
cdef dict _METHODS


cdef class RequestParser(MessageParser):
    cdef bytes _known_host, _known_method

    cpdef object _make_llhttp(self, object target)
    cdef object _check_head(self, MessageHead head)
    @cython.locals(target=str, method=bytes, insecure=bint)
    cdef object _read_start_line(self, MessageHead head)
