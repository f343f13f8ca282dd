import cython

from netloop._engine.listener_table cimport ListenerTable
from netloop.events.emitter cimport EventEmitter, is_coroutine
from netloop.events.listener cimport call_fitting
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.server_response cimport ServerResponse
from netloop.http.spare_messages cimport SpareMessages
from netloop.stream.duplex cimport Duplex


cdef class Service:
    cdef readonly EventEmitter server
    cdef readonly set connections
    cdef public bint closing
    cdef public object parser_settings
    cdef readonly str keep_alive_text
    cdef readonly long long keep_alive_timeout
    cdef public long long keep_alive_timeout_buffer, headers_timeout, request_timeout, timeout
    cdef public Py_ssize_t high_water_mark
    cdef readonly long long max_requests_per_socket
    cdef public bint http_allow_half_open, join_duplicate_headers, reject_non_standard_body_writes, cancel_handlers
    cdef public bint optimize_empty_requests
    cdef public object joined_names     # of `unique_headers`
    cdef object _request_class, _response_class
    cdef public object should_upgrade, emptied, checks
    cdef readonly SpareMessages spares
    cdef object _usual                  # the listener that was seen to take both arguments

    # connections
    cpdef object forget(self, object connection)
    # requests
    @cython.locals(request=IncomingMessage)
    cpdef IncomingMessage make_request(self, Duplex socket, ServerResponse spare)
    @cython.locals(response=ServerResponse)
    cpdef ServerResponse make_response(self, IncomingMessage request, ServerResponse spare)
    @cython.locals(listeners=ListenerTable)
    cpdef bint handle(self, object event, IncomingMessage request, ServerResponse response) except -1
    cdef bint _call(self, object listener, IncomingMessage request, ServerResponse response) except -1


cdef object _fail(ServerResponse response)
cpdef object _task_done(ServerResponse response, object task)
