import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.parser cimport MessageParser
from netloop.http.rules cimport check_host, read_request_framing, read_version

cdef int _METHOD, _TARGET, _VERSION, _HOST, _LENGTH, _EXPECT, _NO_BODY, _FIXED, _CHUNKED
cdef Py_ssize_t _MOST_KNOWN
cdef dict _METHODS


cdef class RequestParser(MessageParser):
    cdef MessageHead _known
    cdef bytes _known_host, _known_method

    cpdef object _make_llhttp(self, object target)
    @cython.locals(known=MessageHead, head=MessageHead)
    cdef bint _read_familiar_head(self) except -1
    cdef int _get_to_know(self, MessageHead head) except -1
    cdef object _check_head(self, MessageHead head)
    cdef bint _decides_little(self, MessageHead head) except -1
    @cython.locals(target=str, method=bytes, insecure=bint)
    cdef object _read_start_line(self, MessageHead head)
