import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.settings cimport ParserSettings

cdef int _LENGTH, _CODING, _CONNECTION, _HOST, _UPGRADE

cpdef object read_version(MessageHead head, bytes version, bint insecure)
cpdef object read_request_framing(MessageHead head, ParserSettings settings)
cpdef object read_response_framing(MessageHead head, ParserSettings settings, str method)
@cython.locals(length=cython.longlong)
cdef object _read_length(MessageHead head)
cdef object _read_connection(MessageHead head)
cpdef object check_host(MessageHead head, ParserSettings settings)
cpdef bint are_field_lines(bytes section, Py_ssize_t at) except -1
cpdef bint refused_in_trailers(list trailers) except -1
