from netloop.http.client_options cimport RequestOptions
from netloop.http.client_request cimport ClientRequest


cpdef ClientRequest request_by(object agent, str protocol, object args, dict options)
cpdef ClientRequest get_by(object agent, str protocol, object args, dict options)
cdef RequestOptions _options(object agent, str protocol, object url, dict options)
