from netloop.events.listener cimport call_fitting
from netloop.websocket.endpoint cimport Endpoint, Wire


cdef class SendingEndpoint(Endpoint):
    cdef object _sent(self, Wire wire, object callback)
    cdef object _refuse(self, object data, object callback)
