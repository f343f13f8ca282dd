from netloop.diagnostics cimport Channel
from netloop.http.client_head cimport RequestHead
from netloop.http.client_steps cimport RequestSteps
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.message_head cimport MessageHead
from netloop.http.outgoing_message cimport OutgoingMessage
from netloop.http.outlet cimport Outlet

cdef Channel _START, _SENT, _RESPONSE, _END, _ERROR, _REPLAY
cdef int _SOCKET, _SEND, _HEAD, _BODY, _CHUNKED


cdef class ClientRequest(RequestHead):
    cdef readonly object agent
    cdef readonly bint reused_socket
    cdef public bint aborted
    cdef readonly RequestSteps steps
    cdef readonly IncomingMessage response
    cdef public object _settings
    cdef readonly object _connection        # the ClientConnection, while it serves this
    cdef object _idle_ms                    # of set_timeout; None: the agent's
    # for a replay
    cdef readonly bytes _sent_body          # None: not kept
    cdef bint _replayed
    # the end
    cdef bint _over, _response_closed, _unsent
    cdef public bint _unheard
    cdef object _forget_signal

    # sending
    cpdef object end(self, object chunk=*, object encoding=*, object callback=*)
    cpdef object _assign(self, object connection, bint reused)
    cpdef bytes _make_head(self, long long length)
    cpdef object _begin(self, Outlet outlet)
    cpdef object _on_sent_all(self)
    cdef object _on_writable_finish(self)
    # what the connection hears
    cpdef object _on_information(self, MessageHead head)
    cpdef object _on_response(self, IncomingMessage response, bint leaving)
    # how it ends
    cpdef object _exchange_over(self)
    cdef object _close_if_done(self)
    cpdef object _on_response_lost(self, object error)
    cdef bint _may_replay(self, object connection, object error)
    cdef object _replay(self)
    cpdef object destroy(self, object error=*)
    cpdef object _destroy(self, object error, object callback)
    cdef object _annotate(self, object error)
