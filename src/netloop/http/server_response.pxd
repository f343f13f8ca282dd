from netloop._engine.references cimport is_ours_alone
from netloop._engine.tick_queue cimport recent
from netloop.http.date cimport date_line
from netloop.http.field_names cimport field_name
from netloop.http.framing cimport frame_response
from netloop.http.head cimport OutgoingHead, filled_head, new_head, status_line
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.informing_message cimport InformingMessage
from netloop.http.message_head cimport MessageHead
from netloop.http.outgoing_message cimport OutgoingMessage
from netloop.http.outlet cimport Outlet
from netloop.http.receiver cimport MessageReceiver
from netloop.stream.base cimport Stream


cdef class ResponseOwner(MessageReceiver):
    cpdef object response_sent(self, ServerResponse response)
    cpdef object response_destroyed(self, ServerResponse response)


cdef class ServerResponse(InformingMessage):
    cdef public object status_code
    cdef object _message                # what a program wants the status line to say
    cdef OutgoingHead _head             # what write_head fills, or has filled for a response before
    cdef bint _head_written
    cdef ResponseOwner _connection   # None when it has nothing to do with this any more
    cdef str _keep_alive_text
    cdef bint _refuses_body
    cdef public object _task            # of the listener, if that is a coroutine function
    cdef ServerResponse _next_spare     # while it waits for the next request: who waits behind it

    cdef object _start_for(self, IncomingMessage req)
    cdef bint _is_spare(self, Py_ssize_t references) except -1
    cdef object _forget(self)
    cdef object _belong(self, ResponseOwner connection, bint keep_alive, str keep_alive_text, bint refuses_body)
    cdef bint _has_head(self) except -1
    cdef OutgoingHead _complete_head(self, long long length)
    cdef object _refuse_body(self, bytes chunk)
    cpdef object _attach(self, Outlet outlet)
    cdef object _on_sent_all(self)
    cpdef object _lose_connection(self)
    cpdef object _destroy(self, object error, object callback)
    cpdef object _emit_closed(self)
    cdef object _emit_error(self, object error)
    cpdef bint _answer_failure(self) except -1
