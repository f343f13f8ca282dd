from netloop.http.incoming_message cimport IncomingMessage


cdef class IncomingResponse(IncomingMessage):
    cdef public object _request

    cpdef object _emit_closed(self)
