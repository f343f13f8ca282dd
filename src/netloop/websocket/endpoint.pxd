from netloop._engine.arity cimport most_arguments
from netloop.diagnostics cimport Channel
from netloop.events.emitter cimport EventEmitter
from netloop.websocket.connection cimport Connection

cdef Channel _ERROR, _CLOSE
cdef int _CONNECTING, _CLOSING, _CLOSED


cdef class Endpoint(EventEmitter):
    cdef readonly str protocol, extensions  # what was agreed on, or ""
    cdef readonly object _loop
    cdef readonly Wire _wire                # None until the opening handshake is done
    cdef readonly object _opening           # a client's opening handshake; None on a server
    cdef readonly object _options
    cdef str _binary_type
    cdef bint _wants_views                  # binary messages as memoryviews
    cdef object _message_listener           # the only one: it is called without a detour
    cdef bint _takes_data_only              # it does not ask whether the message is binary
    cdef readonly bint _closed
    cdef readonly object _refused_bytes
    cdef readonly object _messages          # for whoever iterates; or None
    cdef public object _slow_consumer, _heartbeat, _forget_server   # or None

    cpdef object _prepare(self, object options)
    # receiving
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)
    cdef object _find_message_listener(self)
    cdef object _deliver(self, object data, bint is_binary)
    cpdef object _emit_safely(self, object event, tuple arguments)
    # the end
    cdef object _fail(self, object error)
    cdef object _finish(self)
    cpdef object _let_go(self)


cdef class Wire(Connection):
    cdef Endpoint websocket
    cdef bint one_at_a_time

    cpdef object on_message(self, object data, bint is_binary)
    cpdef object on_ping(self, bytes data)
    cpdef object on_pong(self, bytes data)
    cdef object _rest(self)
    cpdef object on_failure(self, object error)
    cpdef object on_drain(self)
    cpdef object on_closed(self)
