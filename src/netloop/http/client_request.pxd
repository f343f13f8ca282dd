from netloop.diagnostics cimport Channel
from netloop.http.client_ending cimport RequestEnding
from netloop.http.incoming_response cimport IncomingResponse
from netloop.http.message_head cimport MessageHead

cdef Channel _START, _RESPONSE
cdef int _HEAD


cdef class ClientRequest(RequestEnding):
    cdef public object _settings

    # what the connection hears
    cpdef object _on_information(self, MessageHead head)
    cdef object _on_response(self, IncomingResponse response, bint leaving)
    cpdef object _on_timeout(self, IncomingResponse response)
