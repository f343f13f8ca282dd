import cython

from netloop.diagnostics cimport Channel
from netloop.http.client_head cimport RequestHead
from netloop.http.client_steps cimport RequestSteps
from netloop.http.head cimport OutgoingHead
from netloop.http.outgoing_message cimport OutgoingMessage
from netloop.http.outlet cimport Outlet
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport end

cdef Channel _SENT, _REPLAY
cdef int _SOCKET, _CHUNKED
cdef Py_ssize_t _REPLAYED_BODY_SIZE


cdef class RequestSending(RequestHead):
    cdef readonly object agent
    cdef readonly bint reused_socket
    cdef readonly RequestSteps steps
    cdef readonly object _connection        # the ClientConnection, while it serves this
    cdef public object _opening             # what gives it a connection, where that is not there at once
    cdef readonly long long _idle_ms        # of set_timeout; -1: the agent's
    cdef bytes _whole                       # the body, when nothing but a connection is missing
    cdef readonly bytes _sent_body          # kept for a replay; None: not kept
    cdef object _stream                     # of the connection, also when this is over
    cdef bint _begun                        # it was given its connection, and may write
    cdef bint _replayed
    cdef bint _unsent                       # the stream below lost the end of it

    cdef object _start_sending(self, object agent)
    # the end of the request
    @cython.locals(state=WritableState, body=bytes)
    cdef bint _end_at_once(self, bytes chunk) except -1
    @cython.locals(body=bytes)
    cdef object _end_in_steps(self, bytes chunk, object callback)
    @cython.locals(whole=bint)
    cdef object _keep_body(self, bytes body)
    cdef object _frame_at_end(self, long long length)
    cpdef object _abandon(self)
    cdef bint _may_send_whole(self) except -1
    # the connection is there
    cdef object _assign(self, object connection, object socket, bint reused)
    cdef object _begin(self, Outlet outlet)
    cpdef bint _wants_to_leave(self) except -1
    cdef bint _flush_expecting(self) except -1
    cdef object _send_in_steps(self, bytes body)
    cdef OutgoingHead _complete_head(self, long long length)
    cdef bint _nothing_sent(self) except -1
    # it was sent
    cdef object _on_sent_all(self)
    cdef object _close_if_done(self)
    cdef object _listener_added(self, object event)
    # once more
    cdef bint _may_replay(self, bint ended_early, object error) except -1
    cdef object _replay(self)
