from netloop._engine.poller cimport Continuation
from netloop.http.message_head cimport MessageHead


cdef class MessageReceiver(Continuation):
    cpdef object on_head(self, MessageHead head)
    cpdef object on_body(self, bytes chunk)
    cpdef object on_message_complete(self, list trailers)
    cpdef object on_upgrade(self, bytes rest)
    cpdef object on_error(self, object error)
